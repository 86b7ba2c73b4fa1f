"""A citizen's password: reset by a code, or changed with the present one."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from services.identity.accounts.hashing import Hasher, hash_of_token
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.passwords import SHORTEST, is_acceptable
from services.identity.accounts.ports import Citizens
from services.identity.accounts.service.accounts import Accounts
from services.identity.accounts.service.changing import change_citizen
from services.identity.codes.models.new_password import RESET_LIFE, allow_reset, may_reset, set_password
from services.identity.codes.service.codes import CodeRequest, Codes, Pending
from services.identity.codes.service.password_check import PasswordCheck, PasswordWrongError
from services.identity.sessions.service.own_sessions import OwnSessions
from shared.clock import Clock
from shared.errors import InvalidError, NotFoundError
from shared.seal import KeyRing, SealPurpose

log = structlog.get_logger(__name__)


class ResetFailedError(InvalidError):
    """Wrong token, used, too late, or no such reset: it is all the same answer."""

    code = "reset-failed"


@dataclass(frozen=True)
class ResetToken:
    """Lets a password be chosen, once; `expires_in` in seconds."""

    token: str = field(repr=False)
    expires_in: int = int(RESET_LIFE.total_seconds())


class Passwords:
    """The use cases. Whether an account has that CNIC and that mobile cannot be told from the answers of a reset."""

    def __init__(
        self,
        citizens: Citizens,
        accounts: Accounts,
        codes: Codes,
        password_check: PasswordCheck,
        ends: OwnSessions,
        hasher: Hasher,
        keys: KeyRing,
        clock: Clock,
    ) -> None:
        self._citizens = citizens
        self._accounts = accounts
        self._codes = codes
        self._password_check = password_check
        self._ends = ends
        self._hasher = hasher
        self._keys = keys
        self._clock = clock

    async def ask_reset(self, cnic: str, mobile: str, address: str) -> Pending:
        """Send a code to the account that has both, if there is one. Raises TooManyRequestsError.

        Where the mobile is unproven or was silent for a year it goes by email, which nothing in the answer tells.
        """
        citizen = await self._accounts.citizen_with(cnic, mobile)
        subject = citizen.id if citizen is not None else self._keys.blind(f"{cnic} {mobile}", "identity.login")
        asked = CodeRequest("reset", subject, self._keys.blind(mobile, SealPurpose.CITIZEN_MOBILE), address)
        return await self._codes.start(asked, citizen)

    async def prove_reset(self, challenge: str, code: str, address: str = "") -> ResetToken:
        """The code was right: what lets a password be chosen. Raises CodeFailedError, TooManyRequestsError."""
        token = secrets.token_urlsafe(32)
        await self._codes.answer(
            "reset",
            challenge,
            code,
            lambda citizen, at: allow_reset(citizen, challenge, hash_of_token(token), at),
            address,
        )
        return ResetToken(token)

    async def reset(self, challenge: str, token: str, password: str) -> None:
        """Choose a password; all sessions end, and so does the lock that failures brought.

        Raises ResetFailedError, InvalidError, UnavailableError.
        """

        def allowed(citizen: Citizen) -> None:
            expected = may_reset(citizen, challenge, self._clock())
            if expected is None or not hmac.compare_digest(expected, hash_of_token(token)):
                raise ResetFailedError

        citizen = await self._citizens.by_reset(challenge)
        if citizen is None:
            raise ResetFailedError
        allowed(citizen)
        self._demand_good(citizen, password)
        hashed = await self._hasher.hash(password)

        def reset(known: Citizen) -> None:
            allowed(known)
            set_password(known, hashed, "reset", self._clock())

        await self._write(citizen.id, reset)
        await self._password_check.clear_failures(citizen.id)
        log.info("password.reset", citizen=citizen.id)

    async def change(self, citizen_id: str, session: str, current: str, new: str) -> None:
        """Exchange the password; all other sessions end. Raises as `PasswordCheck.verify`, and InvalidError."""
        citizen = await self._citizens.get(citizen_id)
        if citizen is None:
            raise NotFoundError
        await self._password_check.verify(citizen_id, current)
        if new == current:
            raise InvalidError("new-password-refused", length=SHORTEST)
        self._demand_good(citizen, new)
        proven, hashed = citizen.password, await self._hasher.hash(new)

        def change(known: Citizen) -> None:
            if known.password != proven:  # somebody reset it meanwhile, and that is what holds
                raise PasswordWrongError
            set_password(known, hashed, "changed", self._clock(), keep=session)

        await self._write(citizen_id, change)
        log.info("password.changed", citizen=citizen_id)

    async def _write(self, citizen_id: str, act: Callable[[Citizen], None]) -> None:
        await self._ends.settle(await change_citizen(self._citizens, citizen_id, act))

    def _demand_good(self, citizen: Citizen, password: str) -> None:
        """Refuse common passwords and those made of the owner's details. Raises InvalidError."""
        opened = {
            n: self._keys.unseal(getattr(citizen, n), SealPurpose(f"citizen.{n}"), owner=citizen.id)
            for n in ("name", "email", "cnic", "mobile")
        }
        words = (opened["name"], opened["email"].rpartition("@")[0])
        numbers = (opened["cnic"], opened["mobile"].removeprefix("+92"))
        if not is_acceptable(password, words=words, numbers=numbers):
            raise InvalidError("new-password-refused", length=SHORTEST)
