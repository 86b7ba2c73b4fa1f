"""Asking the registry about many: one whose values do not open keeps nobody else waiting."""

from structlog.testing import capture_logs

from services.identity.registry.port import Verdict
from services.identity.service.checking import Checking
from tests.unit.identity.world import World


class Sure:
    """A registry that confirms everybody."""

    async def ask(self, cnic: str, name: str) -> Verdict:
        """Yes."""
        return "confirmed"

    async def close(self) -> None:
        """Nothing is open."""


async def test_the_others_are_asked_about_all_the_same(world: World) -> None:
    first, second = await world.verified(), await world.verified()
    broken, whole = await world.citizen(first), await world.citizen(second)
    broken.cnic = whole.cnic
    await world.stores.citizens.save_many([broken])
    checking = Checking(world.stores.citizens, Sure(), world.ring, world.clock, again=60)
    with capture_logs() as said:
        assert await checking.sweep() == 1
    assert (await world.citizen(second)).identity == "confirmed"
    assert [line for line in said if line["event"] == "seal.broken"] == [
        {"event": "seal.broken", "log_level": "error", "place": "citizen.cnic", "of": broken.id}
    ]
