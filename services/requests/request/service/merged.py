"""Where a merged request goes on. An earlier version merged in chains; these are followed to their end."""

from services.requests.request.models.lifecycle import State
from services.requests.request.models.request import Request
from shared.records import Records

LONGEST_CHAIN = 10


async def primary_of(requests: Records[Request], request: Request) -> Request | None:
    """The request under which a merged one goes on; None for one that is merged into nothing."""
    found = request
    for _ in range(LONGEST_CHAIN):
        if found.state != State.DUPLICATE or found.duplicate_of is None:
            break
        further = await requests.get(found.duplicate_of)
        if further is None:
            break
        found = further
    return found if found is not request else None
