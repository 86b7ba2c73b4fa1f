"""Finds visible faults of a page: rules of axe, colliding or cut-off texts, small targets."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import axe_playwright_python
from playwright.async_api import Page

from tests.web.person import DESKTOP, PHONE, Person
from tests.web.prepared import Prepared

HERE = Path(__file__).parent
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
BOXES, KINDS, COLOURS = ((HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("boxes", "kinds", "colours"))
HEIGHT = 740
RUN = """async ([sorted, chosen, rules]) => {
  const kept = window[sorted], elements = chosen.flatMap((one) => kept[one]);
  const where = elements.includes(document) ? document : { include: elements };
  const how = { resultTypes: ["violations", "incomplete"], elementRef: true, selectors: false, preload: false };
  const { violations, incomplete } = await axe.run(where, { ...how, ...rules });
  const unclear = new Set(incomplete.flatMap(({ nodes }) => nodes.map(({ element }) => element)));
  const told = (id, { html, failureSummary }) => `${id}: ${html.slice(0, 150)} ${failureSummary.slice(0, 200)}`;
  return [
    violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => told(id, node))),
    chosen.filter((one) => kept[one].some((element) => !unclear.has(element))),
  ];
}"""
ALL_BUT_CONTRAST: Mapping[str, Any] = {"rules": {"color-contrast": {"enabled": False}}}
CONTRAST: Mapping[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""Which rules of axe are checked. Contrast takes more time than all others together."""
Scheme = Literal["light", "dark"]
TOLD = 10
"""At most so many faults of a page are reported."""


async def ugly(page: Page) -> list[str]:
    """What collides, is cut off, is wider than the screen, or too small to hit."""
    found: list[str] = await page.evaluate(BOXES)
    return found[:TOLD]


async def violations(
    page: Page, sorted_as: str, chosen: Sequence[int | str], rules: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """What axe finds with these elements, and which of them it can judge.

    `sorted_as` is where the page keeps them: `ofKinds` or `ofColours`.
    """
    if not await page.evaluate("() => typeof axe === 'object'"):
        await page.evaluate(AXE)
    wrong, judged = await page.evaluate(RUN, [sorted_as, chosen, rules])
    return wrong, judged


class Inspector:
    """Looks at one page after the other, and remembers what axe has examined.

    Most of a page stands on others, too: in the other language, or in another state. axe, which takes a third of a
    second for a page, examines only the elements of a kind that no page before had (kinds.js), and their contrast only
    where the colours are new (colours.js).
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._colours: dict[Scheme, set[str]] = {"light": set(), "dark": set()}
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
        return found + (await self._examined(page, new) if new else [])

    async def _boxes(self, page: Page) -> list[str]:
        size = page.viewport_size
        return [f"{size and size['width']}: {fault}" for fault in await ugly(page)]

    async def _examined(self, page: Page, new: list[int]) -> list[str]:
        """What axe finds with the elements of these kinds; and with all new colours, light and dark."""
        found, _ = await violations(page, "ofKinds", new, ALL_BUT_CONTRAST)
        found += await self._pale(page, "light")
        await page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in await self._pale(page, "dark")]
        await page.emulate_media(color_scheme="light")
        return found

    async def _pale(self, page: Page, scheme: Scheme) -> list[str]:
        """What axe finds with colours that no page before had."""
        known = self._colours[scheme]
        new = [one for one in await page.evaluate(COLOURS) if one not in known]
        wrong, judged = await violations(page, "ofColours", new, CONTRAST) if new else ([], [])
        known.update(judged)
        return wrong


async def kinds(page: Page) -> list[str]:
    """The kinds of elements that the page has."""
    paths: list[str] = []
    for parent, what in await page.evaluate(KINDS):
        paths.append(f"{paths[parent] if parent >= 0 else ''} > {what}")
    return paths


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
        if await person.page.evaluate("document.documentElement.lang") != person.language:
            found.append(f"{page}: not in {person.language}")
        found += [f"{person.language} {page}: {fault}" for fault in await inspector.faults(person.page)]
    return found + person.strange


def tell(wrong: list[str]) -> None:
    """Fail with all faults."""
    assert not wrong, "\n".join(wrong)
