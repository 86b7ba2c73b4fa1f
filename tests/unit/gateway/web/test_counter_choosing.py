"""The list of services at the counter is sorted by name without changing the cached list."""

import aiohttp
from starlette.responses import JSONResponse

from gateway.web.session import WebSession
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.web.browser import Browser, signed_in

CITIZEN = {"id": "c1", "name": "G*** B***", "mobile": "+92300*****67", "mobile_proven": True}


def service(code: str, name: str) -> dict[str, object]:
    """A service as the catalogue lists it."""
    names = {"en": name, "ur": name}
    return {
        "code": code, "name": names, "summary": names, "department": "works", "kind": "complaint", "category": "roads",
        "fee": {"amount": 0}, "due": {"days": 2, "calendar": "working"}, "confidential": "never", "anonymous": False,
        "districts": [], "version": 1,
    }  # fmt: skip


async def test_sorting_does_not_change_the_cached_list() -> None:
    played = FakeServices()
    listed = {"services": [service("a", "Zebra crossing"), service("b", "Apples")], "districts": {}, "departments": []}
    played.answer = JSONResponse(listed, headers={"Cache-Control": "public, max-age=60"})
    async with gateway_before(played) as url, aiohttp.ClientSession() as http:
        clerk = Browser(http, url, WebSession(signed_in=signed_in(role="clerk"), steps={"citizens": {"c1": CITIZEN}}))
        _, before = await Browser(http, url).get("/services")
        _, there = await clerk.get("/counter/citizens/c1")
        assert there.index("Apples") < there.index("Zebra")
        _, after = await Browser(http, url).get("/services")
    assert before.index("Zebra") < before.index("Apples")
    assert after.index("Zebra") < after.index("Apples")
