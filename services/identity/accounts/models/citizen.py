"""A citizen's account. Personal values are sealed."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from services.identity.accounts.models.challenge import CODE_LIFE, KEPT, Purpose
from shared.events import (
    Channel,
    CitizenCodeIssued,
    CitizenIdentityChecked,
    CitizenRegistered,
    CitizenRegistrationRepeated,
    CitizenVerified,
)
from shared.records import Record

REPEAT_NOTICE_EVERY = timedelta(hours=1)
MAX_SENDS_KEPT = 120
"""A day's sends, at five an hour: the state of each can be read for a day."""

Language = Literal["en", "ur"]
Identity = Literal["unverified", "confirmed", "mismatch"]


@dataclass(frozen=True)
class SealedPerson:
    """A citizen's details, sealed, with the blind indexes of CNIC and mobile."""

    name: str
    cnic: str
    mobile: str
    email: str
    address: str
    cnic_index: str
    mobile_index: str
    language: Language


@dataclass(frozen=True)
class NewCode:
    """A code to send: its keyed hash, and the sealed code. `to` is a sealed new mobile of the account.

    `anew` is a registration that takes over the account if this code proves it (see `models/proof.py`).
    """

    purpose: Purpose
    challenge: str
    hash: str
    sealed: str
    channel: Channel = "sms"
    to: str | None = None
    anew: dict[str, Any] | None = None


