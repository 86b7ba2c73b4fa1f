"""Members of staff change their own password, as they must when it is a start password."""

import dataclasses

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.audit import What
from services.identity.accounts.models.staff import StaffMember
from services.identity.accounts.passwords import SHORTEST, is_acceptable
from services.identity.accounts.ports import Staff
from services.identity.codes.service.proving import Proving
from services.identity.staff.service.staff_settling import StaffSettling
from shared.clock import Clock
from shared.errors import InvalidError, NotFoundError
from shared.rights import Role

SHORTEST_ALONE = 15
"""Where the password is the only factor (NIST SP 800-63B-4)."""


class StaffPasswords:
    """The use case. Without a second factor the password has fifteen characters, where `alone_is_long` says so."""

    def __init__(
        self,
        staff: Staff,
        settling: StaffSettling,
        proving: Proving,
        hasher: Hasher,
        clock: Clock,
        *,
        alone_is_long: bool,
    ) -> None:
        self._staff = staff
        self._settling = settling
        self._proving = proving
        self._hasher = hasher
        self._clock = clock
        self._alone_is_long = alone_is_long

    async def change(self, member_id: str, role: Role, current: str, new: str) -> None:
        """Exchange the password; all sessions end, this one too.

        Raises InvalidError when the current one is wrong or the new one will not do, TooManyRequestsError.
        """
        member = await self._staff.get(member_id)
        if member is None:
            raise NotFoundError
        await self._proving.by_password(member_id, current, role)
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

        await self._settling.write(member_id, changed)
