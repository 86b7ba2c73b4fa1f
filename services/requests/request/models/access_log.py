"""The access trail: looks of staff at requests, which citizens can read (docs/adr/0015)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from services.requests.request.models.request import Request
from shared.events import ANONYMOUS, AccessForgotten, AccessRecorded
from shared.records import Record
from shared.rights import Role

ERASED = "erased:"
NOBODY = "erased"


@dataclass(kw_only=True)
class AccessLogEntry(Record):
    """One document of `accesses`: all accesses of one person to one request within one hour, or listings of one day."""

    citizen_id: str = ""
    viewer: str = ""
    request: str = ""
    at: datetime | None = None

    def forget(self, at: datetime, *, erased: bool = False) -> None:
        """Remove the citizen from the entry and its events; `erased` if the account is erased too."""
        self.citizen_id = NOBODY
        self.emit(AccessForgotten(erased=erased or None), at)
        self.forget_events()


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
    """The entry of an access, with its event; None if no citizen could read it.

    `of` is the citizen in whose trail it is entered: the one who filed the request, or follows it. If `listed`, the
    request was only shown in a list; a day has one such entry.
    """
    other = of if of != request.citizen_id else None
    citizen_id = other or request.citizen_id
    if citizen_id.startswith((ANONYMOUS, ERASED)):
        return None
    span = f"{at:%Y-%m-%d}\0listed" if listed else f"{at:%Y-%m-%dT%H}"
    key = f"{request.id}\0{viewer}\0{span}" + (f"\0{other}" if other else "")
    entry = AccessLogEntry(
        id=hashlib.sha256(key.encode()).hexdigest()[:40],
        citizen_id=citizen_id,
        viewer=viewer,
        request=request.id,
        at=at,
    )
    event = AccessRecorded(
        citizen_id=other or request.sealed_citizen or request.citizen_id,
        what="request",
        request=request.id,
        role=str(role),
        department=department,
        at=at,
        listed=listed or None,
    )
    entry.emit(event, at)
    return entry
