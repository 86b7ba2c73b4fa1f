"""Attempts to track are counted by the address that the gateway saw, not by one that a client claims."""

from typing import cast

from starlette.requests import Request

from services.requests.reading.api.tracking import tracked
from services.requests.reading.service.tracking import Tracking
from services.requests.request.models.request import Request as ServiceRequest
from tests.builders import NUMBER, a_request


class Guard:
    """A fake guard that records the addresses."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str | None]] = []

    async def find(self, number: str, digits: str, address: str | None = None) -> ServiceRequest:
        """The request."""
        self.asked.append((number, digits, address))
        return a_request()


async def test_client_address_comes_from_the_gateway() -> None:
    guard = Guard()
    tracking = cast(Tracking, guard)
    headers = [(b"x-client-address", b"192.0.2.7"), (b"x-forwarded-for", b"6.6.6.6")]
    scope = {"type": "http", "headers": headers, "client": ("127.0.0.1", 1)}
    await tracked(Request(scope), NUMBER, "1234", tracking)
    await tracked(Request({**scope, "headers": []}), NUMBER, "1234", tracking)
    assert guard.asked == [(NUMBER, "1234", "192.0.2.7"), (NUMBER, "1234", "127.0.0.1")]
