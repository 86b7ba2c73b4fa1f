"""Logging in, refreshing, logging out."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from services.identity.hashing import Hasher
from services.identity.models.challenge import seconds_until
from services.identity.models.session import Account, Session, lifetime_of
from services.identity.models.throttle import LOGIN_FAILURES
from services.identity.service.accounts import Accounts
from services.identity.service.code_limits import too_early
from services.identity.service.ports import Sessions, Throttles
from services.identity.service.staff_login import StaffLogins, TotpNeeded
from services.identity.tokens import ACCESS_LIFE, Tokens
from shared.clock import Clock
from shared.errors import UnauthenticatedError, UnavailableError
from shared.rights import Role

LEEWAY = timedelta(minutes=1)
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="rabta"'}

log = structlog.get_logger(__name__)


class LoginFailedError(UnauthenticatedError):
    """Unknown account, wrong password, unproven mobile, disabled: it is all the same answer."""

    code = "login-failed"


@dataclass(frozen=True)
class Granted:
    """What a login or a refresh gives; lifetimes in seconds."""

    account: str
    role: Role
    department: str | None
    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    limited: bool = False


class Logins:
    """The use cases of sessions."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        throttles: Throttles,
        hasher: Hasher,
        tokens: Tokens,
        clock: Clock,
        staff: StaffLogins,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._throttles = throttles
        self._hasher = hasher
        self._tokens = tokens
        self._clock = clock
        self._staff = staff

    async def login(self, login: str, password: str) -> Granted | TotpNeeded:
        """A new session, or for staff with a second factor its challenge.

        Raises LoginFailedError, TooManyRequestsError after five failures, UnavailableError.
        """
        account = await self._accounts.by_login(login)
        counter = f"login:{account.id if account else self._accounts.blind(login)}"
        await self._claim(counter)
        try:
            right = await self._hasher.verify(account.password if account else None, password)
        except UnavailableError:
            await self._throttles.give_back(counter, LOGIN_FAILURES, self._clock())  # nobody looked at that password
            raise
        if account is None or not right or not account.active:
            log.info("login.failed", account=account.id if account else None)
            raise LoginFailedError(headers=CHALLENGE)
        await self._throttles.clear(counter)
        account = await self._renew_hash(account, password)
        return await self._staff.begin(account) if account.totp else await self.open(account)

    async def refresh(self, refresh_token: str) -> Granted:
        """New tokens for a refresh token, which is spent by that; a spent one ends its session."""
        now = self._clock()
        new = secrets.token_urlsafe(32)
        session = await self._sessions.rotate(_sha256(refresh_token), _sha256(new), now)
        if session is None:
            ended = await self._sessions.end_spent(_sha256(refresh_token), now)
            if ended is not None:
                log.warning("session.token_reused", session=ended)
            raise UnauthenticatedError(headers=CHALLENGE)
        account = await self._accounts.get(session.account, session.role)
        if account is None or not account.active or account.department != session.department:
            await self._sessions.end(session.id, now)
            raise UnauthenticatedError(headers=CHALLENGE)
        return await self._grant(session, new)

    async def log_out(self, session_id: str) -> None:
        """End a session: its refresh tokens are worth nothing from now on."""
        await self._sessions.end(session_id, self._clock())

    async def ended(self) -> list[str]:
        """Sessions that were ended while an access token of theirs may still run."""
        return await self._sessions.ended_since(self._clock() - ACCESS_LIFE - LEEWAY)

    async def is_alive(self, session_id: str) -> bool:
        """Whether the session was not ended."""
        return await self._sessions.alive(session_id, self._clock())

    async def _claim(self, counter: str) -> None:
        """Count the attempt before it is looked at, so that no number of parallel guesses gets more than five."""
        now = self._clock()
        wait = await self._throttles.claim(counter, LOGIN_FAILURES, now)
        if wait is not None:
            log.info("login.throttled")
            raise too_early(seconds_until(wait, now))

    async def _renew_hash(self, account: Account, password: str) -> Account:
        if not self._hasher.is_outdated(account.password):
            return account
        renewed = await self._hasher.hash(password)
        await self._accounts.set_password(account, renewed)
        return replace(account, password=renewed)

    async def open(self, account: Account, device: str = "") -> Granted:
        """A session of an account that has shown all it has to. Raises LoginFailedError when it changed meanwhile."""
        now, life, secret = self._clock(), lifetime_of(account.role), secrets.token_urlsafe(32)
        session = Session(
            id=secrets.token_hex(16),
            account=account.id,
            role=account.role,
            department=account.department,
            secret=_sha256(secret),
            opened_at=now,
            idle_until=now + life.idle,
            ends_at=now + life.absolute,
            limited=self._staff.is_limited(account),
            used_at=now,
            device=device,
        )
        await self._sessions.add(session)
        if await self._accounts.get(account.id, account.role) != account:
            await self._sessions.end(session.id, now)  # changed since it was read: its sessions were ended before this
            raise LoginFailedError(headers=CHALLENGE)
        return await self._grant(session, secret)

    async def _grant(self, session: Session, refresh_token: str) -> Granted:
        return Granted(
            account=session.account,
            role=session.role,
            department=session.department,
            access_token=await self._tokens.issue(
                session.account, session.role, session.department, session.id, limited=session.limited
            ),
            refresh_token=refresh_token,
            expires_in=int(ACCESS_LIFE.total_seconds()),
            refresh_expires_in=round((session.idle_until - self._clock()).total_seconds()),
            limited=session.limited,
        )


def _sha256(token: str) -> str:
    """Enough for a secret of 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
