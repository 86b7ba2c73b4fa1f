"""The audit of administrative acts: entering acts in the chain, reading them, and checking the chain."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog

from services.identity.accounts.models.audit import AuditedAct, Entry, broken_at, entry_after
from services.identity.staff.store.audit import AuditStore
from services.identity.staff.store.departments import ActStore
from shared.changing import OvertakenError, retry_overtaken
from shared.seal import KeyRing

BATCH = 1000

log = structlog.get_logger(__name__)


class Audit:
    """The use cases."""

    def __init__(self, entries: AuditStore, keys: KeyRing) -> None:
        self._entries = entries
        self._keys = keys

    async def enter(self, act: AuditedAct) -> None:
        """Append an act to the chain, once. Raises ContendedError if too many do so at once."""
        await retry_overtaken(partial(self._enter_once, act))

    async def _enter_once(self, act: AuditedAct) -> None:
        entry = entry_after(await self._entries.last(), act, self._keys.blind)
        if await self._entries.add(entry):
            # The log is stored elsewhere: a truncated or rewritten chain does not match it.
            log.info("audit.entered", n=entry.n, hash=entry.hash, what=act.what.value, by=act.by, of=act.of)
        elif not await self._entries.has(act.id):
            raise OvertakenError

    async def page(self, before: int | None, limit: int) -> list[Entry]:
        """Entries, newest first, below that number."""
        return await self._entries.page(before, limit)

    async def verify(self) -> tuple[int, int | None]:
        """The number of entries, and the number of the first that is altered or missing (None: intact)."""
        head = await self._entries.head()
        count, last, broken = 0, None, None
        while page := await self._entries.after(last.n if last else 0, BATCH):
            count += len(page)
            broken = broken or broken_at(page, last, self._keys.blind)
            last = page[-1]
        reached = last.n if last else 0
        return count, broken or (reached + 1 if reached < head else None)


class OtherServicesActs:
    """Records acts on departments, services and routing rules in the audit, as events of other services report them."""

    def __init__(self, stores: Sequence[ActStore[Any]], audit: Audit) -> None:
        self._stores = stores
        self._audit = audit

    async def sweep(self) -> int:
        """Enter the waiting acts, each once; returns for how many records."""
        return sum([await self._enter(store) for store in self._stores])

    async def _enter(self, store: ActStore[Any]) -> int:
        waiting = await store.with_acts()
        for record in waiting:
            for act in record.acts:
                await self._audit.enter(AuditedAct.of_document(act))
            record.acts = []
        if waiting:
            await store.save_many(waiting)  # one that changed meanwhile is left to the next sweep
        return len(waiting)
