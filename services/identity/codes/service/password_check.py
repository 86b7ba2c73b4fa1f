"""Checks the password again before an action that cannot be undone."""

from datetime import datetime

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.challenge import seconds_until
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.throttle import LOGIN_FAILURES
from services.identity.accounts.service.accounts import Accounts
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.codes.models.new_password import settled_at
from services.identity.codes.service.limits import claim_try
from shared.clock import Clock
from shared.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from shared.rights import Role


class PasswordWrongError(InvalidError, code="password-wrong"):
    """The repeated password is wrong."""


def require_settled_password(known: Citizen, now: datetime) -> None:
    """Raise ConflictError for a day after a reset by code, which may not have been the owner's."""
    seconds = seconds_until(settled_at(known, now), now)
    if seconds:
        raise ConflictError("password-new", headers={"Retry-After": str(seconds)}, seconds=seconds)


def require_same_password(known: Citizen, proven: str | None) -> None:
    """Raise PasswordWrongError if the password changed since it was checked: the account may have a new owner."""
    if proven is not None and known.password != proven:
        raise PasswordWrongError


class PasswordCheck:
    """Checks the password of a logged-in caller; failures count like those of a login."""

    def __init__(self, accounts: Accounts, throttles: ThrottleStore, hasher: Hasher, clock: Clock) -> None:
        self._accounts = accounts
        self._throttles = throttles
        self._hasher = hasher
        self._clock = clock

    async def verify(self, account_id: str, password: str, role: Role = Role.CITIZEN) -> str:
        """The hash that the password matched; later writes require that it is still the account's.

        Raises PasswordWrongError, TooManyRequestsError after five failures, NotFoundError, UnavailableError.
        """
        account = await self._accounts.get(account_id, role)
        if account is None or not account.active:
            raise NotFoundError
        counter, now = f"login:{account.id}", self._clock()
        await claim_try(self._throttles, counter, LOGIN_FAILURES, now, "account-locked")
        try:
            correct = await self._hasher.verify(account.password, password)
        except UnavailableError:
            await self._throttles.give_back(counter, LOGIN_FAILURES, now)  # the password was not checked
            raise
        if not correct:
            raise PasswordWrongError
        await self.clear_failures(account.id)
        return account.password

    async def clear_failures(self, account_id: str) -> None:
        """Reset the counter of failures."""
        await self._throttles.clear(f"login:{account_id}")
