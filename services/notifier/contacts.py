"""How to reach people, with a memory for citizens who were looked up lately."""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import replace

from services.notifier.models import Reach
from services.notifier.models.inbound import PHONE
from services.notifier.models.officer import STAFF
from services.notifier.store import ContactStore, StaffContactStore

REMEMBERED = 20_000
ANSWERED = Reach("en", "")
"""A phone that gets an answer: the answer names it itself, and has its words."""
FRESH = 5.0
"""Seconds for which another replica's change of a contact may not be seen here."""


class Contacts:
    """How to reach citizens, who are kept in memory for some seconds, and members of staff (`staff:<account>`)."""

    def __init__(
        self, store: ContactStore, staff: StaffContactStore | None = None, uncarried: frozenset[str] = frozenset()
    ) -> None:
        """`uncarried`: channels without a provider. They reach citizens as little as an address that fails."""
        self._store = store
        self._staff = staff
        self._uncarried = uncarried
        self._known: OrderedDict[str, tuple[float, Reach]] = OrderedDict()

    async def reaches(self, ids: Collection[str]) -> dict[str, Reach]:
        """How to reach those of them who are known."""
        if members := [one for one in ids if one.startswith(STAFF)]:
            citizens = await self.reaches([one for one in ids if not one.startswith(STAFF)])
            return citizens | await self._members(members)
        if phones := [one for one in ids if one.startswith(PHONE)]:
            citizens = await self.reaches([one for one in ids if not one.startswith(PHONE)])
            return citizens | dict.fromkeys(phones, ANSWERED)
        fresh = time.monotonic() - FRESH
        found = {c: self._known[c][1] for c in ids if c in self._known and self._known[c][0] > fresh}
        missing = [citizen for citizen in ids if citizen not in found]
        if missing:
            read = await self._store.reaches(missing)
            if self._uncarried:
                read = {one: replace(reach, failing=reach.failing | self._uncarried) for one, reach in read.items()}
            found |= read
            self._known.update({citizen: (time.monotonic(), reach) for citizen, reach in read.items()})
        for citizen in found:
            if citizen in self._known:
                self._known.move_to_end(citizen)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    async def _members(self, ids: Collection[str]) -> dict[str, Reach]:
        """How to reach members of staff; always asked for, so that nothing goes to one who was disabled just now."""
        found = await self._staff.reaches([one.removeprefix(STAFF) for one in ids]) if self._staff else {}
        return {f"{STAFF}{account}": reach for account, reach in found.items()}

    def changed(self, ids: Iterable[str]) -> None:
        """Look these up again."""
        for citizen in ids:
            self._known.pop(citizen, None)
