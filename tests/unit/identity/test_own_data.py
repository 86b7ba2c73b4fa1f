"""The export of the caller's own data is complete."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from services.identity.accounts.models.access import AccessNote
from services.identity.accounts.store.accesses import AccessTrailStore
from services.identity.citizens.service.own_data import ACCESS_PAGE, OwnData
from tests.unit.identity.world import World


class Looks:
    """Many looks at one citizen's data."""

    def __init__(self, newest: datetime, count: int) -> None:
        self._notes = [AccessNote(id=f"{n:06}", what="request", at=newest - timedelta(hours=n)) for n in range(count)]

    async def of_citizen(
        self, citizen_id: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[AccessNote]:
        """The looks after the cursor."""
        later = [note for note in self._notes if before is None or note.id > before[1]]
        return later[:limit]


async def test_sessions_devices_and_every_look_are_in_it(world: World) -> None:
    form = await world.verified()
    citizen = (await world.logged_in(form)).account
    looks = cast(AccessTrailStore, Looks(world.clock.now, 2 * ACCESS_PAGE + 1))
    stores = world.stores
    own = OwnData(stores.citizens, stores.sessions, stores.devices, looks, world.ring, world.clock)
    export = await own.export(citizen)
    assert (len(export["sessions"]), len(export["devices"])) == (1, 1)
    assert len({look["at"] for look in export["accesses"]}) == 2 * ACCESS_PAGE + 1
    assert "secret" not in str(export)
