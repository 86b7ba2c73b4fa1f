"""Trails of looks in memory, for both services that keep one."""

from collections.abc import Sequence
from datetime import datetime

from services.requests.request.models.access import Look
from shared.rights import Role


class FakeTrail:
    """What identity notes of clerks."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, Role]] = []
        self.forgotten: list[str] = []

    async def note(self, citizen_id: str, what: str, role: Role, at: datetime) -> None:
        """Keep a look."""
        self.noted.append((citizen_id, what, role))

    async def forget_citizen(self, citizen_id: str) -> None:
        """Take the citizen out."""
        self.forgotten.append(citizen_id)


class FakeLooks:
    """What requests keeps; `fail` is raised instead of writing."""

    def __init__(self) -> None:
        self.kept: dict[str, Look] = {}
        self.writes = 0
        self.fail: Exception | None = None

    async def insert_many(self, records: Sequence[Look]) -> list[str | None]:
        """Insert new looks."""
        if self.fail is not None:
            raise self.fail
        self.writes += 1
        clashes = ["_id" if look.id in self.kept else None for look in records]
        self.kept |= {look.id: look for look in records}
        return clashes
