"""Looks of staff at requests, as their citizens read them (docs/adr/0015)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.requests.request.models.request import Request
from shared.events import ANONYMOUS, AccessForgotten, AccessRecorded
from shared.records import Record
from shared.rights import Role

ERASED = "erased:"
NOBODY = "erased"


@dataclass(kw_only=True)
class AccessLogEntry(Record):
    """One document of `accesses`: all looks of one person at one request within one hour of the clock.

    As a line of lists: within one day.
    """

    source: ClassVar[str] = "requests"

    citizen_id: str = ""
    viewer: str = ""
    request: str = ""
    at: datetime | None = None

    def forget(self, at: datetime, *, erased: bool = False) -> None:
        """Take the citizen, who may be erased altogether, out of it, here and in what was said of it."""
        self.citizen_id = NOBODY
        self.emit(AccessForgotten(erased=erased or None), at)
        self.forget_said()


def access_log_entry(
    request: Request,
    viewer: str,
    role: Role,
    department: str | None,
    at: datetime,
    *,
    of: str | None = None,
    listed: bool = False,
) -> AccessLogEntry | None:
    """The entry of a look, which tells of itself; None where there is nobody who could read it.

    `of` is the citizen in whose trail it stands: the one who filed the request, or follows it. All looks at it as a
    line of lists (`listed`) are one for a day.
    """
    other = of if of != request.citizen_id else None
    citizen_id = other or request.citizen_id
    if citizen_id.startswith((ANONYMOUS, ERASED)):
        return None
    span = f"{at:%Y-%m-%d}\0listed" if listed else f"{at:%Y-%m-%dT%H}"
    key = f"{request.id}\0{viewer}\0{span}" + (f"\0{other}" if other else "")
    look = AccessLogEntry(
        id=hashlib.sha256(key.encode()).hexdigest()[:40],
        citizen_id=citizen_id,
        viewer=viewer,
        request=request.id,
        at=at,
    )
    said = AccessRecorded(
        citizen_id=other or request.sealed_citizen or request.citizen_id,
        what="request",
        request=request.id,
        role=str(role),
        department=department,
        at=at,
        listed=listed or None,
    )
    look.emit(said, at)
    return look
