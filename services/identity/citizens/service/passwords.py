"""A citizen's password: reset by a code, or changed with the present one."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from pydantic import BaseModel, Field

from services.identity.accounts.hashing import Hasher, hash_of_token
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.passwords import MIN_LENGTH, is_acceptable
from services.identity.accounts.service.accounts import Accounts
from services.identity.accounts.service.changing import change_citizen
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.codes.models.new_password import RESET_LIFE, allow_reset, may_reset, set_password
from services.identity.codes.service.codes import CodeRequest, Codes, Pending
from services.identity.codes.service.password_check import PasswordCheck, PasswordWrongError
from services.identity.sessions.service.own_sessions import OwnSessions
from shared.clock import Clock
from shared.errors import InvalidError, NotFoundError
from shared.seal import BlindPurpose, KeyRing, SealPurpose

log = structlog.get_logger(__name__)


class ResetTokenAnswer(BaseModel):
    """A token to choose a password with, once, within `expires_in` seconds."""

    token: str = Field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Passwords:
    """The use cases. The answers of a reset do not reveal whether an account has that CNIC and mobile."""

    citizens: CitizenStore
    accounts: Accounts
    codes: Codes
    password_check: PasswordCheck
    ends: OwnSessions
    hasher: Hasher
    keys: KeyRing
    clock: Clock

    async def ask_reset(self, cnic: str, mobile: str, address: str) -> Pending:
        """Send a code to the account that has both, if there is one. Raises TooManyRequestsError.

        If the mobile is unproven or silent for a year, the code goes by email; the answer does not reveal that.
        """
        citizen = await self.accounts.citizen_with(cnic, mobile)
        subject = citizen.id if citizen else self.keys.blind(f"{cnic} {mobile}", BlindPurpose.ACCOUNT_LOGIN)
        number = self.keys.blind(mobile, SealPurpose.CITIZEN_MOBILE)
        return await self.codes.start(CodeRequest("reset", subject, number, address), citizen)

    async def prove_reset(self, challenge: str, code: str, address: str = "") -> ResetTokenAnswer:
        """Answer the code; the token is for choosing a password. Raises CodeFailedError, TooManyRequestsError."""
        token = secrets.token_urlsafe(32)
        await self.codes.answer(
            "reset",
            challenge,
            code,
            lambda citizen, at: allow_reset(citizen, challenge, hash_of_token(token), at),
            address,
        )
        return ResetTokenAnswer(token=token, expires_in=int(RESET_LIFE.total_seconds()))

    async def reset(self, challenge: str, token: str, password: str) -> None:
        """Choose a password; all sessions end, and a lockout after failures too.

        Raises InvalidError, UnavailableError.
        """

        def allowed(citizen: Citizen) -> None:
            expected = may_reset(citizen, challenge, self.clock())
            if expected is None or not hmac.compare_digest(expected, hash_of_token(token)):
                raise InvalidError("reset-failed")

        citizen = await self.citizens.by_reset(challenge)
        if citizen is None:
            raise InvalidError("reset-failed")
        allowed(citizen)
        self._require_acceptable(citizen, password)
        hashed = await self.hasher.hash(password)

        def reset(known: Citizen) -> None:
            allowed(known)
            set_password(known, hashed, "reset", self.clock())

        await self._write(citizen.id, reset)
        await self.password_check.clear_failures(citizen.id)
        log.info("password.reset", citizen=citizen.id)

    async def change(self, citizen_id: str, session: str, current: str, new: str) -> None:
        """Change the password; all other sessions end. Raises what `PasswordCheck.verify` raises, InvalidError."""
        citizen = await self.citizens.get(citizen_id)
        if citizen is None:
            raise NotFoundError
        await self.password_check.verify(citizen_id, current)
        if new == current:
            raise InvalidError("new-password-refused", length=MIN_LENGTH)
        self._require_acceptable(citizen, new)
        proven, hashed = citizen.password, await self.hasher.hash(new)

        def change(known: Citizen) -> None:
            if known.password != proven:  # it was reset meanwhile
                raise PasswordWrongError
            set_password(known, hashed, "changed", self.clock(), keep=session)

        await self._write(citizen_id, change)
        log.info("password.changed", citizen=citizen_id)

    async def _write(self, citizen_id: str, act: Callable[[Citizen], None]) -> None:
        await self.ends.settle(await change_citizen(self.citizens, citizen_id, act))

    def _require_acceptable(self, citizen: Citizen, password: str) -> None:
        """Raise InvalidError for common passwords and those made from the owner's details."""
        opened = {
            n: self.keys.unseal(getattr(citizen, n), SealPurpose(f"citizen.{n}"), owner=citizen.id)
            for n in ("name", "email", "cnic", "mobile")
        }
        words = (opened["name"], opened["email"].rpartition("@")[0])
        numbers = (opened["cnic"], opened["mobile"].removeprefix("+92"))
        if not is_acceptable(password, words=words, numbers=numbers):
            raise InvalidError("new-password-refused", length=MIN_LENGTH)
