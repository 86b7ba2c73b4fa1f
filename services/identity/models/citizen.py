"""A citizen's account: registered, proven by a code, and never in the clear."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from shared.events import CitizenCodeIssued, CitizenRegistered, CitizenRegistrationRepeated, CitizenVerified
from shared.records import Record

CODE_LIFE = timedelta(minutes=10)
SENDS_AN_HOUR = 5
HOUR = timedelta(hours=1)
REPEAT_NOTICE_EVERY = HOUR

Purpose = Literal["register", "login", "reset"]
Language = Literal["en", "ur"]


@dataclass(frozen=True)
class Person:
    """What a citizen told of themselves, sealed, with the blind indexes of CNIC and mobile."""

    name: str
    cnic: str
    mobile: str
    email: str
    address: str
    cnic_index: str
    mobile_index: str
    language: Language


@dataclass(kw_only=True, eq=False)
class Citizen(Record):
    """One account. `registration` is the id its registration was answered with; `code` is the one that counts now."""

    source: ClassVar[str] = "identity"

    cnic_index: str = ""
    mobile_index: str = ""
    name: str = ""
    cnic: str = ""
    mobile: str = ""
    email: str = ""
    address: str = ""
    language: Language = "en"
    password: str = ""
    registration: str = ""
    registered_at: datetime | None = None
    verified_at: datetime | None = None
    code: dict[str, Any] | None = None
    sends: list[datetime] = field(default_factory=list)
    repeats: int = 0
    told_at: datetime | None = None

    def register(self, person: Person, password: str, registration: str, at: datetime) -> None:
        """Open the account, or open it anew for whoever comes after a registration that lapsed."""
        for told, value in asdict(person).items():
            setattr(self, told, value)
        self.password, self.registration, self.registered_at = password, registration, at
        said = CitizenRegistered(name=person.name, mobile=person.mobile, email=person.email, language=person.language)
        self.emit(said, at)

    def issue_code(self, purpose: Purpose, challenge: str, code_hash: str, sealed: str, at: datetime) -> None:
        """Send a code for a challenge; an older code stops counting."""
        expires_at = at + CODE_LIFE
        self.code = {"challenge": challenge, "purpose": purpose, "hash": code_hash, "expires_at": expires_at}
        self.sends = [*self.recent_sends(at), at]
        self.emit(CitizenCodeIssued(purpose=purpose, code=sealed, expires_at=expires_at), at)

    def live_code(self, purpose: Purpose, challenge: str, now: datetime) -> str | None:
        """The hash of the code that answers this challenge now."""
        code = self.code
        if code is None or code["challenge"] != challenge or code["purpose"] != purpose or code["expires_at"] <= now:
            return None
        code_hash: str = code["hash"]
        return code_hash

    def verify(self, at: datetime) -> None:
        """The mobile is proven; the code is used up."""
        self.code = None
        self.verified_at = at
        self.emit(CitizenVerified(), at)

    def recent_sends(self, now: datetime) -> list[datetime]:
        """When codes were sent within the last hour."""
        return [sent for sent in self.sends if sent > now - HOUR]

    def lapsed(self, now: datetime) -> bool:
        """Whether nobody proved this registration in time, so that the CNIC and the mobile are free again."""
        if self.verified_at is not None or len(self.recent_sends(now)) >= SENDS_AN_HOUR:
            return False
        return self.code is None or bool(self.code["expires_at"] <= now)

    def release(self) -> None:
        """Give CNIC and mobile back and forget the person: the registration lapsed and another one needs them."""
        self.cnic_index = self.mobile_index = f"released:{self.id}"
        self.name = self.cnic = self.mobile = self.email = self.address = self.password = self.registration = ""
        self.code = None

    def note_repeat(self, at: datetime) -> bool:
        """Somebody tried to register with this CNIC or mobile; True when the owner is told (once an hour)."""
        self.repeats += 1
        if self.told_at is not None and self.told_at > at - REPEAT_NOTICE_EVERY:
            return False
        self.told_at = at
        self.emit(CitizenRegistrationRepeated(), at)
        return True
