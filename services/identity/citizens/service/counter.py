"""What a clerk does for a citizen at the counter or on the phone: finding the account, or opening one."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.accounts.models.audit import AdminAct, What
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.spellings import mask_mobile, mask_name
from services.identity.accounts.ports import Citizens, Throttles
from services.identity.citizens.service.registration import Registration, Registrations
from services.identity.codes.service.codes import Pending
from services.identity.codes.service.limits import LOOKUPS, claim_try
from services.identity.staff.service.audit import Audit
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.rights import Role
from shared.seal import KeyRing, SealPurpose


@dataclass(frozen=True)
class Found:
    """Enough of an account to be sure that it is this person's, and no more."""

    id: str
    name: str
    mobile: str
    verified: bool
    mobile_proven: bool


class AccessRecorder(Protocol):
    """The looks at citizens' data, which they read."""

    async def note(self, citizen_id: str, what: str, role: Role, at: datetime) -> None:
        """Keep a look."""


class CounterAccounts:
    """The use cases of clerks. Each is entered in the audit before anything is shown."""

    def __init__(
        self,
        citizens: Citizens,
        registrations: Registrations,
        throttles: Throttles,
        audit: Audit,
        trail: AccessRecorder,
        keys: KeyRing,
        clock: Clock,
    ) -> None:
        self._citizens = citizens
        self._registrations = registrations
        self._throttles = throttles
        self._audit = audit
        self._trail = trail
        self._keys = keys
        self._clock = clock

    async def look_up(self, clerk: str, *, cnic: str | None = None, mobile: str | None = None) -> Found:
        """The account with this CNIC or this mobile. Raises NotFoundError, TooManyRequestsError."""
        now = self._clock()
        await claim_try(self._throttles, f"lookup:{clerk}", LOOKUPS, now, "too-many-lookups")
        kind, value = ("cnic", cnic) if cnic else ("mobile", mobile or "")
        citizen = await self._citizens.by_index(self._keys.blind(value, f"citizen.{kind}"))
        if citizen is not None and citizen.lapsed(now):
            citizen = None
        await self._enter(What.LOOKED_UP, clerk, citizen.id if citizen else None, {"asked_by": kind})
        if citizen is None:
            raise NotFoundError
        await self._trail.note(citizen.id, "account", Role.CLERK, now)
        name = self._keys.unseal(citizen.name, SealPurpose.CITIZEN_NAME, owner=citizen.id)
        number = self._keys.unseal(citizen.mobile, SealPurpose.CITIZEN_MOBILE, owner=citizen.id)
        verified = citizen.verified_at is not None
        return Found(citizen.id, mask_name(name), mask_mobile(number), verified, citizen.mobile_proven)

    async def register(self, clerk: str, form: Registration, idempotency_key: str | None = None) -> Pending:
        """Open an account without a password; the code that goes to the mobile is read out to the clerk.

        Raises as `Registrations.register`; codes are counted by clerk, as elsewhere by address.
        """
        pending = await self._registrations.register(form, f"clerk:{clerk}", idempotency_key)
        await self._enter(What.REGISTERED, clerk, None, {})
        return pending

    async def verify(self, clerk: str, registration: str, code: str) -> Citizen:
        """Prove the mobile, or the email; the account. Raises as `Registrations.verify`."""
        citizen = await self._registrations.verify(registration, code, f"clerk:{clerk}")
        await self._enter(What.VERIFIED, clerk, citizen.id, {})
        return citizen

    async def _enter(self, what: What, clerk: str, citizen: str | None, details: dict[str, str]) -> None:
        await self._audit.enter(AdminAct(secrets.token_hex(16), self._clock(), what, clerk, citizen, details))
