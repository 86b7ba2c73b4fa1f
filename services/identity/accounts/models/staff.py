"""Those who work here, from officer to auditor, and the departments as identity knows them."""

import dataclasses
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from services.identity.accounts.models.audit import AdminAct, What
from services.identity.accounts.models.totp import SecondFactor
from shared.events import StaffChanged, StaffNamed
from shared.records import Record
from shared.rights import IN_DEPARTMENT, Role

LOGIN = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
REMEMBERED = timedelta(minutes=30)
"""How long an ended secret is kept in mind: longer than any access token lives."""
DEPARTMENT = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class StaffMember:
    """Somebody who works here. `made_by_key` is the blind index of the Idempotency-Key of the making.

    `counter` names the place where a clerk sits. `proposed_by` is the administrator who proposed this member as an
    administrator, until another one confirms it. Until `start_password_until` the password is one that the portal
    made, good for nothing but choosing another. A change keeps its `acts` here, and `ends_sessions`, until they are
    done in the audit and among the sessions; `unpublished` says that other services may still have to hear of it.
    """

    id: str
    login: str
    name: str
    role: Role
    department: str | None
    password: str
    made_at: datetime
    made_by: str
    made_by_key: str | None = None
    disabled: bool = False
    counter: str | None = None
    proposed_by: str | None = None
    start_password_until: datetime | None = None
    totp: SecondFactor | None = None
    rev: int = 0
    acts: tuple[dict[str, Any], ...] = ()
    ends_sessions: bool = False
    unpublished: bool = True

    @property
    def active(self) -> bool:
        """Whether they may log in: an administrator may once that is confirmed."""
        return not self.disabled and not (self.role is Role.ADMIN and self.proposed_by is not None)

    def may_log_in(self, now: datetime) -> bool:
        """Whether a right password opens a session now: a start password does for some days."""
        return self.active and (self.start_password_until is None or self.start_password_until > now)

    @property
    def has_totp(self) -> bool:
        """Whether a second factor counts."""
        return self.totp is not None and self.totp.confirmed_at is not None

    @property
    def recovery_codes_left(self) -> int | None:
        """How many recovery codes are not used yet; None without a second factor."""
        return len(self.totp.recovery) if self.totp is not None and self.has_totp else None

    @property
    def unsettled(self) -> bool:
        """Whether a change has left something to do in other documents."""
        return bool(self.acts) or self.ends_sessions or self.unpublished

    @property
    def place(self) -> dict[str, Any]:
        """Their role and department, and whether they still work here."""
        return {"role": self.role.value, "department": self.department, "active": self.active}

    def changed(self, what: What, by: str, at: datetime, *, ends_sessions: bool, **fields: Any) -> "StaffMember":
        """This member with other values, and the act that says so."""
        told = {name: str(value) for name, value in fields.items() if name in TOLD and value is not None}
        act = AdminAct(secrets.token_hex(16), at, what, by, self.id, told)
        ending = self.ends_sessions or ends_sessions
        acts = (*self.acts, act.document())
        return dataclasses.replace(self, **fields, acts=acts, ends_sessions=ending, unpublished=True)


TOLD = ("role", "department", "counter")
"""What the audit keeps of a change."""


def placed(role: Role, department: str | None, counter: str | None) -> tuple[str, str] | None:
    """What is wrong with a role at that department or counter: code and field of the error; None when it fits."""
    if role in IN_DEPARTMENT and department is None:
        return "required", "department"
    if role not in IN_DEPARTMENT and department is not None:
        return "unknown", "department"
    if role is not Role.CLERK and counter is not None:
        return "unknown", "counter"
    return None


@dataclass(kw_only=True, eq=False)
class PublishedMember(Record):
    """What other services were told of a member: the name once, and the place each time that it changed.

    `published_rev` is the revision of the member that was published last. A record without a place has told the name.
    """

    source: ClassVar[str] = "identity"

    unnamed: bool = False
    place: dict[str, Any] = field(default_factory=dict)
    published_rev: int = -1

    def publish(self, member: StaffMember, sealed_name: str, at: datetime) -> bool:
        """Publish what is new in this revision of a member; False if it, or a later one, was published before."""
        if member.rev <= self.published_rev:
            return False
        self.published_rev = member.rev
        if self.unnamed and member.role in IN_DEPARTMENT:
            self.unnamed = False
            self.emit(StaffNamed(name=sealed_name), at)
        if self.place != member.place:
            self.place = member.place
            self.emit(StaffChanged(**member.place), at)
        return True


@dataclass(kw_only=True, eq=False)
class DepartmentSecret(Record):
    """What identity knows of a department: the hash of the secret that its own software logs in with.

    `acts` are what administrators did to it, until they are in the audit.
    """

    source: ClassVar[str] = "identity"

    client_secret_sha256: str = ""
    old_secret_sha256: str = ""
    old_until: datetime | None = None
    """Until when the secret before is good too."""
    ended: list[dict[str, Any]] = field(default_factory=list)
    """Secrets that ended lately (`secret_sha256`, `at`): tokens that they opened may still run."""
    acts: list[dict[str, Any]] = field(default_factory=list)

    def renew(self, secret_sha256: str, old_until: datetime | None, now: datetime) -> None:
        """Take a new secret; the one before is good until `old_until`, or ends now. One still older ends now."""
        before, older = self.client_secret_sha256, self.old_secret_sha256
        self.client_secret_sha256, self.old_until = secret_sha256, old_until
        self.old_secret_sha256 = before if old_until is not None else ""
        gone = {before, older} - {"", self.client_secret_sha256, self.old_secret_sha256}
        kept = [end for end in self.ended if end["at"] > now - REMEMBERED]
        self.ended = kept + [{"secret_sha256": secret, "at": now} for secret in sorted(gone)]

    def good_until(self, secret_sha256: str, now: datetime) -> datetime | None:
        """How long a secret is good from `now` on; None for one that is not good."""
        if self.client_secret_sha256 and hmac.compare_digest(self.client_secret_sha256, secret_sha256):
            return datetime.max.replace(tzinfo=UTC)
        if self.old_until is None or not hmac.compare_digest(self.old_secret_sha256, secret_sha256):
            return None
        return self.old_until if now < self.old_until else None

    def note(self, act: AdminAct) -> None:
        """Keep an act for the audit."""
        self.acts.append(act.document())
