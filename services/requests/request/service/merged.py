"""The primary of a merged request."""

from services.requests.request.models.request import Request
from shared.records import Records


async def primary_of(requests: Records[Request], request: Request) -> Request | None:
    """The primary of a request; None if it is not merged."""
    return await requests.get(request.merged_into) if request.merged_into else None
