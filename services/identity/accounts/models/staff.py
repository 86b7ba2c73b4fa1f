"""Members of staff, and the credentials of departments' software."""

import dataclasses
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.identity.accounts.models.audit import AuditedAct, What
from services.identity.accounts.models.totp import SecondFactor
from shared.events import StaffChanged, StaffNamed
from shared.records import Record
from shared.rights import IN_DEPARTMENT, Role

LOGIN = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
REMEMBERED = timedelta(minutes=30)
"""How long an ended secret is kept: longer than any access token lives."""
DEPARTMENT = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class StaffMember:
    """A member of staff. `made_by_key` is the blind index of the Idempotency-Key that created the account.

    `counter` names the counter where a clerk works. `proposed_by` is set while an administrator waits for the
    confirmation of a second one. Until `start_password_until` the password is a start password, which has to be
    changed. After a change `acts` are still to be entered in the audit, `ends_sessions` and `unpublished` say what
    else is left to do.
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
        """Whether the member may log in: not disabled, and confirmed if an administrator."""
        return not self.disabled and not (self.role is Role.ADMIN and self.proposed_by is not None)

    def may_log_in(self, now: datetime) -> bool:
        """Whether the member may log in with the present password: a start password expires."""
        return self.active and (self.start_password_until is None or self.start_password_until > now)

    @property
    def has_totp(self) -> bool:
        """Whether a second factor is confirmed."""
        return self.totp is not None and self.totp.confirmed_at is not None

    @property
    def recovery_codes_left(self) -> int | None:
        """How many recovery codes are not used yet; None without a second factor."""
        return len(self.totp.recovery) if self.totp is not None and self.has_totp else None

    @property
    def unsettled(self) -> bool:
        """Whether the last change still needs writes to other documents."""
        return bool(self.acts) or self.ends_sessions or self.unpublished

    @property
    def place(self) -> dict[str, Any]:
        """Role, department, and whether the member may log in."""
        return {"role": self.role.value, "department": self.department, "active": self.active}

    def changed(self, what: What, by: str, at: datetime, *, ends_sessions: bool, **fields: Any) -> "StaffMember":
        """This member with other values, and with the act that records the change."""
        details = {name: str(value) for name, value in fields.items() if name in AUDITED and value is not None}
        act = AuditedAct(secrets.token_hex(16), at, what, by, self.id, details)
        ending = self.ends_sessions or ends_sessions
        acts = (*self.acts, act.document())
        return dataclasses.replace(self, **fields, acts=acts, ends_sessions=ending, unpublished=True)


AUDITED = ("role", "department", "counter")
"""The fields that the audit records."""


def placement_error(role: Role, department: str | None, counter: str | None) -> tuple[str, str] | None:
    """Code and field of the error if the role does not fit the department or counter; None if it fits."""
    if role in IN_DEPARTMENT and department is None:
        return "required", "department"
    if role not in IN_DEPARTMENT and department is not None:
        return "unknown", "department"
    if role is not Role.CLERK and counter is not None:
        return "unknown", "counter"
    return None


@dataclass(kw_only=True, eq=False)
class PublishedMember(Record):
    """What was published about a member: the name once, and `place` (role, department, active) whenever it changed.

    `published_rev` is the member's revision that was published last.
    """

    unnamed: bool = False
    place: dict[str, Any] = field(default_factory=dict)
    published_rev: int = -1

    def publish(self, member: StaffMember, sealed_name: str, at: datetime) -> bool:
        """Publish what changed in this revision of a member; False if this or a later one was published before."""
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
class NotedActs(Record):
    """Acts of administrators on something of another service, which are not in the audit yet.

    The id is that of the department, the service or the rule set.
    """

    acts: list[dict[str, Any]] = field(default_factory=list)

    def note(self, act: AuditedAct) -> None:
        """Record an act for the audit."""
        self.acts.append(act.document())


@dataclass(kw_only=True, eq=False)
class DepartmentSecret(NotedActs):
    """A department's credentials: the hash of the secret with which its software logs in."""

    client_secret_sha256: str = ""
    old_secret_sha256: str = ""
    old_until: datetime | None = None
    """Until when the previous secret is accepted too."""
    ended: list[dict[str, Any]] = field(default_factory=list)
    """Secrets that ended lately (`secret_sha256`, `at`): their access tokens may not have expired yet."""

    def renew(self, secret_sha256: str, old_until: datetime | None, now: datetime) -> None:
        """Set a new secret. The previous one stays valid until `old_until` or ends now; older ones end now."""
        before, older = self.client_secret_sha256, self.old_secret_sha256
        self.client_secret_sha256, self.old_until = secret_sha256, old_until
        self.old_secret_sha256 = before if old_until is not None else ""
        gone = {before, older} - {"", self.client_secret_sha256, self.old_secret_sha256}
        kept = [end for end in self.ended if end["at"] > now - REMEMBERED]
        self.ended = kept + [{"secret_sha256": secret, "at": now} for secret in sorted(gone)]

    def valid_until(self, secret_sha256: str, now: datetime) -> datetime | None:
        """Until when a secret is valid; None for an invalid one."""
        if self.client_secret_sha256 and hmac.compare_digest(self.client_secret_sha256, secret_sha256):
            return datetime.max.replace(tzinfo=UTC)
        if self.old_until is None or not hmac.compare_digest(self.old_secret_sha256, secret_sha256):
            return None
        return self.old_until if now < self.old_until else None
