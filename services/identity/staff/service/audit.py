"""The audit of administrative acts: entering them in the chain, reading them, and proving that none was changed."""

from functools import partial

import structlog

from services.identity.accounts.models.audit import AdminAct, Entry, broken_at, entry_after
from services.identity.accounts.ports import AuditEntries, DepartmentSecrets
from shared.changing import OvertakenError, retry_overtaken
from shared.seal import KeyRing

READ_AT_ONCE = 1000

log = structlog.get_logger(__name__)


class Audit:
    """The use cases."""

    def __init__(self, entries: AuditEntries, keys: KeyRing) -> None:
        self._entries = entries
        self._keys = keys

    async def enter(self, act: AdminAct) -> None:
        """Put an act at the end of the chain, once. Raises ContendedError when too many do so at once."""
        await retry_overtaken(partial(self._enter_once, act))

    async def _enter_once(self, act: AdminAct) -> None:
        entry = entry_after(await self._entries.last(), act, self._keys.blind)
        if await self._entries.add(entry):
            # The log is kept elsewhere: a chain that was cut off or made anew does not match it.
            log.info("audit.entered", n=entry.n, hash=entry.hash, what=act.what.value, by=act.by, of=act.of)
        elif not await self._entries.has(act.id):
            raise OvertakenError

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


class DepartmentActs:
    """Brings acts from the copies of departments into the audit."""

    def __init__(self, departments: DepartmentSecrets, audit: Audit) -> None:
        self._departments = departments
        self._audit = audit

    async def sweep(self) -> int:
        """Enter what is left; how many departments. An act that is entered already is not entered again."""
        left = await self._departments.with_acts()
        for department in left:
            for act in department.acts:
                await self._audit.enter(AdminAct.of_document(act))
            department.acts = []
        if left:
            await self._departments.save_many(
                left
            )  # a record that changed meanwhile keeps all of them for the next sweep
        return len(left)
