"""The primary of a merged request: whoever has an interest in it sees neither."""

from services.requests.request.models.request import Request
from shared.records import Records


async def primary_of(requests: Records[Request], request: Request) -> Request | None:
    """The primary of a request; None if it is not merged."""
    return await requests.get(request.merged_into) if request.merged_into else None


async def is_hidden(requests: Records[Request], request: Request, officer: str) -> bool:
    """Whether the officer has an interest in the request, or in its primary."""
    if officer in request.hidden_from:
        return True
    primary = await primary_of(requests, request)
    return primary is not None and officer in primary.hidden_from
