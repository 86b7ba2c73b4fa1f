"""A citizen's account: registered, proven by a code, and never in the clear."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from services.identity.accounts.models.challenge import CODE_LIFE, KEPT, Channel, Purpose
from shared.events import (
    CitizenCodeIssued,
    CitizenIdentityChecked,
    CitizenRegistered,
    CitizenRegistrationRepeated,
    CitizenVerified,
)
from shared.records import Record

REPEAT_NOTICE_EVERY = timedelta(hours=1)
MAX_SENDS_KEPT = 120
"""Those of a day, at five an hour: what was told of one stays as it was for as long as it can be asked."""

Language = Literal["en", "ur"]
Identity = Literal["unverified", "confirmed", "mismatch"]


@dataclass(frozen=True)
class SealedPerson:
    """What a citizen told of themselves, sealed, with the blind indexes of CNIC and mobile."""

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
    """A code to be sent: its keyed hash, and itself sealed. `to` is a sealed mobile that is not the account's yet.

    `anew` is the registration that the account becomes when it is proven by this code (see `models/proof.py`).
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
    """One account. `registration` is the id its registration was answered with.

    `codes` has for each challenge of a day the hash of the one code that counts, so that two devices have one each;
    `deliveries` tells what became of the codes that were sent within a day.
    """

    source: ClassVar[str] = "identity"

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
    """When a code by SMS was last answered; None for accounts from before this was kept, until their next code."""
    password_reset_at: datetime | None = None
    """When a code last let somebody choose the password."""
    codes: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    repeats: int = 0
    told_at: datetime | None = None
    identity: Identity = "unverified"
    check_at: datetime | None = None
    """From when the registry may be asked about this person; None when there is nothing to ask."""
    mobile_undos: list[dict[str, Any]] = field(default_factory=list)
    """How changes of the mobile are undone, oldest first: blind index of the code, the mobile before, until when."""
    erased_at: datetime | None = None
    reset: dict[str, Any] | None = None
    """What a right code of a reset has given: its challenge, the hash of the token, until when."""
    ending: dict[str, Any] | None = None
    """Sessions are still to be ended: all but the one to `keep`, and why. There until that is done."""

    @property
    def mobile_proven(self) -> bool:
        """Whether the account was opened, and its mobile shown to be its owner's."""
        return self.verified_at is not None and self.mobile_unproven is None

    def register(self, person: SealedPerson, password: str, registration: str, at: datetime) -> None:
        """Open the account, or open it anew for whoever comes after a registration that lapsed.

        What was said of that one is to be forgotten: it may have been somebody else.
        """
        self.forget_said()
        for told, value in asdict(person).items():
            setattr(self, told, value)
        self.password, self.registration, self.registered_at = password, registration, at
        self.mobile_unproven = self.mobile_proven_at = self.password_reset_at = None
        self.codes, self.deliveries, self.repeats, self.told_at = [], [], 0, None
        said = CitizenRegistered(name=person.name, mobile=person.mobile, email=person.email, language=person.language)
        self.emit(said, at)

    def issue_code(self, new: NewCode, at: datetime) -> None:
        """Send a code; an older code of the same challenge stops counting."""
        expires_at = self._await(new, at)
        said = CitizenCodeIssued(
            purpose=new.purpose,
            code=new.sealed,
            expires_at=expires_at,
            channel=new.channel,
            to=new.to,
            counter=self._is_of_counter(new) or None,
        )
        self.emit(said, at)
        sent = {"seq": self.seq, "challenge": new.challenge, "at": at, "delivered_at": None}
        recent = [delivery for delivery in self.deliveries if delivery["at"] > at - KEPT]
        self.deliveries = [*recent, sent][-MAX_SENDS_KEPT:]

    def _is_of_counter(self, new: NewCode) -> bool:
        """Whether a clerk hears the code: for a registration without a password, or for a citizen with an account."""
        password = new.anew["password"] if new.anew else self.password
        proves_again = self.verified_at is not None and new.anew is None
        return new.purpose == "register" and (not password or proves_again)

    def await_code(self, new: NewCode, at: datetime) -> None:
        """Keep a challenge whose code may not be sent to where it was asked for; a later code may go another way."""
        self._await(new, at)

    def _await(self, new: NewCode, at: datetime) -> datetime:
        """Keep what counts as the code of a challenge, in place of an older one; until when it does."""
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
        """The hash of the code that answers this challenge now."""
        code = self.unanswered(purpose, challenge)
        return str(code["hash"]) if code is not None and code["expires_at"] > now else None

    def waits_for(self, registration: str, now: datetime) -> bool:
        """Whether this registration has been taken in: as the account itself, or as one that it may become."""
        return self.registration == registration or self.live_code("register", registration, now) is not None

    def unanswered(self, purpose: Purpose, challenge: str) -> dict[str, Any] | None:
        """The code of this challenge, expired or not, unless it was used."""
        for code in self.codes:
            if code["purpose"] == purpose and code["challenge"] == challenge and code["hash"] is not None:
                return code
        return None

    def use_code(self, challenge: str, at: datetime) -> None:
        """The code was right and is used up; its challenge stays known. One by SMS proves the mobile once more."""
        if self.channel_of(challenge) == "sms":
            self.mobile_proven_at = at
        self.codes = [{**code, "hash": None} if code["challenge"] == challenge else code for code in self.codes]

    def channel_of(self, challenge: str) -> Channel | None:
        """The channel of the newest code of this challenge."""
        channels: list[Channel] = [code.get("channel", "sms") for code in self.codes if code["challenge"] == challenge]
        return channels[0] if channels else None

    def delivered(self, seq: int, at: datetime) -> None:
        """The code that the event with this seq told of has arrived."""
        for delivery in self.deliveries:
            if delivery["seq"] == seq and delivery["delivered_at"] is None:
                delivery["delivered_at"] = at

    def verify(self, at: datetime) -> None:
        """The account may be used."""
        self.verified_at = self.check_at = at
        self.emit(CitizenVerified(), at)

    def checked(self, identity: Identity, at: datetime) -> None:
        """What the registry says, or that it is to be asked (again)."""
        self.check_at = at if identity == "unverified" else None
        if identity != self.identity:
            self.identity = identity
            self.emit(CitizenIdentityChecked(identity=identity), at)

    def lapsed(self, now: datetime) -> bool:
        """Whether nobody proved this registration in time, so that the CNIC and the mobile are free again."""
        if self.verified_at is not None:
            return False
        return not any(code["expires_at"] > now for code in self.codes)

    def makes_room(self, mended_by: str | None, now: datetime) -> bool:
        """Whether a new registration may take over its CNIC and mobile: it lapsed, or the new one corrects it."""
        mended = self.verified_at is None and self.registration == mended_by
        return mended or self.lapsed(now)

    def note_repeat(self, at: datetime, *, anew: bool = False) -> bool:
        """Somebody tried to register with this CNIC or mobile; True when the owner is told (once an hour).

        `anew`: with its CNIC and its mobile, which nobody has proven. That is told each time: it may change hands.
        """
        self.repeats += 1
        if not anew and self.told_at is not None and self.told_at > at - REPEAT_NOTICE_EVERY:
            return False
        self.told_at = at
        unproven = self.verified_at is None
        self.emit(CitizenRegistrationRepeated(unproven=unproven or None, anew=anew or None), at)
        return True
