"""A person at a browser: opens pages of the running suite, fills in forms, reads texts."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Response

from tests.web.visitor import Visitor
from tools.portal import RENEWED_AFTER, Citizen, Portal, until

PHONE, DESKTOP = 320, 1280
PASSWORD = "a long enough password"
PATIENCE_MS = 60_000
ON = "main form#form button[name=go][value=on]"
"""The button that leads to the next page of a form."""


@dataclass
class Person:
    """A window. `strange` collects console errors and requests to other hosts."""

    page: Page
    portal: Portal
    language: str
    strange: list[str] = field(default_factory=list)
    fetched: list[Response] = field(default_factory=list)

    def watch(self) -> None:
        """Record the page's requests and errors."""
        host = urlsplit(self.portal.url).netloc
        self.page.on("console", lambda message: self._complaint(message.type, message.text))
        self.page.on("pageerror", lambda error: self.strange.append(f"script: {error}"))
        self.page.on("response", lambda response: self.fetched.append(response))
        self.page.on("request", lambda request: self._asked(request.url, host))

    def _asked(self, url: str, host: str) -> None:
        if urlsplit(url).netloc not in (host, ""):
            self.strange.append(f"another host: {url}")

    def _complaint(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.strange.append(f"console: {text}")

    def address(self, path: str) -> str:
        """A page's address in this person's language."""
        return f"{self.portal.url}{'/ur' if self.language == 'ur' else ''}{path}"

    async def open(self, path: str) -> Response:
        """Open a page."""
        answer = await self.page.goto(self.address(path))
        assert answer is not None
        return answer

    async def fill(self, **values: str) -> None:
        """Fill in fields by their names; `__` stands for a dot."""
        for name, value in values.items():
            await self.page.fill(f'main [name="{name.replace("__", ".")}"]', value)

    async def choose(self, name: str, value: str) -> None:
        """Choose one of several, or tick a box."""
        await self.page.check(f'main [name="{name}"][value="{value}"]')

    async def answer(self, answers: dict[str, str]) -> None:
        """Fill in those of the fields that the page has."""
        for name, value in answers.items():
            asked = self.page.locator(f'main [name="{name}"]:not([type=hidden])')
            if not await asked.count():
                continue
            kind = await asked.first.get_attribute("type")
            if kind in ("radio", "checkbox"):
                await self.choose(name, value)
            elif await asked.first.evaluate("field => field.localName") == "select":
                await asked.select_option(value)
            else:
                await asked.fill(value)

    async def answer_all(self, answers: dict[str, str], end: str) -> None:
        """Answer page after page until one shows this element."""
        while not await self.page.locator(end).count():
            await self.answer(answers)
            await self.send(ON)
            assert not await self.page.locator("main .sum").count(), await self.text()

    async def send(self, button: str = "main form#form .btn:not([type=button])") -> None:
        """Press a button that leads to another page."""
        async with self.page.expect_navigation():
            await self.page.locator(button).first.click()

    async def comes_to(self, path: str, what: str) -> None:
        """Reload a page until it shows this; events take a moment to arrive."""

        async def look() -> bool | None:
            await self.open(path)
            return True if await self.page.locator(what).count() else None

        await until(look, f"{path} to show {what}")

    async def follow(self, link: str) -> None:
        """Follow the first link that leads to this path."""
        async with self.page.expect_navigation():
            await self.page.locator(f'main a[href*="{link}"]').first.click()

    @property
    def path(self) -> str:
        """The path of the open page, without its language."""
        path = urlsplit(self.page.url).path
        return path.removeprefix("/ur") or "/"

    async def text(self) -> str:
        """The text of the page."""
        return await self.page.inner_text("main")


@dataclass
class Sessions:
    """Sessions that several windows share."""

    portal: Portal
    _known: dict[str, tuple[float, dict[str, str]]] = field(default_factory=dict)

    async def visitor(self, citizen: Citizen) -> Visitor:
        """A citizen without a browser, signed in."""
        enter = partial(Visitor(self.portal).enter_as_citizen, citizen)
        return Visitor(self.portal, dict(await self.of(citizen.cnic, enter)))

    async def officer(self, role: str, department: str) -> Visitor:
        """A member of staff without a browser, signed in."""
        enter = partial(Visitor(self.portal).enter_as_staff, role, department)
        return Visitor(self.portal, dict(await self.of(f"{role} {department} None", enter)))

    async def of(self, visitor: str, enter: Callable[[], Awaitable[Visitor]]) -> dict[str, str]:
        """The cookies of a person; `enter` signs in if there is no recent session."""
        since, cookies = self._known.get(visitor, (-RENEWED_AFTER, {}))
        if time.monotonic() - since > RENEWED_AFTER:
            cookies = (await enter()).cookies
            self._known[visitor] = time.monotonic(), cookies
        return cookies


class People:
    """Opens windows for the tests."""

    def __init__(self, browser: Browser, portal: Portal, sessions: Sessions) -> None:
        self._browser = browser
        self._sessions = sessions
        self.portal = portal
        self._contexts: list[BrowserContext] = []

    async def somebody(self, language: str = "en", width: int = PHONE, *, scripts: bool = True, **how: Any) -> Person:
        """A person who is not signed in."""
        context = await self._browser.new_context(
            viewport={"width": width, "height": 740}, java_script_enabled=scripts, **how
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        person = Person(await context.new_page(), self.portal, language)
        person.watch()
        return person

    async def citizen(self, citizen: Citizen, person: Person) -> Person:
        """Give this person the session of a citizen."""
        enter = partial(Visitor(self.portal).enter_as_citizen, citizen)
        return await self.with_cookies(person, await self._sessions.of(citizen.cnic, enter))

    async def staff(self, role: str, department: str | None, person: Person, counter: str | None = None) -> Person:
        """Give this person the session of a member of staff, whose account is made if there is none."""
        enter = partial(Visitor(self.portal).enter_as_staff, role, department, counter)
        return await self.with_cookies(person, await self._sessions.of(f"{role} {department} {counter}", enter))

    async def with_cookies(self, person: Person, cookies: dict[str, str]) -> Person:
        """Give this person the cookies of another browser."""
        own = [(name, value) for name, value in cookies.items() if not name.startswith("__Host-")]
        url = self.portal.url
        await person.page.context.add_cookies([{"name": name, "value": value, "url": url} for name, value in own])
        return person

    async def leave(self) -> None:
        """Close all windows."""
        while self._contexts:
            await self._contexts.pop().close()
