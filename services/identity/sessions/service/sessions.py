"""Logging in, refreshing, logging out."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from services.identity.accounts.hashing import Hasher, hash_of_token
from services.identity.accounts.models.device import CHALLENGE, Caller, note_new
from services.identity.accounts.models.session import REPEAT_GRACE, LoginAccount, Session, lifetime_of
from services.identity.accounts.models.spellings import read_cnic
from services.identity.accounts.service.accounts import Accounts
from services.identity.accounts.store.sessions import SessionStore
from services.identity.codes.service.codes import CodeRequest, Codes, Pending
from services.identity.keys.tokens import ACCESS_LIFE, Tokens
from services.identity.sessions.service.devices import Devices
from services.identity.sessions.service.login_limits import LoginLimits
from services.identity.staff.service.login import StaffLogins, TotpNeeded
from shared.addresses import read_mobile
from shared.clock import Clock
from shared.errors import UnauthenticatedError, UnavailableError
from shared.rights import Role

LEEWAY = timedelta(minutes=1)
NOBODY = Caller()

log = structlog.get_logger(__name__)


class LoginFailedError(UnauthenticatedError, code="login-failed"):
    """Unknown account, wrong password, unproven or disabled account: the answer is the same."""


@dataclass(frozen=True)
class GrantedTokens:
    """The tokens of a login or a refresh; lifetimes in seconds."""

    account: str
    role: Role
    department: str | None
    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    limited: bool = False
    device: str | None = None
    """The token of the device, if it was remembered just now."""


@dataclass(frozen=True, slots=True)
class Logins:
    """The use cases of sessions."""

    accounts: Accounts
    sessions: SessionStore
    limits: LoginLimits
    devices: Devices
    codes: Codes
    hasher: Hasher
    tokens: Tokens
    clock: Clock
    staff: StaffLogins

    async def login(self, login: str, password: str, caller: Caller = NOBODY) -> GrantedTokens | TotpNeeded | Pending:
        """A new session; for staff with a second factor, and for citizens on a new device, its challenge.

        Raises LoginFailedError, TooManyRequestsError after five failures, UnavailableError.
        """
        account = await self.accounts.by_login(login)
        device = await self.devices.known(caller.device)
        if device is not None and (account is None or device.account != account.id):
            device = None
        counter = account.id if account else self.accounts.counter_of(login)
        claimed = await self.limits.claim(counter, caller, device, _name_of_password(account, login))
        try:
            right = await self.hasher.verify(account.password if account else None, password)
        except UnavailableError:
            await self.limits.give_back(claimed)  # the password was not checked
            raise
        if account is None or not right or not account.active:
            log.info("login.failed", account=account.id if account else None)
            raise LoginFailedError(headers=CHALLENGE)
        await self.limits.succeeded(claimed)
        account = await self._renew_hash(account, password)
        if account.totp:
            return await self.staff.begin(account)
        if account.role is Role.CITIZEN and device is None:
            return await self._ask_code(account, caller)
        return await self.open(account, caller.program)

    async def answer_code(self, challenge: str, code: str, caller: Caller, *, remember: bool) -> GrantedTokens:
        """A session for the code sent for a new device; with `remember` the device is known from now on.

        Raises CodeFailedError, LoginFailedError, TooManyRequestsError.
        """
        citizen = await self.codes.answer(
            "login", challenge, code, lambda known, at: note_new(known, challenge, at), caller.address
        )
        account = await self.accounts.get(citizen.id, Role.CITIZEN)
        if account is None or not account.active:
            raise LoginFailedError(headers=CHALLENGE)
        granted = await self.open(account, caller.program)
        return replace(granted, device=await self.devices.remember(account.id, caller.program) if remember else None)

    async def _ask_code(self, account: LoginAccount, caller: Caller) -> Pending:
        citizen = await self.accounts.citizen(account.id)
        if citizen is None:
            raise LoginFailedError(headers=CHALLENGE)
        ways = self.codes.ways_of(citizen)  # may be shown: the caller knows the password
        return await self.codes.start(
            CodeRequest("login", citizen.id, citizen.mobile_index, caller.address, ways), citizen
        )

    async def refresh(self, refresh_token: str, caller: Caller = NOBODY) -> GrantedTokens:
        """New tokens for a refresh token, which is then spent; a spent one ends its session, after a grace period."""
        now, successor = self.clock(), self.tokens.successor(refresh_token)
        session = await self._exchange(refresh_token, successor, caller, now)
        account = await self.accounts.get(session.account, session.role)
        if account is None or not account.active or account.department != session.department:
            await self.sessions.end(session.id, now)
            raise UnauthenticatedError(headers=CHALLENGE)
        return await self._grant(session, successor)

    async def _exchange(self, refresh_token: str, successor: str, caller: Caller, now: datetime) -> Session:
        """The session whose refresh token is the successor, now or since a moment ago. Raises UnauthenticatedError."""
        spent, held = hash_of_token(refresh_token), hash_of_token(successor)
        if session := await self.sessions.rotate(spent, held, now):
            return session
        if session := await self.sessions.given_since(held, caller.program, now - REPEAT_GRACE, now):
            log.info("session.refresh_repeated", session=session.id)
            return session
        if ended := await self.sessions.end_spent(spent, now):
            log.warning("session.token_reused", session=ended)
        raise UnauthenticatedError(headers=CHALLENGE)

    async def log_out(self, session_id: str) -> None:
        """End a session and its refresh tokens."""
        await self.sessions.end(session_id, self.clock())

    async def ended(self) -> list[str]:
        """Ended sessions whose access tokens may not have expired yet."""
        return await self.sessions.ended_since(self.clock() - ACCESS_LIFE - LEEWAY)

    async def is_alive(self, session_id: str) -> bool:
        """Whether the session was not ended."""
        return await self.sessions.alive(session_id, self.clock())

    async def _renew_hash(self, account: LoginAccount, password: str) -> LoginAccount:
        if not self.hasher.is_outdated(account.password):
            return account
        renewed = await self.hasher.hash(password)
        await self.accounts.set_password(account, renewed)
        return replace(account, password=renewed)

    async def open(self, account: LoginAccount, device: str = "") -> GrantedTokens:
        """Open a session after all login steps. Raises LoginFailedError if the account changed meanwhile."""
        now, life, secret = self.clock(), lifetime_of(account.role), secrets.token_urlsafe(32)
        session = Session(
            id=secrets.token_hex(16),
            account=account.id,
            role=account.role,
            department=account.department,
            secret=hash_of_token(secret),
            opened_at=now,
            idle_until=now + life.idle,
            ends_at=now + life.absolute,
            limited=self.staff.is_limited(account),
            used_at=now,
            device=device,
        )
        await self.sessions.add(session)
        if await self.accounts.get(account.id, account.role) != account:
            await self.sessions.end(session.id, now)  # the change may have ended all sessions just before this one
            raise LoginFailedError(headers=CHALLENGE)
        return await self._grant(session, secret)

    async def _grant(self, session: Session, refresh_token: str) -> GrantedTokens:
        """Tokens of a session. None outlives the session, which is deleted after its maximum lifetime."""
        holder, ends_at, now = (session.account, session.role, session.department), session.ends_at, self.clock()
        return GrantedTokens(
            account=session.account,
            role=session.role,
            department=session.department,
            access_token=await self.tokens.issue(*holder, session.id, limited=session.limited, until=ends_at),
            refresh_token=refresh_token,
            expires_in=int(min(ACCESS_LIFE, ends_at - now).total_seconds()),
            refresh_expires_in=round((session.idle_until - now).total_seconds()),
            limited=session.limited,
        )


def _name_of_password(account: LoginAccount | None, login: str) -> str | None:
    """A name for a citizen's present password, by which its failures are counted; None for staff.

    For a login without account its form decides, so that it costs as many writes.
    """
    if account is None:
        return "nobody" if read_cnic(login) or read_mobile(login) else None
    return hash_of_token(account.password)[:16] if account.role is Role.CITIZEN else None
