"""The user names of departments' software, at the broker and for tokens.

A department's own queue is `department.<code>`, and its further ones are `department.<code>.<name>`. Each has two
users: one with the queue's name, and one with `.2` after it for the time of a rotation.
"""

from typing import NamedTuple

PREFIX = "department."
SECOND_USER = ".2"
"""The suffix of the second user name; neither a department's code nor a queue's name has a dot."""


class QueueName(NamedTuple):
    """A department's queue: its own one, or a further one by its name."""

    department: str
    name: str | None = None

    @property
    def text(self) -> str:
        """The queue at the broker, which is also its first user."""
        return PREFIX + (f"{self.department}.{self.name}" if self.name else self.department)


def department_of(user: str | None) -> str | None:
    """The code of the department that a user name belongs to; None for other users."""
    prefix, _, code = (user or "").removesuffix(SECOND_USER).partition(PREFIX)
    return code if code and not prefix else None


def queue_of(user: str | None) -> QueueName | None:
    """The queue that a user belongs to, or that a routing key names; None for other users."""
    department, *more = (department_of(user) or "").split(".")
    return QueueName(department, *more) if department and len(more) < 2 and all(more) else None
