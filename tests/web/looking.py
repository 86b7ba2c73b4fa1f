"""What can be seen to be wrong with a page: rules of axe, boxes that overlap, texts cut off, small targets."""

import json
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SMALLEST = 44
"""CSS pixels that a control is high and wide at least (WCAG 2.2, 2.5.5)."""

BOXES = """
() => {
  const seen = (element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return style.visibility !== "hidden" && style.clipPath === "none" && box.width > 1 && box.height > 1;
  };
  const named = (element) =>
    `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 40)}"`;
  const wrong = [];
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) wrong.push(`wider than the screen: ${wide} of ${innerWidth}`);
  for (const element of document.querySelectorAll("body *")) {
    if (!seen(element) || element.closest("svg, .vh, .sprite")) continue;
    const style = getComputedStyle(element);
    const hides = style.overflowX !== "visible" && style.overflowX !== "auto" && style.overflowX !== "scroll";
    if (hides && element.scrollWidth > element.clientWidth + 1 && !element.matches("input, select, textarea, progress"))
      wrong.push(`cut off: ${named(element)}`);
  }
  const controls = [...document.querySelectorAll("button, .btn, input:not([type=hidden]), select, textarea, summary")];
  for (const control of controls.filter(seen)) {
    const target = control.closest("label") ?? control;
    const box = target.getBoundingClientRect();
    if (box.height < SMALLEST - 0.5 || box.width < SMALLEST - 0.5)
      wrong.push(`too small to hit: ${named(control)} ${Math.round(box.width)}x${Math.round(box.height)}`);
  }
  const kinds = "h1, h2, h3, p, li, dt, dd, label, legend, td, th, .btn, .tag";
  const texts = [...document.querySelectorAll(kinds)].filter(seen);
  const boxes = texts.map((element) => [element, element.getBoundingClientRect()]);
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < Math.min(boxes.length, i + 40); j++) {
      const [a, one] = boxes[i], [b, other] = boxes[j];
      if (a.contains(b) || b.contains(a)) continue;
      const x = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const y = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (x > 4 && y > 6 && getComputedStyle(a).position === "static" && getComputedStyle(b).position === "static")
        wrong.push(`overlap: ${named(a)} and ${named(b)} by ${Math.round(x)}x${Math.round(y)}`);
    }
  return wrong.slice(0, 10);
}
""".replace("SMALLEST", str(SMALLEST))


async def ugly(page: Page) -> list[str]:
    """What overlaps, is cut off, is wider than the screen, or too small to hit."""
    found: list[str] = await page.evaluate(BOXES)
    return found


async def violations(page: Page, *rules: str) -> list[str]:
    """Rules of axe that the page breaks; of all rules, or of those named."""
    if not await page.evaluate("() => typeof axe === 'object'"):
        await page.evaluate(AXE)
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    options = {"resultTypes": ["violations"], **only}
    told: dict[str, Any] = await page.evaluate(f"() => axe.run(document, {json.dumps(options)})")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'][:200]}"
        for violation in told["violations"]
        for node in violation["nodes"][:3]
    ]
