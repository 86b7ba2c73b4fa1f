"""Accounts of staff: creating and listing them, changing role and department, disabling, and passwords."""

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
from services.identity.accounts.models.staff import StaffMember, placement_error
from services.identity.accounts.passwords import MIN_LENGTH, is_acceptable
from services.identity.accounts.store.staff import StaffStore
from services.identity.codes.service.password_check import PasswordCheck
from services.identity.staff.service.members import Members, Step
from shared.clock import Clock
from shared.errors import ConflictError, InvalidError, KeyReusedError, NotFoundError
from shared.rights import IN_DEPARTMENT, Role
from shared.seal import BlindPurpose, KeyRing

START_PASSWORD_LIFE = timedelta(days=3)
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without letters that are easily confused when read out or copied by hand."""
PARTS, PART = 5, 4
START = "start"
"""In place of the account that created the first administrator."""
OPERATOR = "operator"
"""In place of an account for operators, who use a command on the machine."""
MIN_LENGTH_ALONE = 15
"""Minimum length of a password that is the only factor (NIST SP 800-63B-4, section 3.1.1.2)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NewMember:
    """A new member. Without a password the member gets a start password."""

    login: str
    name: str = field(repr=False)
    role: Role
    department: str | None
    password: str | None = field(repr=False)
    counter: str | None = None


@dataclass(frozen=True)
class Started:
    """A member, and the start password if one was just made."""

    member: StaffMember
    start_password: str | None = field(default=None, repr=False)


