"""A page in a real browser with our scripts and macros, and a fake server."""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from struct import pack
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, Request, Route, expect

from gateway.web.assets import Assets
from gateway.web.rendering import Renderer

ORIGIN = "https://portal.test"
NOON = 1_780_000_000
MADE = 5
"""The time of a page, in the form of a stream's ids."""
ASSETS = Assets()
RENDERER = Renderer(ASSETS)
MACROS = "live, news, filter_attributes, sending, place, draft, choose_all, chosen, copy"

COUNTED = """
const ended = () => (document.documentElement.dataset.ends = Number(document.documentElement.dataset.ends ?? 0) + 1);
const { fetch: fetched, EventSource: Source } = window;
window.fetch = (...asked) => fetched(...asked).finally(ended);
window.EventSource = class extends Source {
  constructor(address) {
    super(address);
    for (const kind of ["error", "expired"]) this.addEventListener(kind, ended);
  }
};
"""
"""Counts in the page how many responses have ended."""


@dataclass
class Reply:
    """A response of the fake server."""

    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Play = Callable[[Request], Awaitable[Reply]]


def html(content: str, *scripts: str, body: str = "", language: str = "en", **context: Any) -> str:
    """A page from a template text, with scripts by name and attributes of the body."""
    given = {"me": None, "form": None, "now": MADE, "url": lambda path: path, **context}
    source = f'{{% from "layout/scripts.html" import {MACROS} with context %}}{content}'
    shown = RENDERER._environments[language].from_string(source).render(given)
    tags = "".join(f'<script type="module" src="{ASSETS.address(name)}"></script>' for name in ("page.js", *scripts))
    style = f'<link rel="stylesheet" href="{ASSETS.address("style.css")}">'
    direction = "rtl" if language == "ur" else "ltr"
    head = f'<meta charset="utf-8"><title>A page</title>{style}{tags}'
    return (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head>{head}</head>'
        f'<body {body}><main id="main" tabindex="-1">{shown}</main></body></html>'
    )


class Stage:
    """The browser's page and the fake server. `play` sets the responses of an address."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.plays: dict[tuple[str, str], Play] = {}
        self.asked: list[Request] = []
        self.came = asyncio.Condition()
        self.errors: list[str] = []

    async def __aenter__(self) -> "Stage":
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        await self.page.add_init_script(COUNTED)
        await self.page.route("**/*", self._answer)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.page.unroute_all(behavior="ignoreErrors")

    def play(self, path: str, *replies: Reply | str, method: str = "GET") -> None:
        """Set the responses of an address, one after the other; the last one repeats."""
        left = [Reply(reply) if isinstance(reply, str) else reply for reply in replies]

        async def answer(_: Request) -> Reply:
            return left.pop(0) if len(left) > 1 else left[0]

        self.plays[method, path] = answer

    async def open(self, page_html: str, path: str = "/page", *later: Reply | str, origin: str = ORIGIN) -> None:
        """Open a page at an address. `later` are the further responses of that address."""
        self.play(path.partition("?")[0], page_html, *later)
        await self.page.goto(origin + path)

    async def stop_the_clock(self, at: float) -> None:
        """Stop the clock of pages that are opened from now on."""
        await self.page.clock.install(time=at - 3600)  # from where it still runs
        await self.page.clock.pause_at(at)

    async def ended(self, count: int) -> None:
        """Wait until so many responses have ended."""
        await expect(self.page.locator("html")).to_have_attribute("data-ends", str(count))

    async def hide(self, hidden: bool) -> None:
        """Make the page hidden, or visible again."""
        await self.page.evaluate(
            f"Object.defineProperty(document, 'hidden', {{ value: {str(hidden).lower()}, configurable: true }});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )

    async def requests(self, path: str, count: int, method: str = "GET") -> list[Request]:
        """Wait for so many requests for an address."""
        async with self.came:
            await asyncio.wait_for(self.came.wait_for(lambda: len(self.of(path, method)) >= count), 15)
        return self.of(path, method)

    def of(self, path: str, method: str = "GET") -> list[Request]:
        """The requests for an address so far."""
        return [one for one in self.asked if one.method == method and urlsplit(one.url).path == path]

    async def _answer(self, route: Route) -> None:
        request = route.request
        path = urlsplit(request.url).path
        if path.startswith("/static/"):
            asset = ASSETS._by_address[path]
            await route.fulfill(body=asset.plain, headers={"Content-Type": asset.media_type})
            return
        async with self.came:
            self.asked.append(request)
            self.came.notify_all()
        play = self.plays.get((request.method, path))
        reply = await play(request) if play else Reply("not played", 404)
        if reply.status == 0:
            await route.abort("connectionreset")
            return
        headers = {"Content-Type": "text/html; charset=utf-8", **reply.headers}
        await route.fulfill(status=reply.status, headers=headers, body=reply.body)


def events(*told: Mapping[str, Any], kind: str = "request") -> Reply:
    """A stream that sends these and breaks off; the browser reconnects after an hour."""
    blocks = [f"id: {one['id']}\nevent: {kind}\ndata: {json.dumps(one)}\n\n" for one in told]
    return Reply("retry: 3600000\n\n" + "".join(blocks), headers={"Content-Type": "text/event-stream"})


def noise(width: int, height: int) -> bytes:
    """A PNG that cannot be made smaller without loss."""
    rows = b"".join(b"\0" + Random(row).randbytes(3 * width) for row in range(height))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
