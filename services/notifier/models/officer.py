"""Members of staff as recipients of messages: department, addresses and frequencies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.notifier.models.contact import STAFF, Addressed, Reach
from services.notifier.models.message import EMAIL, SMS
from shared.rights import IN_DEPARTMENT, Role

CODE_LIFE = timedelta(minutes=10)
MAX_TRIES = 5
MAX_CODES = ((5, timedelta(hours=1)), (10, timedelta(days=1)))
"""How many codes a member may request in how long: each could go to a stranger's mobile."""


class Frequency(StrEnum):
    """How often a member gets messages, within working hours."""

    AT_ONCE = "at_once"
    """News within some minutes are still one message."""
    HOURLY = "hourly"
    DAILY = "daily"
    """At the beginning of the working day."""
    OFF = "off"


class Kind(StrEnum):
    """Kinds of news about work, the most urgent first: where an SMS cannot take all, the last ones are left out."""

    ESCALATED = "escalated"
    """To the head of the organisation; that the department's own head has it, `late` says."""
    LATE = "late"
    SYSTEM = "system"
    """A webhook of the department's software was stopped, because it kept failing."""
    SYSTEMS = "systems"
    """The same of any department, for administrators."""
    ASSIGNED = "assigned"
    """To this member: a colleague, the head or the portal chose them."""
    MENTIONED = "mentioned"
    """In an internal note."""
    DISPUTES = "disputes"
    """Disputes and granted appeals, which the head has to close in person."""
    NEW_WORK = "new_work"
    DUE_SOON = "due_soon"
    ANSWERS = "answers"
    PARTS = "parts"
    """Another department asks for a part of the work, or has done its own."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """The roles that may get a kind, and the default frequency."""

    roles: frozenset[Role]
    usual: Frequency


KIND_RULES: Mapping[Kind, KindRule] = {
    Kind.NEW_WORK: KindRule(IN_DEPARTMENT, Frequency.DAILY),
    Kind.DISPUTES: KindRule(frozenset({Role.HEAD}), Frequency.AT_ONCE),
    Kind.ANSWERS: KindRule(IN_DEPARTMENT, Frequency.DAILY),
    Kind.DUE_SOON: KindRule(IN_DEPARTMENT, Frequency.DAILY),
    Kind.LATE: KindRule(IN_DEPARTMENT, Frequency.AT_ONCE),
    Kind.ESCALATED: KindRule(frozenset({Role.HEAD}), Frequency.AT_ONCE),
    Kind.ASSIGNED: KindRule(IN_DEPARTMENT, Frequency.AT_ONCE),
    Kind.MENTIONED: KindRule(IN_DEPARTMENT, Frequency.AT_ONCE),
    Kind.SYSTEM: KindRule(frozenset({Role.HEAD, Role.APPELLATE}), Frequency.AT_ONCE),
    Kind.SYSTEMS: KindRule(frozenset({Role.ADMIN}), Frequency.AT_ONCE),
    Kind.PARTS: KindRule(IN_DEPARTMENT, Frequency.DAILY),
}
"""All kinds. To add one: a line here, its event in `officers/work_items.py`, its text in `work.yaml`."""


ADMINISTRATORS = "@admin"
"""What items for administrators name in place of a department; no department has such a code."""
PERSONAL = (Kind.ASSIGNED, Kind.MENTIONED)
"""Kinds that concern single members, not their department."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """New work for a department, or a change in it; stored for some days, to be counted in digests.

    `id` is that of its event, so it counts once however often the event arrives. `account`: only this member hears it.
    """

    id: str
    department: str
    kind: Kind
    number: str
    at: datetime
    due_at: datetime
    service: Mapping[str, str] | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class WorkTally:
    """The items of a kind: their number, the first due date, and the request if there is only one."""

    count: int
    due_at: datetime
    number: str
    service: Mapping[str, str] | None


@dataclass(kw_only=True, eq=False)
class StaffContact(Addressed):
    """A document of `staff_contacts`; its id is the account. Addresses are sealed, and proven by a code.

    `proof` is the address that waits for its code: `channel`, `address`, the keyed hash of the `code`, `until`,
    `tries`. `codes` are the times of a day's codes. `owner` owns the messages and their seals; it is stored so
    that resealing finds it.
    """

    role: str = ""
    department: str | None = None
    active: bool = True
    language: str = "en"
    often: dict[str, str] = field(default_factory=dict)
    proof: dict[str, Any] | None = None
    codes: list[datetime] = field(default_factory=list)
    owner: str = ""

    def __post_init__(self) -> None:
        self.owner = f"{STAFF}{self.id}"

    @property
    def sealed_for(self) -> str:
        """The owner of the sealed addresses."""
        return self.owner

    @property
    def channel(self) -> str | None:
        """The channel: email, which costs nothing, or SMS; None while no address is proven.

        A bad address is used only if there is no other.
        """
        known = [channel for channel in (EMAIL, SMS) if self.address(channel)]
        return next((channel for channel in known if channel not in self.failing), known[0] if known else None)

    @property
    def reach(self) -> Reach:
        """The data for delivery."""
        return Reach(self.language, self.mobile, self.email, erased=not self.active, failing=frozenset(self.failing))

    def frequency_of(self, kind: Kind) -> Frequency:
        """The frequency of a kind; off if it is not for the role."""
        hearing = KIND_RULES[kind]
        if self.role not in hearing.roles:
            return Frequency.OFF
        return Frequency(self.often.get(kind, hearing.usual))

    def addressed_as(self, kind: Kind) -> str:
        """What items of this kind name for this member to hear of them: account, department, or `ADMINISTRATORS`."""
        if kind is Kind.SYSTEMS:
            return ADMINISTRATORS
        return self.id if kind in PERSONAL else self.department or ""

    def next_code(self, now: datetime) -> datetime | None:
        """When the next code may be sent; None if at once."""
        waits = [
            recent[-limit] + span
            for limit, span in MAX_CODES
            if len(recent := [at for at in self.codes if at > now - span]) >= limit
        ]
        return max(waits, default=None)

    def ask(self, channel: str, address: str, code: str, now: datetime) -> None:
        """Store the code (a hash) that was sent to the address (sealed)."""
        until = now + CODE_LIFE
        self.proof = {"channel": channel, "address": address, "code": code, "until": until, "tries": 0}
        self.codes = [*(at for at in self.codes if at > now - MAX_CODES[-1][1]), now]

    def waits_for(self, now: datetime) -> dict[str, Any] | None:
        """The proof that is still open."""
        proof = self.proof
        return proof if proof and proof["until"] > now and proof["tries"] < MAX_TRIES else None

    def prove(self, code: str, now: datetime) -> bool:
        """Accept the address if the code is correct; count a wrong one."""
        proof = self.waits_for(now)
        if proof is None or proof["code"] != code:
            if proof is not None:
                self.proof = {**proof, "tries": proof["tries"] + 1}
            return False
        self._set(proof["channel"], proof["address"])
        self.proof = None
        return True

    def forget(self, channel: str) -> None:
        """Remove the address of a channel."""
        self._set(channel, "")
        if self.proof and self.proof["channel"] == channel:
            self.proof = None

    def _set(self, channel: str, address: str) -> None:
        self.address_works(channel)
        if channel == EMAIL:
            self.email = address
        else:
            self.mobile = address
