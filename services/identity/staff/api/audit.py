"""The audit of administrative acts, for auditors."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel

from services.identity.accounts.api.bodies import no_store
from services.identity.accounts.models.audit import ABOUT_CITIZENS, Entry, What
from services.identity.staff.api.staff import UsesStaff
from shared.auth import needs
from shared.clock import Moment
from shared.paging import CursorInvalidError
from shared.rights import Right
from shared.routes import Router

router = Router(
    prefix="/api/v1/admin/audit",
    tags=["administration"],
    dependencies=[Depends(no_store), Depends(needs(Right.READ_AUDIT))],
)


class EntryAnswer(BaseModel):
    """One act: `what` account `by` did to account `of`; `of` is null if it is a citizen's.

    The logins are the current ones of the accounts.
    """

    n: int
    at: Moment
    what: What
    by: str
    of: str | None
    by_login: str | None
    of_login: str | None
    details: dict[str, str]
    before: str
    hash: str

    @classmethod
    def of_entry(cls, entry: Entry, logins: Mapping[str, str]) -> "EntryAnswer":
        """The answer for an entry, with the logins of staff by account."""
        act = entry.act
        of = None if act.what in ABOUT_CITIZENS else act.of
        fields = {"at": act.at, "what": act.what, "by": act.by, "of": of, "details": act.details}
        fields |= {"by_login": logins.get(act.by), "of_login": logins.get(of or "")}
        return cls.model_validate({"n": entry.n, "before": entry.before, "hash": entry.hash, **fields})


class AuditAnswer(BaseModel):
    """A page of acts, newest first; `next` is the cursor of the following page."""

    entries: list[EntryAnswer]
    next: str | None


class VerdictAnswer(BaseModel):
    """Whether the chain is intact, how many entries it has, and the first that is altered or missing."""

    holds: bool
    entries: int
    broken_at: int | None


@router.get("")
async def read_audit(
    staff: UsesStaff,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> AuditAnswer:
    """What administrators and clerks did, newest first."""
    found = await staff.audit.page(_before(cursor), limit + 1)
    page = found[:limit]
    following = str(page[-1].n) if len(found) > limit else None
    logins = await staff.accounts.logins(account for entry in page for account in (entry.act.by, entry.act.of))
    return AuditAnswer(entries=[EntryAnswer.of_entry(entry, logins) for entry in page], next=following)


@router.get("/verdict")
async def verify_audit(staff: UsesStaff) -> VerdictAnswer:
    """Check that no entry is altered or missing."""
    entries, broken_at = await staff.audit.verify()
    return VerdictAnswer(holds=broken_at is None, entries=entries, broken_at=broken_at)


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 15):
        raise CursorInvalidError
    return int(cursor)
