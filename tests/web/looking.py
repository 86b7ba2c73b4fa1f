"""Finds visible faults of a page: rules of axe, colliding or cut-off texts, small targets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page

from tests.web.person import DESKTOP, PHONE, Person
from tests.web.prepared import Prepared

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
BOXES = (Path(__file__).parent / "boxes.js").read_text(encoding="utf-8")
KINDS = (Path(__file__).parent / "kinds.js").read_text(encoding="utf-8")
HEIGHT = 740
RUN = """([kinds, options]) => {
  const elements = kinds.flatMap((kind) => ofKinds[kind]);
  return axe.run(elements.includes(document) ? document : { include: elements }, options);
}"""
EVERYTHING: Mapping[str, Any] = {}
CONTRAST: Mapping[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""Which rules of axe are checked: all, or only contrast."""
TOLD = 10
"""At most so many faults of a page are reported."""


async def ugly(page: Page) -> list[str]:
    """What collides, is cut off, is wider than the screen, or too small to hit."""
    found: list[str] = await page.evaluate(BOXES)
    return found[:TOLD]


async def violations(page: Page, new: list[int], only: Mapping[str, Any] = EVERYTHING) -> list[str]:
    """Rules of axe that the elements of these kinds break; of all rules, or of some."""
    if not await page.evaluate("() => typeof axe === 'object'"):
        await page.evaluate(AXE)
    options = {"resultTypes": ["violations"], "elementRef": False, "preload": False, **only}
    told: dict[str, Any] = await page.evaluate(RUN, [new, options])
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'][:200]}"
        for violation in told["violations"]
        for node in violation["nodes"][:3]
    ]


class Inspector:
    """Looks at one page after the other, and remembers what axe has examined.

    Most of a page stands on others, too: in the other language, or in another state. axe, which takes a third of a
    second for a page, examines only the elements of a kind that no page before had (kinds.js).
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._wide = False

    async def faults(self, page: Page) -> list[str]:
        """All that is wrong with the page that is open: on a phone and a desktop, light and dark."""
        found = await self._boxes(page)
        self._wide = not self._wide
        await page.set_viewport_size({"width": DESKTOP if self._wide else PHONE, "height": HEIGHT})
        found += await self._boxes(page)
        there = await kinds(page)
        new = [place for place, kind in enumerate(there) if kind not in self._known]
        self._known |= set(there)
        return found + (await examined(page, new) if new else [])

    async def _boxes(self, page: Page) -> list[str]:
        size = page.viewport_size
        return [f"{size and size['width']}: {fault}" for fault in await ugly(page)]


async def kinds(page: Page) -> list[str]:
    """The kinds of elements that the page has."""
    paths: list[str] = []
    for parent, what in await page.evaluate(KINDS):
        paths.append(f"{paths[parent] if parent >= 0 else ''} > {what}")
    return paths


async def examined(page: Page, new: list[int]) -> list[str]:
    """What axe finds with the elements of these kinds, light and dark."""
    found = await violations(page, new)
    await page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in await violations(page, new, CONTRAST)]
    await page.emulate_media(color_scheme="light")
    return found


async def wrong_with(
    inspector: Inspector, person: Person, pages: tuple[str, ...], ready: Prepared | None = None
) -> list[str]:
    """All faults of these pages."""
    found = []
    for page in pages:
        path = page.format(draft=ready.draft, **ready.numbers) if ready else page
        answer = await person.open(path)
        if answer.status != (404 if "0000" in path or path == "/nowhere" else 200) and path != "/admin":
            found.append(f"{page}: {answer.status}")
        if await person.page.get_attribute("html", "lang") != person.language:
            found.append(f"{page}: not in {person.language}")
        found += [f"{person.language} {page}: {fault}" for fault in await inspector.faults(person.page)]
    return found + person.strange


def tell(wrong: list[str]) -> None:
    """Fail with all faults."""
    assert not wrong, "\n".join(wrong)
