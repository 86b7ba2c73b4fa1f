"""Making and listing accounts of staff; the first administrator comes from the settings."""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.audit import What
from services.identity.accounts.models.staff import StaffMember
from services.identity.accounts.ports import Staff
from services.identity.staff.service.staff_settling import StaffSettling
from shared.clock import Clock
from shared.errors import ConflictError, InvalidError
from shared.rights import Role
from shared.seal import KeyRing

START_PASSWORD_LIFE = timedelta(days=3)
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are taken for another when read out or copied by hand."""
PARTS, PART = 5, 4
START = "start"
"""Who makes the first administrator."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NewMember:
    """Who is to be made. Without a password they get a start password."""

    login: str
    name: str = field(repr=False)
    role: Role
    department: str | None
    password: str | None = field(repr=False)
    counter: str | None = None


@dataclass(frozen=True)
class Started:
    """A member, and the start password if one was made just now."""

    member: StaffMember
    start_password: str | None = field(default=None, repr=False)


def new_start_password() -> str:
    """A password of 99 random bits, to be changed at the first login."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(PART)) for _ in range(PARTS))


class StaffOffice:
    """The use cases of making staff. With `chosen_passwords` (demo, test) the maker may choose the password."""

    def __init__(
        self,
        staff: Staff,
        settling: StaffSettling,
        hasher: Hasher,
        keys: KeyRing,
        clock: Clock,
        *,
        chosen_passwords: bool,
    ) -> None:
        self._staff = staff
        self._settling = settling
        self._hasher = hasher
        self._keys = keys
        self._clock = clock
        self._chosen_passwords = chosen_passwords

    async def add(self, new: NewMember, *, by: str, idempotency_key: str | None = None) -> Started:
        """Make an account; an administrator waits for a second one's word. Raises ConflictError for a taken login.

        The key of the making, sent again with the same words, gives the same account; with other words InvalidError.
        """
        if new.password is not None and not self._chosen_passwords and by != START:
            raise InvalidError("password-not-yours")
        key = self._keys.blind(f"{by}\0{idempotency_key}", "staff.key") if idempotency_key else None
        start_password = new_start_password() if new.password is None else None
        now = self._clock()
        member = StaffMember(
            id=secrets.token_hex(16),
            login=new.login,
            name=new.name,
            role=new.role,
            department=new.department,
            counter=new.counter,
            password=await self._hasher.hash(new.password or start_password or ""),
            made_at=now,
            made_by=by,
            made_by_key=key,
            start_password_until=now + START_PASSWORD_LIFE if start_password else None,
            proposed_by=by if new.role is Role.ADMIN and by != START else None,
        )
        told = {"role": member.role, "department": member.department, "counter": member.counter}
        member = member.changed(What.MADE, by, now, ends_sessions=False, **told)
        if await self._staff.add(member):
            log.info("staff.added", member=member.id, role=member.role.value, by=by)
            await self._settling.settle(member)
            return Started(member, start_password)
        there = await self._staff.by_key(key) if key else None
        if there is None:
            raise ConflictError("login-taken")
        made_of = (there.login, there.name, there.role, there.department, there.counter)
        if made_of != (new.login, new.name, new.role, new.department, new.counter):
            raise InvalidError("idempotency-key-reused")
        return Started(there)

    async def ensure_admin(self, login: str, password: str) -> None:
        """Make the first administrator when there is none; several processes may try at once."""
        if await self._staff.has_admin():
            return
        try:
            await self.add(NewMember(login, "Administrator", Role.ADMIN, None, password), by=START)
        except ConflictError:
            log.info("staff.admin_there")

    async def page(self, after: tuple[datetime, str] | None, limit: int) -> list[StaffMember]:
        """Members in the order of their making, from after that place on."""
        return await self._staff.page(after, limit)

    async def logins(self, ids: Iterable[str | None]) -> dict[str, str]:
        """The logins of those among the accounts that are staff's, by their ids."""
        found = await asyncio.gather(*(self._staff.get(one) for one in {one for one in ids if one}))
        return {member.id: member.login for member in found if member is not None}
