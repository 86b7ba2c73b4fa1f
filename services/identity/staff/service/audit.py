"""The audit of administrative acts: entering them in the chain, reading them, and proving that none was changed."""

import asyncio

import structlog

from services.identity.accounts.models.audit import Act, Entry, broken_at, entry_after
from services.identity.accounts.ports import AuditEntries
from shared.errors import UnavailableError
from shared.seal import KeyRing

TURNS = 50
READ_AT_ONCE = 1000

log = structlog.get_logger(__name__)


class Audit:
    """The use cases."""

    def __init__(self, entries: AuditEntries, keys: KeyRing) -> None:
        self._entries = entries
        self._keys = keys

    async def enter(self, act: Act) -> None:
        """Put an act at the end of the chain, once. Raises UnavailableError when too many do so at once."""
        for turn in range(TURNS):
            await asyncio.sleep(0.002 * turn)
            entry = entry_after(await self._entries.last(), act, self._keys.blind)
            if await self._entries.add(entry):
                # The log is kept elsewhere: a chain that was cut off or made anew does not match it.
                log.info("audit.entered", n=entry.n, hash=entry.hash, what=act.what.value, by=act.by, of=act.of)
                return
            if await self._entries.has(act.id):
                return
        raise UnavailableError(headers={"Retry-After": "1"})

    async def page(self, before: int | None, limit: int) -> list[Entry]:
        """Entries, newest first, below that number."""
        return await self._entries.page(before, limit)

    async def verify(self) -> tuple[int, int | None]:
        """How many entries there are, and the number of the first that is altered or missing (None: all hold)."""
        head = await self._entries.head()
        count, last, broken = 0, None, None
        while page := await self._entries.after(last.n if last else 0, READ_AT_ONCE):
            count += len(page)
            broken = broken or broken_at(page, last, self._keys.blind)
            last = page[-1]
        reached = last.n if last else 0
        return count, broken or (reached + 1 if reached < head else None)
