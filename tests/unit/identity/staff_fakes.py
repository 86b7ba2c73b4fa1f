"""The stores of staff and of the audit in memory, with the same behaviour as those on MongoDB."""

import dataclasses
from datetime import datetime

from services.identity.accounts.models.audit import Entry
from services.identity.accounts.models.session import LoginStep
from services.identity.accounts.models.staff import StaffMember
from shared.rights import Role


class FakeStaff:
    """The members of staff."""

    def __init__(self) -> None:
        self.kept: dict[str, StaffMember] = {}

    async def get(self, staff_id: str) -> StaffMember | None:
        """The member, or None."""
        return self.kept.get(staff_id)

    async def by_login(self, login: str) -> StaffMember | None:
        """The member with that login."""
        return next((member for member in self.kept.values() if member.login == login), None)

    async def by_key(self, key: str) -> StaffMember | None:
        """The member that was created with that Idempotency-Key."""
        return next((member for member in self.kept.values() if member.made_by_key == key), None)

    async def add(self, member: StaffMember) -> bool:
        """Add a member; False if login or key is taken."""
        if await self.by_login(member.login) or (member.made_by_key and await self.by_key(member.made_by_key)):
            return False
        self.kept[member.id] = member
        return True

    async def save(self, member: StaffMember) -> bool:
        """Save a member; False if another writer was faster."""
        if self.kept[member.id].rev != member.rev:
            return False
        self.kept[member.id] = dataclasses.replace(member, rev=member.rev + 1)
        return True

    async def page(self, after: tuple[datetime, str] | None, limit: int) -> list[StaffMember]:
        """A page of members, in order of creation."""
        members = sorted(self.kept.values(), key=lambda member: (member.made_at, member.id))
        return [member for member in members if after is None or (member.made_at, member.id) > after][:limit]

    async def unsettled(self, limit: int) -> list[StaffMember]:
        """Members with an unfinished change."""
        return [member for member in self.kept.values() if member.unsettled][:limit]

    async def settled(self, member: StaffMember) -> None:
        """Mark a change as finished."""
        if self.kept[member.id].rev == member.rev:
            self.kept[member.id] = dataclasses.replace(member, acts=(), ends_sessions=False, unpublished=False)

    async def set_password(self, staff_id: str, old: str, new: str) -> None:
        """Replace the hash."""
        member = self.kept.get(staff_id)
        if member is not None and member.password == old:
            self.kept[staff_id] = dataclasses.replace(member, password=new, rev=member.rev + 1)

    async def has_admin(self) -> bool:
        """Whether there is an administrator."""
        return any(member.role is Role.ADMIN and member.active for member in self.kept.values())


class FakeAudit:
    """The chain."""

    def __init__(self) -> None:
        self.kept: dict[int, Entry] = {}
        self.highest = 0

    async def last(self) -> Entry | None:
        """The newest."""
        return self.kept[max(self.kept)] if self.kept else None

    async def has(self, act_id: str) -> bool:
        """Whether the act was entered."""
        return any(entry.act.id == act_id for entry in self.kept.values())

    async def add(self, entry: Entry) -> bool:
        """Append an entry; False if the number is taken or the act was entered."""
        if entry.n in self.kept or await self.has(entry.act.id):
            return False
        self.kept[entry.n] = entry
        self.highest = max(self.highest, entry.n)
        return True

    async def head(self) -> int:
        """The highest number."""
        return self.highest

    async def page(self, before: int | None, limit: int) -> list[Entry]:
        """Newest first."""
        return [self.kept[n] for n in sorted(self.kept, reverse=True) if before is None or n < before][:limit]

    async def after(self, n: int, limit: int) -> list[Entry]:
        """In order."""
        return [self.kept[k] for k in sorted(self.kept) if k > n][:limit]


class FakeLoginSteps:
    """Logins that wait for the second factor."""

    def __init__(self) -> None:
        self.kept: dict[str, LoginStep] = {}

    async def open(self, step: LoginStep) -> None:
        """Keep it."""
        self.kept[step.id] = step

    async def get(self, step_id: str, now: datetime) -> LoginStep | None:
        """While it waits."""
        step = self.kept.get(step_id)
        return step if step is not None and step.expires_at > now else None

    async def use_up(self, step_id: str) -> bool:
        """Once."""
        return self.kept.pop(step_id, None) is not None

    async def end_all(self, account: str) -> None:
        """All of an account."""
        self.kept = {key: step for key, step in self.kept.items() if step.account != account}
