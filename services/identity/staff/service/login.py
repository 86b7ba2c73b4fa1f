"""The second step of a staff login: the code of the second factor."""

import secrets
from dataclasses import dataclass, field

import structlog

from services.identity.accounts.hashing import hash_of_token
from services.identity.accounts.models.session import STEP_LIFE, LoginAccount, LoginStep
from services.identity.accounts.service.accounts import Accounts
from services.identity.staff.service.second_factor import SecondFactors, TotpFailedError
from services.identity.staff.store.login_steps import LoginStepStore
from shared.clock import Clock
from shared.rights import STAFF

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class TotpNeeded:
    """The password was correct; the challenge waits for a code. `expires_in` in seconds."""

    challenge: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class StaffLogins:
    """The use cases. With `required` a member without a second factor can only enrol one."""

    accounts: Accounts
    steps: LoginStepStore
    factors: SecondFactors
    clock: Clock
    required: bool = field(kw_only=True)

    async def begin(self, account: LoginAccount) -> TotpNeeded:
        """Start the second step after a correct password."""
        challenge = secrets.token_urlsafe(32)
        await self.steps.open(LoginStep(hash_of_token(challenge), account.id, self.clock() + STEP_LIFE))
        return TotpNeeded(challenge, int(STEP_LIFE.total_seconds()))

    async def finish(self, challenge: str, *, code: str | None, recovery_code: str | None) -> LoginAccount:
        """Finish the second step, once; returns the account. Raises TotpFailedError, TooManyRequestsError."""
        step = await self.steps.get(hash_of_token(challenge), self.clock())
        if step is None:
            raise TotpFailedError
        await self.factors.check(step.account, code=code, recovery_code=recovery_code)
        account = await self.accounts.staff(step.account)
        if account is None or not account.active or not await self.steps.use_up(step.id):
            log.info("login.failed", account=step.account)
            raise TotpFailedError
        return account

    def is_limited(self, account: LoginAccount) -> bool:
        """Whether a session of this account is limited to enrolling a second factor or changing the password."""
        return account.role in STAFF and (account.start_password or (self.required and not account.totp))
