"""The broker credentials of a department's software, and the department's further queues."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, Self

from shared.department_users import SECOND_USER, QueueName

MAX_QUEUES = 10
"""The most further queues of a department."""
RESERVED_NAMES = frozenset({"dead", "retry", "replay", "samples"})
"""Names of the portal's own queues and routes."""
QueueKind = Literal["production", "test"]


@dataclass(frozen=True)
class Login:
    """An AMQP user of a department, and the broker's own hash of its password; the password itself is kept nowhere."""

    user: str
    broker_password_hash: str


@dataclass(kw_only=True)
class Access(ABC):
    """One queue with its users.

    A user of the broker has one password. So while the old password stays valid, the new one belongs to the other of
    the queue's two users.
    """

    broker_password_hash: str = ""
    password_at: datetime | None = None
    """When its password was created; None for an old one."""
    user: str | None = None
    """The AMQP user that it signs in as; None for the first one."""
    old_login: dict[str, str] | None = None
    old_until: datetime | None = None
    """Until when the previous login stays valid; None if it ended with the new one."""

    @property
    @abstractmethod
    def queue(self) -> str:
        """The name of the queue, and of its first AMQP user."""

    @property
    def is_test(self) -> bool:
        """Whether it is for invented messages only."""
        return False

    @property
    def login(self) -> Login:
        """The current login of its software."""
        return Login(self.user or self.queue, self.broker_password_hash)

    def users(self, now: datetime) -> dict[str, str | None]:
        """The password hash of each of its AMQP users at `now`; None for a user that must not exist."""
        logins: dict[str, str | None] = dict.fromkeys((self.queue, self.queue + SECOND_USER))
        if self.old_login is not None and self.old_good_until(now):
            logins[self.old_login["user"]] = self.old_login["broker_password_hash"]
        return logins | {self.login.user: self.login.broker_password_hash}

    def old_good_until(self, now: datetime) -> datetime | None:
        """Until when the previous login is valid; None if it is not valid at `now`."""
        return self.old_until if self.old_until is not None and now < self.old_until else None

    def set_password(self, hashed: str, now: datetime, old_until: datetime | None = None) -> None:
        """Store a new password; the previous one is valid until `old_until`, or ends now. An older one ends now."""
        self.old_login, self.old_until = None, old_until
        if old_until is not None:
            self.old_login = asdict(self.login)
            self.user = self.queue if self.login.user != self.queue else self.queue + SECOND_USER
        self.broker_password_hash, self.password_at = hashed, now


@dataclass(kw_only=True)
class FurtherQueue(Access):
    """A queue beside the department's own: for a second system, or for a test system with invented messages only."""

    department: str
    name: str
    kind: QueueKind
    made_at: datetime

    @property
    def queue(self) -> str:
        """The name of the queue, and of its first AMQP user."""
        return QueueName(self.department, self.name).text

    @property
    def is_test(self) -> bool:
        """Whether it is for invented messages only."""
        return self.kind == "test"

    def document(self) -> dict[str, Any]:
        """As it is stored in its department's record."""
        return {name: value for name, value in asdict(self).items() if value is not None and name != "department"}

    @classmethod
    def of(cls, department: str, document: dict[str, Any]) -> Self:
        """The queue of a stored document."""
        return cls(department=department, **document)
