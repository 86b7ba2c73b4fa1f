"""Accounts of staff: making and listing them, changing role and place, disabling, and passwords."""

import asyncio
import dataclasses
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.audit import What
from services.identity.accounts.models.staff import StaffMember, placed
from services.identity.accounts.passwords import SHORTEST, is_acceptable
from services.identity.accounts.ports import Staff
from services.identity.codes.service.password_check import PasswordCheck
from services.identity.staff.service.members import Members, Step
from shared.clock import Clock
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.rights import IN_DEPARTMENT, Role
from shared.seal import KeyRing

START_PASSWORD_LIFE = timedelta(days=3)
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are taken for another when read out or copied by hand."""
PARTS, PART = 5, 4
START = "start"
"""The maker of the first administrator."""
OPERATOR = "operator"
"""Stands for an operator, who acts with a command on the machine instead of a session."""
SHORTEST_ALONE = 15
"""The shortest password where it is the only factor (NIST SP 800-63B-4, section 3.1.1.2)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NewMember:
    """A member to be made. Without a password the member gets a start password."""

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


class StaffAccounts:
    """The use cases. `chosen_passwords` (demo, test) lets the maker of an account choose its password.

    With `alone_is_long` a password has fifteen characters where its owner has no second factor. Nobody changes their
    own account here but for its password; each change that matters ends the member's sessions.
    """

    def __init__(
        self,
        staff: Staff,
        members: Members,
        password_check: PasswordCheck,
        hasher: Hasher,
        keys: KeyRing,
        clock: Clock,
        *,
        chosen_passwords: bool,
        alone_is_long: bool,
    ) -> None:
        self._staff = staff
        self._members = members
        self._password_check = password_check
        self._hasher = hasher
        self._keys = keys
        self._clock = clock
        self._chosen_passwords = chosen_passwords
        self._alone_is_long = alone_is_long

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
            await self._members.settle(member)
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

    async def change(self, member_id: str, fields: Mapping[str, Any], *, by: str) -> StaffMember:
        """Change role, department, counter or `disabled`. To make an administrator is only proposed by this.

        Raises NotFoundError, ConflictError.
        """

        def changed(member: StaffMember) -> StaffMember:
            member = self._placed(member, fields, by)
            disabled = fields.get("disabled", member.disabled)
            if disabled != member.disabled:
                what = What.DISABLED if disabled else What.ENABLED
                member = member.changed(what, by, self._clock(), ends_sessions=True, disabled=disabled)
            return member

        return await self._write(member_id, changed, by)

    async def confirm(self, member_id: str, *, by: str) -> StaffMember:
        """Confirm a proposed administrator; the proposer cannot. Raises ConflictError."""

        def confirmed(member: StaffMember) -> StaffMember:
            if member.proposed_by is None:
                raise ConflictError("nothing-to-confirm")
            if member.proposed_by == by:
                raise ConflictError("second-person-needed")
            place = {"role": Role.ADMIN, "department": None, "counter": None, "proposed_by": None}
            return member.changed(What.CONFIRMED, by, self._clock(), ends_sessions=True, **place)

        return await self._write(member_id, confirmed, by)

    async def reset_password(self, member_id: str, *, by: str) -> Started:
        """Give a start password, which the member has to change; the old one ends. Raises ConflictError.

        An administrator without a second factor gets one from an operator only: a colleague would be both.
        """
        start_password = new_start_password()
        hashed = await self._hasher.hash(start_password)

        def reset(member: StaffMember) -> StaffMember:
            if member.role is Role.ADMIN and member.proposed_by is None and not member.has_totp and by != OPERATOR:
                raise ConflictError("operator-needed")
            now = self._clock()
            until = now + START_PASSWORD_LIFE
            fields = {"password": hashed, "start_password_until": until}
            return member.changed(What.PASSWORD_RESET, by, now, ends_sessions=True, **fields)

        member = await self._write(member_id, reset, by)
        await self._password_check.clear_failures(member_id)
        return Started(member, start_password)

    async def change_own_password(self, member_id: str, role: Role, current: str, new: str) -> None:
        """Exchange the password; all sessions end, this one too.

        Raises InvalidError when the current one is wrong or the new one will not do, TooManyRequestsError.
        """
        member = await self._staff.get(member_id)
        if member is None:
            raise NotFoundError
        await self._password_check.verify(member_id, current, role)
        shortest = SHORTEST_ALONE if self._alone_is_long and not member.has_totp else SHORTEST
        if new == current or len(new) < shortest or not is_acceptable(new, words=(member.login, member.name)):
            raise InvalidError("new-password-refused", length=shortest)
        hashed = await self._hasher.hash(new)
        proven = member.password

        def changed(known: StaffMember) -> StaffMember:
            if known.password != proven:  # somebody reset it meanwhile, and that is what holds
                raise InvalidError("password-wrong")
            own = dataclasses.replace(known, password=hashed, start_password_until=None)
            return own.changed(What.PASSWORD_CHANGED, known.id, self._clock(), ends_sessions=True)

        await self._members.change(member_id, changed)

    def _placed(self, member: StaffMember, fields: Mapping[str, Any], by: str) -> StaffMember:
        """The member in the role and place that the fields name."""
        role: Role = fields.get("role", member.role)
        if role is Role.ADMIN and member.role is not Role.ADMIN:
            return member.changed(What.PROPOSED, by, self._clock(), ends_sessions=False, proposed_by=by)
        department = fields.get("department", member.department if role in IN_DEPARTMENT else None)
        counter = fields.get("counter", member.counter if role is Role.CLERK else None)
        if placed(role, department, counter) is not None:
            raise ConflictError("role-does-not-fit")
        if (role, department, counter) == (member.role, member.department, member.counter):
            return member
        what = What.MOVED if role is member.role else What.ROLE_CHANGED
        place: dict[str, Any] = {"role": role, "department": department, "counter": counter}
        if what is What.ROLE_CHANGED:
            place["proposed_by"] = None
        return member.changed(what, by, self._clock(), ends_sessions=True, **place)

    async def _write(self, member_id: str, step: Step, by: str) -> StaffMember:
        if member_id == by:
            raise ConflictError("own-account")
        return await self._members.change(member_id, step)
