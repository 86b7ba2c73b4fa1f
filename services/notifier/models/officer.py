"""Members of staff as readers of messages: where they work, how to reach them, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from services.notifier.models.contact import STAFF, Addressed, Reach
from services.notifier.models.message import EMAIL, SMS
from shared.rights import IN_DEPARTMENT, Role

CODE_LIFE = timedelta(minutes=10)
MAX_TRIES = 5
MAX_CODES = ((5, timedelta(hours=1)), (10, timedelta(days=1)))
"""How many codes somebody may have sent in how long: each may go to a stranger's mobile."""


class Frequency(StrEnum):
    """How often a member wants messages, within working hours."""

    AT_ONCE = "at_once"
    """What happens within some minutes is one message all the same."""
    HOURLY = "hourly"
    DAILY = "daily"
    """When the working day begins."""
    OFF = "off"


class Kind(StrEnum):
    """Kinds of news about work."""

    NEW_WORK = "new_work"
    DISPUTES = "disputes"
    """And appeals that were granted: what the head has to close again in person."""
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class KindRule:
    """The roles that may get a kind, and the frequency without a choice."""

    roles: frozenset[Role]
    usual: Frequency


KIND_RULES: Mapping[Kind, KindRule] = {
    Kind.NEW_WORK: KindRule(IN_DEPARTMENT, Frequency.DAILY),
    Kind.DISPUTES: KindRule(frozenset({Role.HEAD}), Frequency.AT_ONCE),
    Kind.ANSWERS: KindRule(IN_DEPARTMENT, Frequency.DAILY),
}
"""All kinds. To add one: a line here, its event in `officers/work_items.py`, its words in `work.yaml`."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """New work for a department, or a change in it; kept for some days, to be counted in digests.

    `id` is that of its event, so that it counts once however often the event arrives.
    """

    id: str
    department: str
    kind: Kind
    number: str
    at: datetime
    due_at: datetime
    service: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class WorkTally:
    """What happened of one kind: how often, when the first is due, and the request if it is only one."""

    count: int
    due_at: datetime
    number: str
    service: Mapping[str, str] | None


@dataclass(kw_only=True, eq=False)
class StaffContact(Addressed):
    """One document of `staff_contacts`; its id is the account. Addresses are sealed, and proven by a code.

    `proof` is the address that waits for its code: `channel`, `address`, the keyed hash of the `code`, `until`,
    `tries`. `codes` are the times of the codes of a day. `owner` is whose messages they are, and for whom addresses
    and words are sealed; it is stored, so that what is sealed is found again when the key changes.
    """

    source: ClassVar[str] = "notifier"

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
        """For whom the addresses are sealed."""
        return self.owner

    @property
    def channel(self) -> str | None:
        """How messages go: by email, which costs nothing, or by SMS; None while no address is proven.

        An address that takes no messages is used only where there is no other.
        """
        known = [channel for channel in (EMAIL, SMS) if self.address(channel)]
        return next((channel for channel in known if channel not in self.failing), known[0] if known else None)

    @property
    def reach(self) -> Reach:
        """What delivery needs to know."""
        return Reach(self.language, self.mobile, self.email, erased=not self.active, failing=frozenset(self.failing))

    def frequency_of(self, kind: Kind) -> Frequency:
        """How often the member gets a kind: never one that is not for the role."""
        hearing = KIND_RULES[kind]
        if self.role not in hearing.roles:
            return Frequency.OFF
        return Frequency(self.often.get(kind, hearing.usual))

    def next_code(self, now: datetime) -> datetime | None:
        """From when on another code may be sent; None when it may now."""
        waits = [
            recent[-limit] + span
            for limit, span in MAX_CODES
            if len(recent := [at for at in self.codes if at > now - span]) >= limit
        ]
        return max(waits, default=None)

    def ask(self, channel: str, address: str, code: str, now: datetime) -> None:
        """Wait for the code (a hash) that was sent to the address (sealed)."""
        until = now + CODE_LIFE
        self.proof = {"channel": channel, "address": address, "code": code, "until": until, "tries": 0}
        self.codes = [*(at for at in self.codes if at > now - MAX_CODES[-1][1]), now]

    def waits_for(self, now: datetime) -> dict[str, Any] | None:
        """The proof that can still be given."""
        proof = self.proof
        return proof if proof and proof["until"] > now and proof["tries"] < MAX_TRIES else None

    def prove(self, code: str, now: datetime) -> bool:
        """Take the address for proven if that is the code; a wrong one is counted."""
        proof = self.waits_for(now)
        if proof is None or proof["code"] != code:
            if proof is not None:
                self.proof = {**proof, "tries": proof["tries"] + 1}
            return False
        self._set(proof["channel"], proof["address"])
        self.proof = None
        return True

    def forget(self, channel: str) -> None:
        """Have no address on that channel any more."""
        self._set(channel, "")
        if self.proof and self.proof["channel"] == channel:
            self.proof = None

    def _set(self, channel: str, address: str) -> None:
        self.address_works(channel)
        if channel == EMAIL:
            self.email = address
        else:
            self.mobile = address
