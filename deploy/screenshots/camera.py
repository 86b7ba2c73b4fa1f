"""Opens pages in Chromium as the people of the scenes, and saves small PNGs."""

import io
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from deploy.cli.people import CODE, CODE_SECONDS, DemoCitizen
from deploy.local.errors import LocalError
from deploy.screenshots.scenes import NOBODY, Scene
from deploy.screenshots.staging import Staged, messages

COLOURS = 96
TALLEST = {360: 1800, 1280: 1400}
"""The maximum height in pixels, by width."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


class Camera:
    """Takes screenshots; each person signs in once."""

    def __init__(self, browser: Browser, staged: Staged) -> None:
        self._browser = browser
        self._staged = staged
        self._people: dict[str, BrowserContext] = {}

    def take(self, scene: Scene, language: str, width: int, folder: Path) -> Path:
        """Take a screenshot of a scene; returns its file."""
        page = self._person(scene.who).new_page()
        page.set_viewport_size({"width": width, "height": 900})
        path = scene.path.format_map(self._staged.numbers)
        page.goto(self._address(path, language))
        if scene.name == "track":
            self._show_track(page)
        file = folder / f"{scene.name}-{language}-{width}.png"
        file.write_bytes(self._small(page, width))
        page.close()
        return file

    def _address(self, path: str, language: str) -> str:
        return f"{self._staged.url}{'/ur' if language == 'ur' else ''}{path}"

    def _small(self, page: Page, width: int) -> bytes:
        whole = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled")))
        part = whole.convert("RGB").crop((0, 0, whole.width, min(whole.height, TALLEST[width])))
        written = io.BytesIO()
        part.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        return written.getvalue()

    def _show_track(self, page: Page) -> None:
        if not page.locator("#live-part").count():
            page.fill("main [name=digits]", DemoCitizen(1).mobile[-4:])
            with page.expect_navigation():
                page.press("main [name=digits]", "Enter")

    def _person(self, who: str) -> BrowserContext:
        if who not in self._people:
            self._people[who] = self._browser.new_context()
            if who != NOBODY:
                self._sign_in(self._people[who].new_page(), who)
        return self._people[who]

    def _sign_in(self, page: Page, who: str) -> None:
        citizen = DemoCitizen(int(who[-1])) if who.startswith("citizen") else None
        login = citizen.cnic if citizen else who
        page.goto(self._address("/sign-in" if citizen else "/staff/sign-in", "en"))
        before = messages(self._staged.url, citizen.n) if citizen else []
        page.fill("main [name=login]", login)
        page.fill("main [name=password]", citizen.password if citizen else self._staged.password(who))
        with page.expect_navigation():
            page.press("main [name=password]", "Enter")
        if citizen and page.locator("main [name=code]").count():
            page.fill("main [name=code]", self._code(citizen.n, len(before)))
            with page.expect_navigation():
                page.press("main [name=code]", "Enter")
        page.close()

    def _code(self, n: int, before: int) -> str:
        """The code of the first message after `before` others."""
        end = time.monotonic() + CODE_SECONDS
        while time.monotonic() < end:
            come = messages(self._staged.url, n)
            if len(come) > before and (found := CODE.search(come[0]["words"])):
                return found[0]
            time.sleep(0.1)
        raise LocalError(f"no code came for citizen {n}")
