"""Finds the account of a login, and reads the caller's own account."""

from typing import Any

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.proof import is_silent
from services.identity.accounts.models.session import LoginAccount
from services.identity.accounts.models.spellings import mask_cnic, read_cnic
from services.identity.accounts.models.staff import LOGIN, StaffMember
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.accounts.store.staff import StaffStore
from shared.addresses import read_mobile
from shared.auth import Principal
from shared.clock import Clock, utc_now
from shared.errors import NotFoundError
from shared.rights import Role
from shared.seal import BlindPurpose, KeyRing, SealPurpose
from shared.spelling import code_of


class Accounts:
    """Citizens by CNIC or mobile, staff by their login."""

    def __init__(self, citizens: CitizenStore, staff: StaffStore, keys: KeyRing, clock: Clock = utc_now) -> None:
        self._citizens = citizens
        self._staff = staff
        self._keys = keys
        self._clock = clock

    async def by_login(self, login: str) -> LoginAccount | None:
        """The account of a login, in whatever spelling."""
        if cnic := read_cnic(login):
            return _of_citizen(await self._citizens.by_index(self._keys.blind(cnic, SealPurpose.CITIZEN_CNIC)))
        if mobile := read_mobile(login):
            return _of_citizen(await self._citizens.by_index(self._keys.blind(mobile, SealPurpose.CITIZEN_MOBILE)))
        name = code_of(login).lower()
        return self._of_staff(await self._staff.by_login(name) if LOGIN.fullmatch(name) else None)

    async def citizen(self, account_id: str) -> Citizen | None:
        """The citizen's account with all its data."""
        return await self._citizens.get(account_id)

    async def citizen_with(self, cnic: str, mobile: str) -> Citizen | None:
        """The verified citizen with that CNIC who gave that mobile, proven or not."""
        citizen = await self._citizens.by_index(self._keys.blind(cnic, SealPurpose.CITIZEN_CNIC))
        if citizen is None or citizen.verified_at is None:
            return None
        known = self._keys.unseal(citizen.mobile, SealPurpose.CITIZEN_MOBILE, owner=citizen.id)
        return citizen if known == mobile else None

    async def get(self, account_id: str, role: Role) -> LoginAccount | None:
        """The account with that id if it still has that role."""
        if role is Role.CITIZEN:
            return _of_citizen(await self._citizens.get(account_id))
        account = await self.staff(account_id)
        return account if account is not None and account.role is role else None

    async def staff(self, account_id: str) -> LoginAccount | None:
        """The account of a member of staff."""
        return self._of_staff(await self._staff.get(account_id))

    async def set_password(self, account: LoginAccount, hashed: str) -> None:
        """Store a new hash of the same password; after a concurrent write the old one stays."""
        if account.role is not Role.CITIZEN:
            await self._staff.set_password(account.id, account.password, hashed)
            return
        citizen = await self._citizens.get(account.id)
        if citizen is not None and citizen.password == account.password:
            citizen.password = hashed
            await self._citizens.save_many([citizen])

    async def own_data(self, principal: Principal) -> dict[str, Any]:
        """The caller's own account. Raises NotFoundError."""
        base = {"id": principal.id, "role": principal.role.value, "department": principal.department}
        if principal.role is Role.DEPARTMENT:
            return base
        if principal.role is Role.CITIZEN:
            citizen = await self._citizens.get(principal.id)
            if citizen is None or citizen.erased_at is not None:
                raise NotFoundError
            return base | self._unsealed(citizen)
        member = await self._staff.get(principal.id)
        if member is None:
            raise NotFoundError
        return base | {
            "login": member.login,
            "name": member.name,
            "counter": member.counter,
            "totp": member.has_totp,
            "recovery_codes_left": member.recovery_codes_left,
            "start_password": member.start_password_until is not None,
        }

    def counter_of(self, login: str) -> str:
        """The counter of attempts for a login that has no account."""
        normal = read_cnic(login) or read_mobile(login) or code_of(login).lower()
        return self._keys.blind(normal, BlindPurpose.ACCOUNT_LOGIN)

    def _of_staff(self, member: StaffMember | None) -> LoginAccount | None:
        if member is None:
            return None
        return LoginAccount(
            member.id,
            member.role,
            member.password,
            member.department,
            active=member.may_log_in(self._clock()),
            totp=member.has_totp,
            start_password=member.start_password_until is not None,
        )

    def _unsealed(self, citizen: Citizen) -> dict[str, Any]:
        opened = {
            name: self._keys.unseal(getattr(citizen, name), SealPurpose(f"citizen.{name}"), owner=citizen.id)
            for name in ("name", "cnic", "mobile", "email", "address")
        }
        return {
            **opened,
            "cnic": mask_cnic(opened["cnic"]),
            "language": citizen.language,
            "verified": citizen.verified_at is not None,
            "mobile_proven": citizen.mobile_proven,
            "mobile_silent": is_silent(citizen, self._clock()),
            "identity": citizen.identity,
            "registered_at": citizen.registered_at,
        }


def _of_citizen(citizen: Citizen | None) -> LoginAccount | None:
    if citizen is None or not citizen.password:
        return None
    return LoginAccount(citizen.id, Role.CITIZEN, citizen.password, active=citizen.verified_at is not None)
