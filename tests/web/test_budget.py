"""The cost of pages: bytes and HTTP requests of a first and a second visit, as Chromium counts them."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import CDPSession, Page

from tests.web.person import People
from tests.web.prepared import Prepared

FIRST, REPEAT = 30_000, 12_000
MAX_REQUESTS = 5
TAB = "/static/icon."
"""The icon of the tab is fetched once, after everything visible. Its bytes count, its request does not."""
PUBLIC = (
    "/", "/services", "/services/birth-certificate", "/departments/water", "/track", "/help",
    "/help/code-not-received", "/prove", "/privacy", "/accessibility", "/published", "/sign-in", "/register",
    "/register/address", "/reset", "/anonymous", "/apply/street-light-out", "/anonymous/apply/blocked-drain",
)  # fmt: skip
OWN = (
    "/my", "/my/messages", "/my/data", "/my/devices", "/my/accesses", "/apply/birth-certificate",
    
    "/apply/draft/{draft}/1", "/apply/draft/{draft}/2", "/apply/draft/{draft}/3",
    "/apply/draft/{draft}/files", "/apply/draft/{draft}/check", "/my/requests/{new}/sent",
    "/my/requests/{new}", "/my/requests/{asked}", "/my/requests/{resolved}", "/my/requests/{under appeal}",
    "/my/requests/{asked}/answer", "/my/requests/{resolved}/dispute",
)  # fmt: skip


@dataclass
class Meter:
    """The bytes and requests since the last reading. An open stream is counted when it begins."""

    wire: CDPSession
    loaded: list[float] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    cached: set[str] = field(default_factory=set)

    @classmethod
    async def of(cls, page: Page) -> "Meter":
        """Read the browser's own counters."""
        meter = cls(await page.context.new_cdp_session(page))
        meter.wire.on("Network.requestWillBeSent", meter._ask)
        meter.wire.on("Network.requestServedFromCache", lambda event: meter.cached.add(event["requestId"]))
        meter.wire.on("Network.loadingFinished", lambda event: meter.loaded.append(event["encodedDataLength"]))
        meter.wire.on("Network.responseReceived", meter._receive)
        await meter.wire.send("Network.enable")
        return meter

    async def forget(self) -> None:
        """Empty the browser's cache."""
        await self.wire.send("Network.clearBrowserCache")

    def _ask(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:") and event.get("type") != "EventSource":
            self.asked[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def _receive(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self.cached.add(event["requestId"])

    def read(self) -> tuple[int, list[str]]:
        """The bytes and the addresses of requests; resets both."""
        told = (
            round(sum(self.loaded)),
            [path for key, path in self.asked.items() if key not in self.cached and not path.startswith(TAB)],
        )
        self.loaded.clear()
        self.asked.clear()
        self.cached.clear()
        return told


async def visited(page: Page, meter: Meter, address: str) -> tuple[int, list[str]]:
    """The cost of one visit."""
    meter.read()
    await page.goto(address, wait_until="load")
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return meter.read()


async def too_much(people: People, pages: list[str], ready: Prepared | None = None) -> list[str]:
    """The pages that cost too much, at the first or at the second visit; in Urdu, which takes more bytes."""
    wrong = []
    person = await people.somebody("ur")
    if ready:
        await people.citizen(ready.citizen, person)
    meter = await Meter.of(person.page)
    for path in pages:
        await meter.forget()
        first, requests = await visited(person.page, meter, person.address(path))
        if not 2_000 < first <= FIRST or not 3 <= len(requests) <= MAX_REQUESTS:
            wrong.append(f"{path}: first visit of {first} bytes: {requests}")
        again, requests = await visited(person.page, meter, person.address(path))
        if not 0 < again <= REPEAT:
            wrong.append(f"{path}: repeat of {again} bytes: {requests}")
    return wrong


async def test_public_pages_are_small(people: People) -> None:
    wrong = await too_much(people, list(PUBLIC))
    assert not wrong, "\n".join(wrong)


async def test_pages_of_citizens_are_small(people: People, prepared: Prepared) -> None:
    pages = [page.format(draft=prepared.draft, **prepared.numbers) for page in OWN]
    wrong = await too_much(people, pages, prepared)
    assert not wrong, "\n".join(wrong)