def new_start_password() -> str:
    """A password of 99 random bits, to be changed at the first login."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(PART)) for _ in range(PARTS))


@dataclass(frozen=True, slots=True)
class StaffAccounts:
    """The use cases. With `chosen_passwords` (demo, test) the administrator may choose a new account's password.

    With `alone_is_long` passwords of members without a second factor have at least 15 characters. Nobody can change
    their own account here, except its password; each change ends the member's sessions.
    """

    staff: StaffStore
    members: Members
    password_check: PasswordCheck
    hasher: Hasher
    keys: KeyRing
    clock: Clock
    chosen_passwords: bool = field(kw_only=True)
    alone_is_long: bool = field(kw_only=True)

    async def add(self, new: NewMember, *, by: str, idempotency_key: str | None = None) -> Started:
        """Create an account; an administrator waits for confirmation. Raises ConflictError for a taken login.

        The same key with the same fields returns the same account, with other fields InvalidError.
        """
        if new.password is not None and not self.chosen_passwords and by != START:
            raise InvalidError("password-not-yours")
        key = None
        if idempotency_key:
            key = self.keys.blind(f"{by}\0{idempotency_key}", BlindPurpose.STAFF_IDEMPOTENCY_KEY)
        start_password = new_start_password() if new.password is None else None
        now = self.clock()
        member = StaffMember(
            id=secrets.token_hex(16),
            login=new.login,
            name=new.name,
            role=new.role,
            department=new.department,
            counter=new.counter,
            password=await self.hasher.hash(new.password or start_password or ""),
            made_at=now,
            made_by=by,
            made_by_key=key,
            start_password_until=now + START_PASSWORD_LIFE if start_password else None,
            proposed_by=by if new.role is Role.ADMIN and by != START else None,
        )
        placement = {"role": member.role, "department": member.department, "counter": member.counter}
        member = member.changed(What.MADE, by, now, ends_sessions=False, **placement)
        if await self.staff.add(member):
            log.info("staff.added", member=member.id, role=member.role.value, by=by)
            await self.members.settle(member)
            return Started(member, start_password)
        earlier = await self.staff.by_key(key) if key else None
        if earlier is None:
            raise ConflictError("login-taken")
        fields = (earlier.login, earlier.name, earlier.role, earlier.department, earlier.counter)
        if fields != (new.login, new.name, new.role, new.department, new.counter):
            raise KeyReusedError
        return Started(earlier)

    async def ensure_admin(self, login: str, password: str) -> None:
        """Create the first administrator if there is none; several processes may try at once."""
        if await self.staff.has_admin():
            return
        try:
            await self.add(NewMember(login, "Administrator", Role.ADMIN, None, password), by=START)
        except ConflictError:
            log.info("staff.admin_there")

    async def page(self, after: tuple[datetime, str] | None, limit: int) -> list[StaffMember]:
        """A page of members in the order of creation."""
        return await self.staff.page(after, limit)

    async def logins(self, ids: Iterable[str | None]) -> dict[str, str]:
        """The logins of the staff among these accounts, by id."""
        found = await asyncio.gather(*(self.staff.get(one) for one in {one for one in ids if one}))
        return {member.id: member.login for member in found if member is not None}

    async def change(self, member_id: str, fields: Mapping[str, Any], *, by: str) -> StaffMember:
        """Change role, department, counter or `disabled`. The role of administrator is only proposed by this.

        Raises NotFoundError, ConflictError.
        """

        def changed(member: StaffMember) -> StaffMember:
            member = self._placed(member, fields, by)
            disabled = fields.get("disabled", member.disabled)
            if disabled != member.disabled:
                what = What.DISABLED if disabled else What.ENABLED
                member = member.changed(what, by, self.clock(), ends_sessions=True, disabled=disabled)
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
            return member.changed(What.CONFIRMED, by, self.clock(), ends_sessions=True, **place)

        return await self._write(member_id, confirmed, by)

    async def reset_password(self, member_id: str, *, by: str) -> Started:
        """Set a start password, which the member has to change; the old password ends. Raises ConflictError.

        For an administrator without a second factor only an operator can do this: another administrator could log in
        with it and so act as two.
        """
        start_password = new_start_password()
        hashed = await self.hasher.hash(start_password)

        def reset(member: StaffMember) -> StaffMember:
            if member.role is Role.ADMIN and member.proposed_by is None and not member.has_totp and by != OPERATOR:
                raise ConflictError("operator-needed")
            now = self.clock()
            until = now + START_PASSWORD_LIFE
            fields = {"password": hashed, "start_password_until": until}
            return member.changed(What.PASSWORD_RESET, by, now, ends_sessions=True, **fields)

        member = await self._write(member_id, reset, by)
        await self.password_check.clear_failures(member_id)
        return Started(member, start_password)

    async def change_own_password(self, member_id: str, role: Role, current: str, new: str) -> None:
        """Change the caller's own password; all sessions end, this one too.

        Raises InvalidError when the current one is wrong or the new one is not allowed, TooManyRequestsError.
        """
        member = await self.staff.get(member_id)
        if member is None:
            raise NotFoundError
        await self.password_check.verify(member_id, current, role)
        shortest = MIN_LENGTH_ALONE if self.alone_is_long and not member.has_totp else MIN_LENGTH
        if new == current or len(new) < shortest or not is_acceptable(new, words=(member.login, member.name)):
            raise InvalidError("new-password-refused", length=shortest)
        hashed = await self.hasher.hash(new)
        proven = member.password

        def changed(known: StaffMember) -> StaffMember:
            if known.password != proven:  # it was reset meanwhile
                raise InvalidError("password-wrong")
            own = dataclasses.replace(known, password=hashed, start_password_until=None)
            return own.changed(What.PASSWORD_CHANGED, known.id, self.clock(), ends_sessions=True)

        await self.members.change(member_id, changed)

    def _placed(self, member: StaffMember, fields: Mapping[str, Any], by: str) -> StaffMember:
        """The member with the role, department and counter of the fields."""
        role: Role = fields.get("role", member.role)
        if role is Role.ADMIN and member.role is not Role.ADMIN:
            return member.changed(What.PROPOSED, by, self.clock(), ends_sessions=False, proposed_by=by)
        department = fields.get("department", member.department if role in IN_DEPARTMENT else None)
        counter = fields.get("counter", member.counter if role is Role.CLERK else None)
        if placement_error(role, department, counter) is not None:
            raise ConflictError("role-does-not-fit")
        if (role, department, counter) == (member.role, member.department, member.counter):
            return member
        what = What.MOVED if role is member.role else What.ROLE_CHANGED
        place: dict[str, Any] = {"role": role, "department": department, "counter": counter}
        if what is What.ROLE_CHANGED:
            place["proposed_by"] = None
        return member.changed(what, by, self.clock(), ends_sessions=True, **place)

    async def _write(self, member_id: str, step: Step, by: str) -> StaffMember:
        if member_id == by:
            raise ConflictError("own-account")
        return await self.members.change(member_id, step)
