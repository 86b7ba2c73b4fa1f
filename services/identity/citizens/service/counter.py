"""What a clerk does for a citizen at the counter or on the phone: find an account, or open one."""

import secrets
from dataclasses import dataclass

from pydantic import BaseModel

from services.identity.accounts.models.audit import AuditedAct, What
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.spellings import mask_mobile, mask_name
from services.identity.accounts.store.accesses import AccessTrailStore
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.citizens.service.registration import Registration, Registrations
from services.identity.codes.service.codes import Pending
from services.identity.codes.service.limits import LOOKUPS, claim_try
from services.identity.staff.service.audit import Audit
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.rights import Role
from shared.seal import KeyRing, SealPurpose


class FoundAnswer(BaseModel):
    """An account, with name and mobile masked.

    `verified` says whether the account was opened with a code, `mobile_proven` whether the code went to the mobile.
    """

    id: str
    name: str
    mobile: str
    verified: bool
    mobile_proven: bool


@dataclass(frozen=True, slots=True)
class CounterAccounts:
    """The use cases of clerks. Each is entered in the audit before the clerk gets an answer."""

    citizens: CitizenStore
    registrations: Registrations
    throttles: ThrottleStore
    audit: Audit
    trail: AccessTrailStore
    keys: KeyRing
    clock: Clock

    async def look_up(self, clerk: str, *, cnic: str | None = None, mobile: str | None = None) -> FoundAnswer:
        """The account with this CNIC or this mobile. Raises NotFoundError, TooManyRequestsError."""
        now = self.clock()
        await claim_try(self.throttles, f"lookup:{clerk}", LOOKUPS, now, "too-many-lookups")
        kind, value = ("cnic", cnic) if cnic else ("mobile", mobile or "")
        citizen = await self.citizens.by_index(self.keys.blind(value, SealPurpose(f"citizen.{kind}")))
        if citizen is not None and citizen.lapsed(now):
            citizen = None
        await self._enter(What.LOOKED_UP, clerk, citizen.id if citizen else None, {"asked_by": kind})
        if citizen is None:
            raise NotFoundError
        await self.trail.note(citizen.id, "account", Role.CLERK, now)
        name = self.keys.unseal(citizen.name, SealPurpose.CITIZEN_NAME, owner=citizen.id)
        number = self.keys.unseal(citizen.mobile, SealPurpose.CITIZEN_MOBILE, owner=citizen.id)
        return FoundAnswer(
            id=citizen.id,
            name=mask_name(name),
            mobile=mask_mobile(number),
            verified=citizen.verified_at is not None,
            mobile_proven=citizen.mobile_proven,
        )

    async def register(self, clerk: str, form: Registration, idempotency_key: str | None = None) -> Pending:
        """Open an account without a password; the citizen reads out to the clerk the code sent to the mobile.

        Codes are counted for each clerk, elsewhere for each address. Raises what `Registrations.register` raises.
        """
        pending = await self.registrations.register(form, f"clerk:{clerk}", idempotency_key)
        await self._enter(What.REGISTERED, clerk, None, {})
        return pending

    async def verify(self, clerk: str, registration: str, code: str) -> Citizen:
        """Prove the mobile or the email; returns the account. Raises what `Registrations.verify` raises."""
        citizen = await self.registrations.verify(registration, code, f"clerk:{clerk}")
        await self._enter(What.VERIFIED, clerk, citizen.id, {})
        return citizen

    async def _enter(self, what: What, clerk: str, citizen: str | None, details: dict[str, str]) -> None:
        await self.audit.enter(AuditedAct(secrets.token_hex(16), self.clock(), what, clerk, citizen, details))