@dataclass(kw_only=True, eq=False)
class Citizen(Record):
    """One account. `registration` is the id of the registration that opened it.

    `codes` holds the hash of the newest code of each challenge of the last day; `deliveries` holds the codes sent
    within a day and when they arrived.
    """

    cnic_index: str = ""
    mobile_index: str = ""
    name: str = ""
    cnic: str = ""
    mobile: str = ""
    mobile_unproven: str | None = None
    """The blind index of a mobile that nobody has proven; the account does not hold it then (see `models/proof.py`)."""
    email: str = ""
    address: str = ""
    language: Language = "en"
    password: str = ""
    registration: str = ""
    registered_at: datetime | None = None
    verified_at: datetime | None = None
    mobile_proven_at: datetime | None = None
    """When a code by SMS was last answered; None for old accounts until their next code."""
    password_reset_at: datetime | None = None
    """When the password was last reset with a code."""
    codes: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    repeats: int = 0
    told_at: datetime | None = None
    identity: Identity = "unverified"
    check_at: datetime | None = None
    """When the registry is to be asked about this citizen; None if it need not be asked."""
    mobile_undos: list[dict[str, Any]] = field(default_factory=list)
    """Undoable changes of the mobile, oldest first: blind index of the undo code, previous mobile, expiry."""
    erased_at: datetime | None = None
    reset: dict[str, Any] | None = None
    """A password reset after its code was answered: challenge, hash of the token, expiry."""
    ending: dict[str, Any] | None = None
    """Sessions still to be ended: all except `keep`, and `how` that came about. Removed once they have ended."""

    @property
    def mobile_proven(self) -> bool:
        """Whether the account is open and a code has proven its mobile."""
        return self.verified_at is not None and self.mobile_unproven is None

    def register(self, person: SealedPerson, password: str, registration: str, at: datetime) -> None:
        """Register the account, also in place of a registration that lapsed.

        The events of the earlier registration lose their bodies: it may have been another person.
        """
        self.forget_events()
        for name, value in asdict(person).items():
            setattr(self, name, value)
        self.password, self.registration, self.registered_at = password, registration, at
        self.mobile_unproven = self.mobile_proven_at = self.password_reset_at = None
        self.codes, self.deliveries, self.repeats, self.told_at = [], [], 0, None
        event = CitizenRegistered(name=person.name, mobile=person.mobile, email=person.email, language=person.language)
        self.emit(event, at)

    def issue_code(self, new: NewCode, at: datetime) -> None:
        """Send a code; older codes of the same challenge become invalid."""
        expires_at = self.await_code(new, at)
        event = CitizenCodeIssued(
            purpose=new.purpose,
            code=new.sealed,
            expires_at=expires_at,
            channel=new.channel,
            to=new.to,
            counter=self._is_of_counter(new) or None,
        )
        self.emit(event, at)
        sent = {"seq": self.seq, "challenge": new.challenge, "at": at, "delivered_at": None}
        recent = [delivery for delivery in self.deliveries if delivery["at"] > at - KEPT]
        self.deliveries = [*recent, sent][-MAX_SENDS_KEPT:]

    def _is_of_counter(self, new: NewCode) -> bool:
        """Whether a clerk hears the code: for a registration without a password, or for a citizen with an account."""
        password = new.anew["password"] if new.anew else self.password
        proves_again = self.verified_at is not None and new.anew is None
        return new.purpose == "register" and (not password or proves_again)

    def await_code(self, new: NewCode, at: datetime) -> datetime:
        """Keep the newest code of a challenge in place of older ones; returns when it expires.

        Alone, without sending: for a code that must not go where it was asked for; a later one may go another way.
        """
        expires_at = at + CODE_LIFE
        bound = {"purpose": new.purpose, "challenge": new.challenge, "to": new.to}
        proof = {"channel": new.channel, "sms": new.channel == "sms" or self._had_sms(new.challenge), "anew": new.anew}
        code = {**bound, **proof, "hash": new.hash, "expires_at": expires_at}
        others = (other for other in self.codes if other["challenge"] != new.challenge)
        self.codes = [*(other for other in others if other["expires_at"] > at - KEPT), code][-MAX_SENDS_KEPT:]
        return expires_at

    def _had_sms(self, challenge: str) -> bool:
        return any(code["challenge"] == challenge and code.get("sms", True) for code in self.codes)

    def live_code(self, purpose: Purpose, challenge: str, now: datetime) -> str | None:
        """The hash of the valid code of this challenge, if there is one."""
        code = self.unanswered(purpose, challenge)
        return str(code["hash"]) if code is not None and code["expires_at"] > now else None

    def waits_for(self, registration: str, now: datetime) -> bool:
        """Whether this registration is known: it opened the account, or may take it over."""
        return self.registration == registration or self.live_code("register", registration, now) is not None

    def unanswered(self, purpose: Purpose, challenge: str) -> dict[str, Any] | None:
        """The unused code of this challenge, expired or not."""
        for code in self.codes:
            if code["purpose"] == purpose and code["challenge"] == challenge and code["hash"] is not None:
                return code
        return None

    def use_code(self, challenge: str, at: datetime) -> None:
        """Use up the correct code; its challenge stays known. A code by SMS proves the mobile again."""
        if self.channel_of(challenge) == "sms":
            self.mobile_proven_at = at
        self.codes = [{**code, "hash": None} if code["challenge"] == challenge else code for code in self.codes]

    def channel_of(self, challenge: str) -> Channel | None:
        """The channel of the newest code of this challenge."""
        channels: list[Channel] = [code.get("channel", "sms") for code in self.codes if code["challenge"] == challenge]
        return channels[0] if channels else None

    def delivered(self, seq: int, at: datetime) -> None:
        """Note that the code of the event with this seq has arrived."""
        for delivery in self.deliveries:
            if delivery["seq"] == seq and delivery["delivered_at"] is None:
                delivery["delivered_at"] = at

    def verify(self, at: datetime) -> None:
        """Open the account."""
        self.verified_at = self.check_at = at
        self.emit(CitizenVerified(), at)

    def checked(self, identity: Identity, at: datetime) -> None:
        """Note the registry's answer; "unverified": it has to be asked again."""
        self.check_at = at if identity == "unverified" else None
        if identity != self.identity:
            self.identity = identity
            self.emit(CitizenIdentityChecked(identity=identity), at)

    def lapsed(self, now: datetime) -> bool:
        """Whether the registration was not proven in time; its CNIC and mobile are then free again."""
        if self.verified_at is not None:
            return False
        return not any(code["expires_at"] > now for code in self.codes)

    def makes_room(self, mended_by: str | None, now: datetime) -> bool:
        """Whether a new registration may take over its CNIC and mobile: it lapsed, or the new one corrects it."""
        mended = self.verified_at is None and self.registration == mended_by
        return mended or self.lapsed(now)

    def note_repeat(self, at: datetime, *, anew: bool = False) -> bool:
        """Note an attempt to register this CNIC or mobile again; True if the owner gets a message (one an hour).

        `anew`: with this CNIC and an unproven mobile. The owner always gets a message: the account may be taken over.
        """
        self.repeats += 1
        if not anew and self.told_at is not None and self.told_at > at - REPEAT_NOTICE_EVERY:
            return False
        self.told_at = at
        unproven = self.verified_at is None
        self.emit(CitizenRegistrationRepeated(unproven=unproven or None, anew=anew or None), at)
        return True
