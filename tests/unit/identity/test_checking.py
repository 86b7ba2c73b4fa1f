"""Asking the registry about many citizens: a citizen without an answer does not hold up the others."""

from datetime import timedelta

from structlog.testing import capture_logs

from services.identity.citizens.registry import RegistryAwayError, RegistryRestingError, Verdict
from services.identity.citizens.service.registry_checks import RegistryChecks
from tests.unit.identity.world import World


class Sure:
    """A registry that confirms everybody."""

    async def ask(self, cnic: str, name: str) -> Verdict:
        """Confirm the identity."""
        return "confirmed"

    async def close(self) -> None:
        """Nothing is open."""


async def test_other_consumers_are_asked_nevertheless(world: World) -> None:
    first, second = await world.verified(), await world.verified()
    broken, whole = await world.citizen(first), await world.citizen(second)
    broken.cnic = whole.cnic
    await world.stores.citizens.save_many([broken])
    checking = RegistryChecks(world.stores.citizens, Sure(), world.ring, world.clock, again=timedelta(seconds=60))
    with capture_logs() as lines:
        assert await checking.sweep() == 1
    assert (await world.citizen(second)).identity == "confirmed"
    assert [line for line in lines if line["event"] == "seal.broken"] == [
        {"event": "seal.broken", "log_level": "error", "purpose": "citizen.cnic", "owner": broken.id}
    ]


class Upset:
    """A registry that fails for the CNICs in `by`, and after five failures in a row for all, until it gets a pause."""

    def __init__(self) -> None:
        self.by: set[str] = set()
        self.failures = 0

    async def ask(self, cnic: str, name: str) -> Verdict:
        """Confirm the identity, or fail."""
        if self.failures == 5:
            self.failures = 0
            raise RegistryRestingError
        if cnic in self.by:
            self.failures += 1
            raise RegistryAwayError("status 500")
        self.failures = 0
        return "confirmed"

    async def close(self) -> None:
        """Nothing is open."""


async def test_failing_registry_check_delays_no_other_citizen(world: World) -> None:
    registry = Upset()
    checking = RegistryChecks(world.stores.citizens, registry, world.ring, world.clock, again=timedelta(seconds=60))
    registry.by = {(await world.verified()).cnic}
    others = [await world.verified() for _ in range(3)]
    assert await checking.sweep() == 3
    assert [(await world.citizen(other)).identity for other in others] == ["confirmed"] * 3


async def test_successful_logins_do_not_reach_the_limit(world: World) -> None:
    registry = Upset()
    checking = RegistryChecks(world.stores.citizens, registry, world.ring, world.clock, again=timedelta(seconds=60))
    registry.by = {(await world.verified()).cnic for _ in range(6)}
    other = await world.verified()
    for _ in range(50):
        await checking.sweep()
    assert (await world.citizen(other)).identity == "confirmed"


async def test_idle_account_is_not_ended(world: World) -> None:
    registry = Upset()
    checking = RegistryChecks(world.stores.citizens, registry, world.ring, world.clock, again=timedelta(seconds=60))
    registry.by = {(await world.verified()).cnic for _ in range(12)}
    with capture_logs() as lines:
        await checking.sweep()
    assert [line["error"] for line in lines] == [*["status 500"] * 5, "resting"]
