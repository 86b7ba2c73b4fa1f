"""Limits of codes sent and tried: by number, by purpose and account, and by address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.identity.accounts.models.challenge import Purpose, seconds_until
from services.identity.accounts.models.throttle import (
    CODE_TRIES,
    CODES_A_DAY,
    CODES_OF_AN_ADDRESS,
    FAILURES_OF_AN_ADDRESS,
    SENDS_A_NUMBER,
    WRONG_CODE_LOCKOUT,
    Rule,
    TokenBucket,
    TryLimit,
)
from services.identity.accounts.store.throttles import ThrottleStore
from shared.errors import TooManyRequestsError

TOTP_TRIES = TryLimit(5, timedelta(minutes=15))
LOOKUPS = TryLimit(60, timedelta(hours=1))
CODES_FROM, FAILURES_FROM = "unanswered from:", "failures from:"
"""The counters of an address: of codes that nobody answered, and of wrong passwords and codes."""

log = structlog.get_logger(__name__)


def too_early(seconds: int, code: str, most: int = 0) -> TooManyRequestsError:
    """The error that tells the caller how long to wait; `code` is the reason, `most` the limit that the text names."""
    seconds = max(1, seconds)
    return TooManyRequestsError(code, headers={"Retry-After": str(seconds)}, seconds=seconds, most=most)


@dataclass(frozen=True)
class AddressLimits:
    """The limits of an address, which hundreds of people may share."""

    codes: TokenBucket = CODES_OF_AN_ADDRESS
    failures: TokenBucket = FAILURES_OF_AN_ADDRESS


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """The counters of codes. Numbers, accounts and addresses come as blind indexes or ids."""

    throttles: ThrottleStore
    address: AddressLimits

    async def next_send(self, number: str, now: datetime) -> datetime | None:
        """When the number may get another code; None if it may now."""
        return await self.throttles.wait(f"sends:{number}", SENDS_A_NUMBER, now)

    async def next_sms(self, number: str, now: datetime) -> datetime | None:
        """When the number may get another code by SMS; None if it may now."""
        return await self.throttles.wait(f"codes:{number}", CODES_A_DAY, now)

    async def count_send(self, number: str, address: str, now: datetime) -> datetime | None:
        """Count a code. Returns None if it may go by SMS, else when the next one may.

        Raises TooManyRequestsError when the number or the address has used up its limit.
        """
        counter = CODES_FROM + address
        await claim_try(self.throttles, counter, self.address.codes, now, "network-codes")
        try:
            await claim_try(self.throttles, f"sends:{number}", SENDS_A_NUMBER, now, "too-many-codes")
        except TooManyRequestsError:
            await self.throttles.give_back(counter, self.address.codes, now)
            raise
        return await self.throttles.claim(f"codes:{number}", CODES_A_DAY, now)

    async def uncount_send(self, number: str, address: str, now: datetime, *, by_sms: bool) -> None:
        """Take back the count of a code that was not sent; `by_sms` says whether it might have gone by SMS."""
        await self.throttles.give_back(CODES_FROM + address, self.address.codes, now)
        await self.throttles.give_back(f"sends:{number}", SENDS_A_NUMBER, now)
        if by_sms:
            await self.throttles.give_back(f"codes:{number}", CODES_A_DAY, now)

    async def require_unlocked(self, purpose: Purpose, subject: str, now: datetime) -> None:
        """Raises TooManyRequestsError while wrong codes have locked this purpose of the account."""
        wait = await self.throttles.wait(f"lockout:{purpose}:{subject}", WRONG_CODE_LOCKOUT, now)
        if wait is not None:
            raise too_early(seconds_until(wait, now), "codes-locked")

    async def claim_failure(self, address: str, now: datetime) -> None:
        """Count an attempt by the address before it is checked. Raises TooManyRequestsError when none is left."""
        await claim_try(self.throttles, FAILURES_FROM + address, self.address.failures, now, "network-failures")

    async def claim_try(self, purpose: Purpose, subject: str, now: datetime) -> None:
        """Count an attempt before it is checked. Raises TooManyRequestsError when none is left."""
        for name, limit in (("lockout", WRONG_CODE_LOCKOUT), ("tries", CODE_TRIES)):
            await claim_try(self.throttles, f"{name}:{purpose}:{subject}", limit, now, "codes-locked")

    async def answered(self, purpose: Purpose, subject: str, address: str, now: datetime) -> None:
        """After a right code forget earlier attempts, and return one code and one attempt to the address."""
        for name in ("lockout", "tries"):
            await self.throttles.clear(f"{name}:{purpose}:{subject}")
        await self.throttles.give_back(CODES_FROM + address, self.address.codes, now)
        await self.throttles.give_back(FAILURES_FROM + address, self.address.failures, now)


async def claim_try(throttles: ThrottleStore, key: str, limit: Rule, now: datetime, code: str) -> None:
    """Count one attempt, atomically. Raises TooManyRequestsError with this `code` if none is left."""
    wait = await throttles.claim(key, limit, now)
    if wait is not None:
        log.info("attempt.throttled", why=code)
        raise too_early(seconds_until(wait, now), code, most=limit.most)
