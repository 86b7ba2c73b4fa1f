"""How to reach citizens, with a memory for those who were looked up lately."""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable

from services.notifier.models import Reach
from services.notifier.store import ContactStore

REMEMBERED = 20_000
FRESH = 5.0
"""Seconds for which another replica's change of a contact may not be seen here."""


class Contacts:
    """How to reach citizens; who was looked up lately is kept in memory for some seconds."""

    def __init__(self, store: ContactStore) -> None:
        self._store = store
        self._known: OrderedDict[str, tuple[float, Reach]] = OrderedDict()

    async def reaches(self, ids: Collection[str]) -> dict[str, Reach]:
        """How to reach those of the citizens who are known."""
        fresh = time.monotonic() - FRESH
        found = {c: self._known[c][1] for c in ids if c in self._known and self._known[c][0] > fresh}
        missing = [citizen for citizen in ids if citizen not in found]
        if missing:
            read = await self._store.reaches(missing)
            found |= read
            self._known.update({citizen: (time.monotonic(), reach) for citizen, reach in read.items()})
        for citizen in found:
            if citizen in self._known:
                self._known.move_to_end(citizen)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    def changed(self, ids: Iterable[str]) -> None:
        """Look these up again."""
        for citizen in ids:
            self._known.pop(citizen, None)
