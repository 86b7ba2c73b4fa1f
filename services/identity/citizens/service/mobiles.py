"""Changes the mobile: with the password, a code to the new number, and for a day an undo from the old number.

The answers do not reveal whether the new number already has an account.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.challenge import BY_SMS
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.citizens.models.changes import NewMobile, change_mobile, erase, undo_mobile
from services.identity.codes.service.codes import CodeFailedError, CodeRequest, Codes, Pending
from services.identity.codes.service.password_check import (
    PasswordCheck,
    require_same_password,
    require_settled_password,
)
from services.identity.sessions.service.own_sessions import OwnSessions
from shared.changing import ContendedError, change_loaded
from shared.clock import Clock
from shared.errors import InvalidError, NotFoundError
from shared.seal import KeyRing, SealPurpose

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
UNDO_LETTERS = 12

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MobileChanges:
    """The use cases."""

    citizens: CitizenStore
    ends: OwnSessions
    password_check: PasswordCheck
    codes: Codes
    hasher: Hasher
    keys: KeyRing
    clock: Clock

    async def ask(self, citizen_id: str, mobile: str, password: str, address: str) -> Pending:
        """Send a code to the new number, unless another account has it. The account's own number can be proven again.

        Raises what `PasswordCheck.verify` and `Codes.open` raise, ConflictError.
        """
        proven = await self.password_check.verify(citizen_id, password)
        citizen = await self.citizens.get(citizen_id)
        if citizen is None:
            raise NotFoundError
        require_same_password(citizen, proven)
        index = self.keys.blind(mobile, SealPurpose.CITIZEN_MOBILE)
        if index not in (citizen.mobile_index, citizen.mobile_unproven):
            require_settled_password(citizen, self.clock())
        owner = await self.citizens.by_index(index)
        held = owner is not None and owner.id != citizen_id and not owner.lapsed(self.clock())
        code_request = CodeRequest("contact", citizen_id, index, address, BY_SMS)
        to = self.keys.seal(mobile, SealPurpose.CITIZEN_MOBILE, owner=citizen_id)
        return await self.codes.start(code_request, None if held else citizen, to)

    async def prove(self, citizen_id: str, challenge: str, code: str, address: str = "") -> None:
        """Change to the new number. Raises CodeFailedError, TooManyRequestsError."""
        citizen = await self.citizens.by_challenge(challenge)
        if citizen is None or citizen.id != citizen_id:
            raise CodeFailedError
        mobile = self.keys.unseal(_number(citizen, challenge), SealPurpose.CITIZEN_MOBILE, owner=citizen_id)
        index = self.keys.blind(mobile, SealPurpose.CITIZEN_MOBILE)
        if not await self._claim_number(index, citizen_id):
            raise CodeFailedError
        try:
            await self.codes.answer(
                "contact", challenge, code, lambda known, at: self._change(known, challenge, at), address
            )
        except ContendedError:
            if await self._claim_number(index, citizen_id):
                raise
            raise CodeFailedError from None  # another citizen proved the number at the same time
        log.info("citizen.mobile_changed", citizen=citizen_id)

    async def undo(self, code: str) -> None:
        """Restore the old number and end all sessions; the password must then be reset. Raises InvalidError."""
        index = self.keys.blind(code, SealPurpose.CITIZEN_UNDO)
        unknown_password = await self.hasher.hash(secrets.token_urlsafe(32))

        async def restore(citizen: Citizen) -> None:
            if not undo_mobile(citizen, index, unknown_password, self.clock()):
                raise InvalidError("undo-failed")
            if not await self._claim_number(citizen.mobile_index, citizen.id):
                raise InvalidError("undo-failed")

        try:
            citizen = await change_loaded(self.citizens, lambda: self.citizens.by_undo(index), restore)
        except NotFoundError:
            raise InvalidError("undo-failed") from None
        await self.ends.settle(citizen)
        log.warning("citizen.mobile_restored", citizen=citizen.id)

    async def forget_undos(self) -> None:
        """Remove old mobiles whose undo has expired."""
        await self.citizens.forget_undos(self.clock())

    async def _claim_number(self, index: str, citizen_id: str) -> bool:
        """Whether no other account has the number; a lapsed registration is erased for it."""
        owner = await self.citizens.by_index(index)
        if owner is None or owner.id == citizen_id:
            return True
        if not owner.lapsed(self.clock()):
            return False
        erase(owner, self.clock())
        return not await self.citizens.save_many([owner])

    def _change(self, citizen: Citizen, challenge: str, at: datetime) -> None:
        sealed = _number(citizen, challenge)
        index = self.keys.blind(
            self.keys.unseal(sealed, SealPurpose.CITIZEN_MOBILE, owner=citizen.id), SealPurpose.CITIZEN_MOBILE
        )
        undo = "".join(secrets.choice(LETTERS) for _ in range(UNDO_LETTERS))
        sealed_undo = self.keys.seal(undo, SealPurpose.CITIZEN_UNDO, owner=citizen.id)
        change_mobile(
            citizen, NewMobile(sealed, index, sealed_undo, self.keys.blind(undo, SealPurpose.CITIZEN_UNDO)), at
        )


def _number(citizen: Citizen, challenge: str) -> str:
    """The sealed number to which a code of this challenge went. Raises CodeFailedError."""
    for code in citizen.codes:
        if code["purpose"] == "contact" and code["challenge"] == challenge and code["to"]:
            return str(code["to"])
    raise CodeFailedError
