"""Records looks of staff at requests before anything is shown; concurrent ones share a write."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from services.requests.request.models.access_log import AccessLogEntry, access_log_entry
from services.requests.request.models.request import Request
from shared.auth import Principal
from shared.clock import Clock, utc_now
from shared.errors import UnavailableError
from shared.groupcommit import GroupCommit, OverloadedError

REMEMBERED = 20_000


class AccessLogEntries(Protocol):
    """The store of the access trail."""

    async def insert_many(self, records: Sequence[AccessLogEntry]) -> list[str | None]:
        """Insert new ones; for each None, or the name of the index in its way."""


class AccessLog:
    """The access trail. Looks of one person at one request within an hour are one entry; listings within a day."""

    def __init__(self, store: AccessLogEntries, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._written: OrderedDict[str, None] = OrderedDict()
        self._commit: GroupCommit[AccessLogEntry, str | None] = GroupCommit(self._insert)

    async def note_list(self, principal: Principal, requests: Sequence[Request]) -> None:
        """Record that these requests are listed for the principal; returns when that is durable.

        Raises UnavailableError when too much is waiting.
        """
        await asyncio.gather(*(self.note(principal, request, listed=True) for request in requests))

    async def note(
        self, principal: Principal, request: Request, *, of: str | None = None, listed: bool = False
    ) -> None:
        """Record an access; returns when that is durable. `of` is the citizen concerned, if not the filer.

        Raises UnavailableError when too much is waiting.
        """
        viewer = (principal.id, principal.role, principal.department)
        entry = access_log_entry(request, *viewer, self._clock(), of=of, listed=listed)
        if entry is None or entry.id in self._written:
            return
        try:
            await self._commit.submit(entry)  # an entry that another replica has already written is fine too
        except OverloadedError:
            raise UnavailableError(after=1) from None
        self._written[entry.id] = None
        if len(self._written) > REMEMBERED:
            self._written.popitem(last=False)

    async def _insert(self, entries: Sequence[AccessLogEntry]) -> Sequence[str | None]:
        """Insert each entry of a batch once: several readers may bring the same one."""
        distinct = {entry.id: entry for entry in entries}
        clashes = dict(zip(distinct, await self._store.insert_many([*distinct.values()]), strict=True))
        return [clashes[entry.id] for entry in entries]
