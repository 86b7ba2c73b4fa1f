"""A visitor without a browser: sends forms over HTTP, quickly, and also malformed ones."""

import asyncio
import html
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tools.portal import Citizen, Portal

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
MAIN_FORM = re.compile(r'<form method="post"[^>]* id="form".*?</form>', re.S)


@dataclass
class Shown:
    """A response of the pages."""

    status: int
    text: str
    headers: dict[str, str]
    cookies: list[str]

    @property
    def location(self) -> str:
        """The target of the redirect, without the host."""
        return re.sub(r"^http://[^/]+", "", self.headers.get("location", ""))

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the main form."""
        form = MAIN_FORM.search(self.text)
        return {name: html.unescape(value) for name, value in HIDDEN.findall(form[0] if form else self.text)}


@dataclass
class Visitor:
    """One browser's worth of cookies."""

    portal: Portal
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, data: Any = None, **headers: str) -> Shown:
        """One request; redirects are not followed, cookies are kept. Fields with several values are lists."""
        if isinstance(data, dict):
            data = urlencode(data, doseq=True).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with (
            aiohttp.ClientSession(self.portal.url, cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.request(method, path, data=data, headers=sent, allow_redirects=False) as answer,
        ):
            known = {name.lower(): value for name, value in answer.headers.items()}
            given = answer.headers.getall("Set-Cookie", [])
            shown = Shown(answer.status, await answer.text(), known, given)
        self._keep(shown)
        return shown

    def _keep(self, shown: Shown) -> None:
        for line in shown.cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]

    async def open(self, path: str) -> Shown:
        """Open a page, which must exist."""
        shown = await self.ask("GET", path)
        assert shown.status == 200, f"{path}: {shown.status} {shown.location}"
        return shown

    async def send(self, path: str, at: str = "", **fields: Any) -> Shown:
        """The form of a page, filled in and sent to its own address, or to `at`; `__` in a name stands for a dot."""
        hidden = (await self.open(path)).hidden
        typed = {name.replace("__", "."): value for name, value in fields.items()}
        return await self.ask("POST", at or path, {**hidden, **typed})

    async def twice(self, path: str, **fields: Any) -> tuple[Shown, Shown]:
        """The same form sent twice at the same moment."""
        hidden = (await self.open(path)).hidden
        typed = {**hidden, **{name.replace("__", "."): value for name, value in fields.items()}}
        first, second = await asyncio.gather(self.ask("POST", path, typed), self.ask("POST", path, typed))
        return first, second

    async def follow(self, shown: Shown) -> Shown:
        """The page that a redirect leads to."""
        assert shown.status == 303, f"{shown.status}: {re.sub('<[^>]+>', ' ', shown.text)[:2000]}"
        return await self.open(shown.location)

    async def enter_as_citizen(self, citizen: Citizen) -> "Visitor":
        """Sign in as a citizen on a device that is new, with the code."""
        before = await self.portal.last_message_at(citizen.mobile)
        asked = await self.send("/sign-in", login=citizen.cnic, password=citizen.password)
        code = await self.portal.next_code(citizen.mobile, before)
        entered = await self.ask("POST", "/sign-in/code", {**(await self.follow(asked)).hidden, "code": code})
        assert entered.location == "/my", entered
        return self

    async def enter_as_staff(self, role: str, department: str | None = None, counter: str | None = None) -> "Visitor":
        """Sign in as a member of staff, whose account is made if there is none."""
        login, password = await self.portal.credentials(role, department, counter)
        entered = await self.send("/staff/sign-in", login=login, password=password)
        assert entered.status == 303, entered
        return self
