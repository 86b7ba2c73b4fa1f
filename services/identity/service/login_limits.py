"""How often a login may be tried: by account, by address, and by a known device that others must not lock out."""

import structlog

from services.identity.models.caller import Caller
from services.identity.models.challenge import seconds_until
from services.identity.models.device import Device
from services.identity.models.throttle import DEVICE_FAILURES, FAILURES_IN_A_ROW, LOGIN_FAILURES, Limit
from services.identity.service.code_limits import too_early
from services.identity.service.ports import Throttles
from shared.clock import Clock
from shared.errors import TooManyRequestsError

log = structlog.get_logger(__name__)
Claimed = list[tuple[str, Limit]]


class ResetNeededError(TooManyRequestsError):
    """A hundred failures in a row: only another password, or a known device, opens this account."""

    code = "reset-needed"


class LoginLimits:
    """Each attempt is counted before it is looked at, so that parallel guesses get no more than their share."""

    def __init__(self, throttles: Throttles, clock: Clock, *, from_an_address: Limit) -> None:
        self._throttles = throttles
        self._clock = clock
        self._from_an_address = from_an_address

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
        now = self._clock()
        place = (f"logins from:{caller.address}", self._from_an_address)
        wait = await self._throttles.claim(*place, now)
        if wait is None:
            counter = (f"login:{who}", LOGIN_FAILURES)
            wait = await self._throttles.claim(*counter, now)
            if wait is not None and device is not None:
                counter = (f"login:{who}:{device.id}", DEVICE_FAILURES)
                wait = await self._throttles.claim(*counter, now)
            if wait is None:
                return [place, counter]
            await self._throttles.give_back(*place, now)
        log.info("login.throttled")
        raise too_early(seconds_until(wait, now))

    async def give_back(self, claimed: Claimed) -> None:
        """Nobody looked at that password."""
        for key, limit in claimed:
            await self._throttles.give_back(key, limit, self._clock())

    async def succeeded(self, claimed: Claimed) -> None:
        """It was right: the account's failures are forgotten, the address has one less."""
        place, *counters = claimed
        await self._throttles.give_back(*place, self._clock())
        for counter, _ in counters:
            await self._throttles.clear(counter)
