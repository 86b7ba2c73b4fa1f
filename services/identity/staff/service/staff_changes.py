"""Changes of accounts of staff: role, department, disabling, a start password, a second administrator's word."""

from collections.abc import Mapping
from typing import Any

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.audit import What
from services.identity.accounts.models.staff import StaffMember, placed
from services.identity.codes.service.proving import Proving
from services.identity.staff.service.staff import START_PASSWORD_LIFE, Started, new_start_password
from services.identity.staff.service.staff_settling import StaffSettling, Step
from shared.clock import Clock
from shared.errors import ConflictError
from shared.rights import IN_DEPARTMENT, Role

OPERATOR = "operator"
"""Who acts with a command of the machine instead of a session."""


class StaffChanges:
    """The use cases. Nobody changes their own account here; each change that matters ends the member's sessions."""

    def __init__(self, settling: StaffSettling, proving: Proving, hasher: Hasher, clock: Clock) -> None:
        self._settling = settling
        self._proving = proving
        self._hasher = hasher
        self._clock = clock

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
        """Confirm that somebody becomes an administrator; not for who proposed it. Raises ConflictError."""

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
        await self._proving.forgive(member_id)
        return Started(member, start_password)

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
        return await self._settling.write(member_id, step)
