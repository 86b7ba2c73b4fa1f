"""Requests that a department already has but cannot read yet, because routing hears of a change before requests does.

The department learns of a request from routing: by its queue, its list or the response to a transfer. Until requests
has processed the same event, it answers 404, as it does for another department's request. The gateway tells the two
cases apart by asking routing with the reader's own token (docs/adr/0030).
"""

import re
from collections.abc import Awaitable, Callable, Mapping

from gateway.headers import has_request_key
from gateway.routes import REQUESTS, ROUTING
from shared.client_address import CLIENT_ADDRESS
from shared.errors import UnavailableError

REQUEST_PATH = re.compile(r"/api/v1/requests/(?P<number>[Rr][Bb][^/?]*)(?:\?.*)?")
PASSED_ON = ("Authorization", "Accept-Language", "User-Agent", "X-Request-Id", "traceparent", CLIENT_ADDRESS)
GetStatus = Callable[[str, str, Mapping[str, str]], Awaitable[int]]
"""Sends a GET to a service (name, target, headers) and returns the status of the response."""


class NotYetHereError(UnavailableError, code="not-yet-here"):
    """The reader's department has the request; its details are on their way."""


async def require_arrived(get_status: GetStatus, service: str, target: str, headers: Mapping[str, str]) -> None:
    """After a 404 for a request: raises NotYetHereError if the reader's department has it already.

    Raises UnavailableError. Addresses below a request, such as its files, are known only after reading the request.
    """
    request = REQUEST_PATH.fullmatch(target)
    if service != REQUESTS or request is None or "Authorization" not in headers or has_request_key(headers):
        return
    passed_on = {name: headers[name] for name in PASSED_ON if name in headers}
    if await get_status(ROUTING, f"/api/v1/assignments/{request['number']}", passed_on) == 200:
        raise NotYetHereError(after=1)
