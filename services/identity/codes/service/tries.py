"""How often staff may try something, and the answer to whom has tried too often."""

from datetime import datetime, timedelta

from services.identity.accounts.models.challenge import seconds_until
from services.identity.accounts.models.throttle import Limit
from services.identity.accounts.ports import Throttles
from services.identity.codes.service.code_limits import too_early

TOTP_TRIES = Limit(5, timedelta(minutes=15))
LOOKUPS = Limit(60, timedelta(hours=1))


async def claim_try(throttles: Throttles, key: str, limit: Limit, now: datetime, code: str) -> None:
    """Count one try, atomically. Raises TooManyRequestsError, with the `code` of why, when there is none left."""
    wait = await throttles.claim(key, limit, now)
    if wait is not None:
        raise too_early(seconds_until(wait, now), code, most=limit.most)
