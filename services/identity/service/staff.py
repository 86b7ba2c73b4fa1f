"""Making officers, heads and administrators; the first administrator comes from the settings."""

import secrets
from dataclasses import dataclass, field

import structlog

from services.identity.hashing import Hasher
from services.identity.models.staff import StaffMember
from services.identity.service.ports import Staff
from shared.clock import Clock
from shared.errors import ConflictError, InvalidError
from shared.rights import Role
from shared.seal import KeyRing

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NewMember:
    """Who is to be made."""

    login: str
    name: str = field(repr=False)
    role: Role
    department: str | None
    password: str = field(repr=False)


class StaffOffice:
    """The use cases of staff accounts."""

    def __init__(self, staff: Staff, hasher: Hasher, keys: KeyRing, clock: Clock) -> None:
        self._staff = staff
        self._hasher = hasher
        self._keys = keys
        self._clock = clock

    async def add(self, new: NewMember, *, by: str, idempotency_key: str | None = None) -> StaffMember:
        """Make an account. Raises ConflictError when the login is taken.

        The key of the making, sent again with the same words, gives the same account; with other words InvalidError.
        """
        key = self._keys.blind(f"{by}\0{idempotency_key}", "staff.key") if idempotency_key else None
        member = StaffMember(
            id=secrets.token_hex(16),
            login=new.login,
            name=new.name,
            role=new.role,
            department=new.department,
            password=await self._hasher.hash(new.password),
            made_at=self._clock(),
            made_by=by,
            made_by_key=key,
        )
        if await self._staff.add(member):
            log.info("staff.added", member=member.id, role=member.role.value, by=by)
            return member
        there = await self._staff.by_login(new.login)
        if there is None or key is None or there.made_by_key != key:
            raise ConflictError("login-taken")
        if (there.name, there.role, there.department) != (new.name, new.role, new.department):
            raise InvalidError("idempotency-key-reused")
        return there

    async def ensure_admin(self, login: str, password: str) -> None:
        """Make the first administrator when there is none; several processes may try at once."""
        if await self._staff.has_admin():
            return
        try:
            await self.add(NewMember(login, "Administrator", Role.ADMIN, None, password), by="start")
        except ConflictError:
            log.info("staff.admin_there")
