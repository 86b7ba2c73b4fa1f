"""A department that reads a request too early is told to come back; all others get 404."""

from collections.abc import Mapping

import pytest

from gateway.pool import ServiceAnswer
from gateway.proxy import NotYetHereError, Proxy
from gateway.routes import REQUESTS, ROUTING

NUMBER = "RB-7F3K-9Q2M-E"
REQUEST, ASSIGNMENT = f"/api/v1/requests/{NUMBER}", f"/api/v1/assignments/{NUMBER}"
HEADERS = {"Authorization": "Bearer x", "If-None-Match": '"3.1"', "Content-Type": "application/json"}


class Services(Proxy):
    """Routing and requests, with the requests of a test."""

    def __init__(self, *found: str) -> None:
        self.found = found
        self.asked: list[tuple[str, str]] = []

    async def _ask(
        self, service: str, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> ServiceAnswer:
        assert (method, headers) == ("GET", {"Authorization": "Bearer x"})  # with If-None-Match it could be 304
        self.asked.append((service, target))
        return ServiceAnswer(200 if target in self.found else 404, [], b"")

    async def look(self, target: str, service: str = REQUESTS, headers: Mapping[str, str] = HEADERS) -> bool:
        """Whether a reader who got 404 is told to come back."""
        try:
            await self._require_arrived(service, target, headers)
        except NotYetHereError as error:
            return error.headers == {"Retry-After": "1"}
        return False


@pytest.mark.parametrize("target", [REQUEST, f"{REQUEST}?x=y"])
async def test_request_that_routing_has_is_not_yet_here(target: str) -> None:
    assert await Services(ASSIGNMENT).look(target)


async def test_request_of_another_department_stays_404() -> None:
    services = Services()
    assert not await services.look(REQUEST)
    assert services.asked == [(ROUTING, ASSIGNMENT)]


async def test_routing_is_asked_about_requests_only() -> None:
    services = Services(ASSIGNMENT)
    for target in (
        "/api/v1/requests",
        "/api/v1/requests/updates?after=x",
        "/api/v1/catalogue/RB-1",
        "/api/v1/track/RB",
        f"{REQUEST}/receipt",
        f"{REQUEST}/attachments",
    ):
        assert not await services.look(target)
    assert not await services.look(REQUEST, headers={})
    assert not await services.look(ASSIGNMENT, ROUTING)
    assert services.asked == []
