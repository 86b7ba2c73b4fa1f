"""What can be seen to be wrong with a page: rules of axe, texts that collide or are cut off, small targets."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page

from tests.web.person import DESKTOP, PHONE

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
BOXES = (Path(__file__).parent / "boxes.js").read_text(encoding="utf-8")
HEIGHT = 740
EVERYTHING: Mapping[str, Any] = {}
CONTRAST: Mapping[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
WORDS: Mapping[str, Any] = {
    "runOnly": {"type": "tag", "values": ["cat.language", "cat.text-alternatives", "cat.name-role-value", "cat.forms"]}
}
"""Which rules of axe are asked: all; whether there is contrast; what the words of a language can break."""
TOLD = 10
"""So many faults of one page are told at most."""


async def ugly(page: Page) -> list[str]:
    """What collides, is cut off, is wider than the screen, or too small to hit."""
    found: list[str] = await page.evaluate(BOXES)
    return found[:TOLD]


async def violations(page: Page, only: Mapping[str, Any] = EVERYTHING) -> list[str]:
    """Rules of axe that the page breaks; of all rules, or of some."""
    if not await page.evaluate("() => typeof axe === 'object'"):
        await page.evaluate(AXE)
    options = {"resultTypes": ["violations"], "elementRef": False, "preload": False, **only}
    told: dict[str, Any] = await page.evaluate(f"() => axe.run(document, {json.dumps(options)})")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'][:200]}"
        for violation in told["violations"]
        for node in violation["nodes"][:3]
    ]


async def faults(page: Page, language: str) -> list[str]:
    """All that is wrong with the page that is open: on a phone and a desktop, light and dark.

    Both languages are one template and one style sheet: in Urdu axe looks only at what words can break.
    """
    found = []
    for width in (DESKTOP, PHONE):
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"{width}: {one}" for one in await ugly(page)]
    if language == "ur":
        return found + await violations(page, WORDS)
    found += await violations(page)
    await page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in await violations(page, CONTRAST)]
    await page.emulate_media(color_scheme="light")
    return found
