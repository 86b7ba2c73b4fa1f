"""How often a login may be tried: by account, and widely by address; neither locks out a known device."""

from datetime import datetime

import structlog

from services.identity.accounts.models.caller import Caller
from services.identity.accounts.models.challenge import seconds_until
from services.identity.accounts.models.device import Device
from services.identity.accounts.models.throttle import (
    DEVICE_FAILURES,
    FAILURES_IN_A_ROW,
    LOGIN_FAILURES,
    Rule,
    TokenBucket,
    TryLimit,
)
from services.identity.accounts.ports import Throttles
from services.identity.codes.service.limits import AddressLimits, failures_from, too_early
from shared.clock import Clock
from shared.errors import TooManyRequestsError

log = structlog.get_logger(__name__)
Claimed = list[tuple[str, Rule]]


class ResetNeededError(TooManyRequestsError):
    """A hundred failures in a row: only another password, or a known device, opens this account."""

    code = "reset-needed"


class LoginLimits:
    """Each attempt is counted before it is looked at, so that parallel guesses get no more than their share."""

    def __init__(self, throttles: Throttles, clock: Clock, address: AddressLimits) -> None:
        self._throttles = throttles
        self._clock = clock
        self._from_an_address = address.failures

    async def claim(self, who: str, caller: Caller, device: Device | None, password: str | None = None) -> Claimed:
        """Count an attempt; what was counted. Raises TooManyRequestsError when there is no room for it.

        While failures from elsewhere lock an account, a device that its owner has proven keeps tries of its own.
        Failures in a row are counted for each `password` (its name; None: not counted) that an account has had.
        """
        claimed = await self._claim(who, caller, device)
        if password is None:
            return claimed
        row, now = (f"login row:{who}:{password}", FAILURES_IN_A_ROW), self._clock()
        if await self._throttles.claim(*row, now) is not None:
            if device is None:
                await self.give_back(claimed)
                log.info("login.reset_needed")
                raise ResetNeededError
            return claimed
        return [*claimed, row]

    async def _claim(self, who: str, caller: Caller, device: Device | None) -> Claimed:
        if device is not None:  # its owner has proven it: others' failures at the address do not count against it
            return [await self._claim_account(who, device)]
        place = (failures_from(caller.address), self._from_an_address)
        wait = await self._throttles.claim(*place, self._clock())
        if wait is not None:
            raise self._refused(wait, "network-failures")
        try:
            return [place, await self._claim_account(who, None)]
        except TooManyRequestsError:
            await self._throttles.give_back(*place, self._clock())
            raise

    async def _claim_account(self, who: str, device: Device | None) -> tuple[str, TryLimit]:
        now, counter = self._clock(), (f"login:{who}", LOGIN_FAILURES)
        wait = await self._throttles.claim(*counter, now)
        if wait is not None and device is not None:
            counter = (f"login:{who}:{device.id}", DEVICE_FAILURES)
            wait = await self._throttles.claim(*counter, now)
        if wait is not None:
            raise self._refused(wait, "account-locked")
        return counter

    def _refused(self, wait: datetime, code: str) -> TooManyRequestsError:
        log.info("login.throttled", why=code)
        return too_early(seconds_until(wait, self._clock()), code)

    async def give_back(self, claimed: Claimed) -> None:
        """Nobody looked at that password."""
        for key, rule in claimed:
            await self._throttles.give_back(key, rule, self._clock())

    async def succeeded(self, claimed: Claimed) -> None:
        """It was right: the account's failures are forgotten, the address has one less."""
        for key, rule in claimed:
            if isinstance(rule, TokenBucket):
                await self._throttles.give_back(key, rule, self._clock())
            else:
                await self._throttles.clear(key)
