"""How often staff may try something, and the answer to whom has tried too often."""

from datetime import datetime, timedelta

from services.identity.service.codes import too_early
from services.identity.service.ports import Throttles

TOTP_TRIES = (5, timedelta(minutes=15))
LOOKUPS = (60, timedelta(hours=1))


async def claim_try(throttles: Throttles, key: str, limit: tuple[int, timedelta], now: datetime) -> None:
    """Count one try, atomically. Raises TooManyRequestsError when there is none left."""
    most, within = limit
    count, ends = await throttles.claim(key, now, within)
    if count > most:
        raise too_early(int((ends - now).total_seconds()))
