"""Limits of login attempts: by account, and wider ones by address. Neither locks out a known device."""

from datetime import datetime

import structlog

from services.identity.accounts.models.challenge import seconds_until
from services.identity.accounts.models.device import Caller, Device
from services.identity.accounts.models.throttle import (
    DEVICE_FAILURES,
    FAILURES_IN_A_ROW,
    LOGIN_FAILURES,
    Rule,
    TokenBucket,
    TryLimit,
)
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.codes.service.limits import FAILURES_FROM, AddressLimits, too_early
from shared.clock import Clock
from shared.errors import TooManyRequestsError

log = structlog.get_logger(__name__)
Claimed = list[tuple[str, Rule]]


class LoginLimits:
    """Each attempt is counted before it is checked, so that parallel guesses do not exceed the limits."""

    def __init__(self, throttles: ThrottleStore, clock: Clock, address: AddressLimits) -> None:
        self._throttles = throttles
        self._clock = clock
        self._from_an_address = address.failures

    async def claim(self, account: str, caller: Caller, device: Device | None, password: str | None = None) -> Claimed:
        """Count an attempt; returns the counters. Raises TooManyRequestsError if none is left.

        While failures elsewhere lock an account, a known device has attempts of its own. Failures in a row are counted
        for each `password` of an account (a name for it; None: not counted).
        """
        claimed = await self._claim(account, caller, device)
        if password is None:
            return claimed
        row, now = (f"login row:{account}:{password}", FAILURES_IN_A_ROW), self._clock()
        if await self._throttles.claim(*row, now) is not None:
            if device is None:
                await self.give_back(claimed)
                log.info("login.reset_needed")
                raise TooManyRequestsError("reset-needed")
            return claimed
        return [*claimed, row]

    async def _claim(self, account: str, caller: Caller, device: Device | None) -> Claimed:
        if device is not None:  # failures of others at the same address do not count
            return [await self._claim_account(account, device)]
        counter = (FAILURES_FROM + caller.address, self._from_an_address)
        wait = await self._throttles.claim(*counter, self._clock())
        if wait is not None:
            raise self._refused(wait, "network-failures")
        try:
            return [counter, await self._claim_account(account, None)]
        except TooManyRequestsError:
            await self._throttles.give_back(*counter, self._clock())
            raise

    async def _claim_account(self, account: str, device: Device | None) -> tuple[str, TryLimit]:
        now, counter = self._clock(), (f"login:{account}", LOGIN_FAILURES)
        wait = await self._throttles.claim(*counter, now)
        if wait is not None and device is not None:
            counter = (f"login:{account}:{device.id}", DEVICE_FAILURES)
            wait = await self._throttles.claim(*counter, now)
        if wait is not None:
            raise self._refused(wait, "account-locked")
        return counter

    def _refused(self, wait: datetime, code: str) -> TooManyRequestsError:
        log.info("login.throttled", why=code)
        return too_early(seconds_until(wait, self._clock()), code)

    async def give_back(self, claimed: Claimed) -> None:
        """Undo an attempt whose password was not checked."""
        for key, rule in claimed:
            await self._throttles.give_back(key, rule, self._clock())

    async def succeeded(self, claimed: Claimed) -> None:
        """After a correct password forget the account's failures and return one attempt to the address."""
        for key, rule in claimed:
            if isinstance(rule, TokenBucket):
                await self._throttles.give_back(key, rule, self._clock())
            else:
                await self._throttles.clear(key)
