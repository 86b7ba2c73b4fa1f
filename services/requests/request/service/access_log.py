"""Looks of staff at requests are written down before anything is shown; looks that come together share a write."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from services.requests.request.models.access_log import AccessLogEntry, access_log_entry
from services.requests.request.models.request import Request
from shared.auth import Principal
from shared.clock import Clock, utc_now
from shared.errors import UnavailableError
from shared.groupcommit import GroupCommit, OverloadedError

REMEMBERED = 20_000


class AccessLogEntries(Protocol):
    """Where looks are kept."""

    async def insert_many(self, records: Sequence[AccessLogEntry]) -> list[str | None]:
        """Insert new ones; for each None, or the name of the index in its way."""


class AccessLog:
    """The trail. Within an hour one entry tells of all looks of one person at one request; of lists within a day."""

    def __init__(self, store: AccessLogEntries, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._written: OrderedDict[str, None] = OrderedDict()
        self._commit: GroupCommit[AccessLogEntry, str | None] = GroupCommit(_inserting(store))

    async def note_list(self, principal: Principal, requests: Sequence[Request]) -> None:
        """Write down that somebody is shown these as lines of a list; returns when that is durable.

        Raises UnavailableError when too much is waiting.
        """
        await asyncio.gather(*(self.note(principal, request, listed=True) for request in requests))

    async def note(
        self, principal: Principal, request: Request, *, of: str | None = None, listed: bool = False
    ) -> None:
        """Write the look down; returns when that is durable. `of` is the citizen whom it is about, if not the filer.

        Raises UnavailableError when too much is waiting.
        """
        who = (principal.id, principal.role, principal.department)
        look = access_log_entry(request, *who, self._clock(), of=of, listed=listed)
        if look is None or look.id in self._written:
            return
        try:
            await self._commit.submit(look)  # a look that is there already, written by another replica, is as good
        except OverloadedError:
            raise UnavailableError(headers={"Retry-After": "1"}) from None
        self._written[look.id] = None
        if len(self._written) > REMEMBERED:
            self._written.popitem(last=False)


def _inserting(store: AccessLogEntries) -> Callable[[Sequence[AccessLogEntry]], Awaitable[Sequence[str | None]]]:
    """Insert each look of a batch once: several readers may bring the same one."""

    async def insert(looks: Sequence[AccessLogEntry]) -> Sequence[str | None]:
        unlike = list({look.id: look for look in looks}.values())
        clashes = dict(zip((look.id for look in unlike), await store.insert_many(unlike), strict=True))
        return [clashes[look.id] for look in looks]

    return insert
