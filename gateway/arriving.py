"""Requests that a department has and cannot read yet: routing knows of them first, requests a moment later.

The department hears of a request from routing, by its queue, its list or the answer to a transfer. Until requests has
taken in the same event, it answers 404, as it does for another department's request. The gateway tells the two apart:
it asks routing, with the reader's own token (docs/adr/0030).
"""

import re
from collections.abc import Awaitable, Callable, Mapping

from gateway.headers import has_key
from gateway.routes import REQUESTS, ROUTING
from shared.client_address import CLIENT_ADDRESS
from shared.errors import UnavailableError

ONE = re.compile(r"/api/v1/requests/(?P<number>[Rr][Bb][^/?]*)(?:\?.*)?")
PASSED = ("Authorization", "Accept-Language", "User-Agent", "X-Request-Id", "traceparent", CLIENT_ADDRESS)
FOUND, MISSING = 200, 404
Ask = Callable[[str, str, Mapping[str, str]], Awaitable[int]]
"""Reads a target of a service with these headers; the status of its answer."""


class NotYetHereError(UnavailableError):
    """The reader's department has the request; its details are on their way."""

    code = "not-yet-here"


async def demand_arrived(ask: Ask, service: str, target: str, headers: Mapping[str, str]) -> None:
    """Find out why requests answered 404 for a request. Raises NotYetHereError where the department has it.

    Raises UnavailableError. What is below a request, such as its files, is known only to those who have read it.
    """
    asked = ONE.fullmatch(target)
    if service != REQUESTS or asked is None or "Authorization" not in headers or has_key(headers):
        return
    passed = {name: headers[name] for name in PASSED if name in headers}
    if await ask(ROUTING, f"/api/v1/assignments/{asked['number']}", passed) == FOUND:
        raise NotYetHereError(headers={"Retry-After": "1"})
