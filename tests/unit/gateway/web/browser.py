"""A browser without scripts, with the cookie of a session, for pages before fake services."""

import re
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from gateway.web.session import Cookies, Sealer, SignedIn, WebSession
from tests.unit.gateway.fake_services import WEB_KEY
from tests.unit.gateway.serving import token

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
COOKIES = Cookies(Sealer([WEB_KEY]), https=False)
LONG = 4_000_000_000.0
REFUSED = {"type": "/problems/unauthenticated", "title": "Sign in", "status": 401, "detail": ""}
GRANTED: dict[str, Any] = {
    "access_token": "new",
    "refresh_token": "s" * 43,
    "expires_in": 600,
    "refresh_expires_in": 3600,
    "account": {"id": "a" * 32, "role": "citizen", "department": None},
    "limited": False,
    "name": "Gul Bano",
    "departments": [],
    "services": [],
    "districts": {},
}
"""The session that identity grants; the fake services answer everything else with it too."""


@dataclass
class Browser:
    """A browser with the cookie of a session."""

    http: aiohttp.ClientSession
    url: str
    session: WebSession = field(default_factory=WebSession)

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        """Open a page."""
        return await self._keep(self.http.get(self.url + path, headers=self._sent(headers), allow_redirects=False))

    async def post(self, path: str, form: dict[str, str], **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        """Send a form."""
        sent = self.http.post(self.url + path, data=form, headers=self._sent(headers), allow_redirects=False)
        return await self._keep(sent)

    def _sent(self, headers: dict[str, str]) -> dict[str, str]:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        cookie = COOKIES.write(self.session).partition(";")[0] if self.session != WebSession() else ""
        return OURS | ({"Cookie": cookie} if cookie else {}) | more

    async def _keep(self, asking: Any) -> tuple[aiohttp.ClientResponse, str]:
        async with asking as answer:
            for written in answer.headers.getall("Set-Cookie", []):
                if written.startswith(f"{COOKIES.name}="):
                    self.session = COOKIES.read(written.partition(";")[0])
            return answer, await answer.text()


def signed_in(access_until: float = LONG, **more: Any) -> SignedIn:
    """A citizen's session."""
    values = {"account": "a" * 32, "role": "citizen", "department": None, "access_token": token()} | more
    return SignedIn(**values, refresh_token="r" * 43, access_until=access_until, idle_until=LONG)


def field_of(html: str, name: str) -> str:
    """The value of a field of a page."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


async def form_of(browser: Browser, path: str) -> dict[str, str]:
    """The hidden fields of a form."""
    _, html = await browser.get(path)
    return {name: field_of(html, name) for name in ("_token", "_key")}
