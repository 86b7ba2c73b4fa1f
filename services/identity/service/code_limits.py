"""How many codes may be sent and tried: counted by number, by address, and by purpose and account."""

from datetime import datetime

import structlog

from services.identity.models.challenge import Purpose, seconds_until
from services.identity.models.throttle import CODE_STORM, CODE_TRIES, CODES_A_DAY, SENDS_A_NUMBER, Limit
from services.identity.service.ports import Throttles
from shared.errors import TooManyRequestsError

log = structlog.get_logger(__name__)


def too_early(seconds: int, code: str | None = None) -> TooManyRequestsError:
    """The answer to whom has to wait that long."""
    seconds = max(1, seconds)
    return TooManyRequestsError(code, headers={"Retry-After": str(seconds)}, seconds=seconds)


class CodeLimits:
    """The counters of codes. Numbers, accounts and addresses come as blind indexes or ids."""

    def __init__(self, throttles: Throttles, *, from_an_address: Limit) -> None:
        self._throttles = throttles
        self._from_an_address = from_an_address

    async def next_send(self, number: str, now: datetime) -> datetime | None:
        """From when the number may get another code; None when it may now."""
        return await self._throttles.wait(f"sends:{number}", SENDS_A_NUMBER, now)

    async def next_sms(self, number: str, now: datetime) -> datetime | None:
        """From when the number may get a code by SMS; None when it may now."""
        return await self._throttles.wait(f"codes:{number}", CODES_A_DAY, now)

    async def count_send(self, number: str, address: str, now: datetime) -> datetime | None:
        """Count a code. None when it may go by SMS, else from when one may again.

        Raises TooManyRequestsError when the number or the address has had its share of an hour.
        """
        from_here = f"sends from:{address}"
        wait = await self._throttles.claim(from_here, self._from_an_address, now)
        if wait is None:
            wait = await self._throttles.claim(f"sends:{number}", SENDS_A_NUMBER, now)
            if wait is None:
                return await self._throttles.claim(f"codes:{number}", CODES_A_DAY, now)
            await self._throttles.give_back(from_here, self._from_an_address, now)
        log.info("code.sends_throttled")
        raise too_early(seconds_until(wait, now), "too-many-codes")

    async def uncount_send(self, number: str, address: str, now: datetime, *, by_sms: bool) -> None:
        """It was not sent after all; `by_sms` says whether it might have gone by SMS."""
        await self._throttles.give_back(f"sends from:{address}", self._from_an_address, now)
        await self._throttles.give_back(f"sends:{number}", SENDS_A_NUMBER, now)
        if by_sms:
            await self._throttles.give_back(f"codes:{number}", CODES_A_DAY, now)

    async def demand_unlocked(self, purpose: Purpose, subject: str, now: datetime) -> None:
        """Raises TooManyRequestsError while wrong codes have locked this purpose of the account."""
        wait = await self._throttles.wait(f"storm:{purpose}:{subject}", CODE_STORM, now)
        if wait is not None:
            raise too_early(seconds_until(wait, now))

    async def claim_try(self, purpose: Purpose, subject: str, now: datetime) -> None:
        """Count a try before it is looked at. Raises TooManyRequestsError when there is no room for it."""
        for name, limit in (("storm", CODE_STORM), ("tries", CODE_TRIES)):
            wait = await self._throttles.claim(f"{name}:{purpose}:{subject}", limit, now)
            if wait is not None:
                log.info("code.locked", purpose=purpose)
                raise too_early(seconds_until(wait, now))

    async def clear_tries(self, purpose: Purpose, subject: str) -> None:
        """The code was right: what was tried before is forgotten."""
        for name in ("storm", "tries"):
            await self._throttles.clear(f"{name}:{purpose}:{subject}")
