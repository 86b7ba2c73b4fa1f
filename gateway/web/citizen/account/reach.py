"""Whether our messages reach the person; pages of the account say where they do not."""

from collections.abc import Mapping
from typing import Any

from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

Reach = Mapping[str, Any]
NOT_KNOWN: Reach = {}


async def reach_of(visit: Visit) -> Reach:
    """How well each channel works; nothing while that cannot be known. Raises RefusedError."""
    try:
        known: Reach = (await visit.portal.get("/api/v1/notifications/reach")).data
    except RefusedError as refused:
        if refused.status < 500:
            raise
        return NOT_KNOWN
    return known
