"""Renders templates: one environment for each language, and only the icons that a page uses."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from gateway.web import history, states
from gateway.web.assets import Assets
from gateway.web.words import LANGUAGES, Translator, isolate, language_of

FOLDER = Path(__file__).parent
ROOMS = ("public", "citizen", "staff", "department", "counter", "administration", "connecting")
SYMBOL = re.compile(r'<symbol id="([a-z0-9-]+)".*?</symbol>', re.S)
USED = re.compile(r'<use href="#([a-z0-9-]+)"')
BODY = re.compile(r"(<body\b.*)(</body>)", re.S)
TRACKING_NUMBER = re.compile(r"\bRB(?:-[0-9A-Z]{4}){2}-[0-9A-Z]\b")
OTHER = {"en": "ur", "ur": "en"}
WRITTEN = (
    "localised", "day", "short_day", "moment", "full_moment", "month", "clock", "from_now", "late_by", "span", "wait",
    "number",
)  # fmt: skip
"""Methods of `Translator` that are filters of the same name."""
DIRECTION = {"en": "ltr", "ur": "rtl"}


class Renderer:
    """Renders the templates of all rooms: `citizen/dashboard.html`, `layout/base.html`."""

    def __init__(self, assets: Assets) -> None:
        drawn = (FOLDER / "layout" / "icons.svg").read_text(encoding="utf-8")
        self._symbols = {match[1]: match[0] for match in SYMBOL.finditer(drawn)}
        self._environments = {language: _environment(language, assets) for language in LANGUAGES}
        self.words = {language: Translator(language) for language in LANGUAGES}

    def page(self, template: str, language: str, context: Mapping[str, Any]) -> str:
        """A complete page."""
        html = self._environments[language].get_template(template).render(context)
        body = BODY.search(html)
        if body is None:
            return html
        content = isolate(body[1]) if language == "ur" else body[1]
        return f"{html[: body.start()]}{content}{self._sprite(content)}{html[body.start(2) :]}"

    def _sprite(self, html: str) -> str:
        """The icons that a page uses, once each."""
        used = dict.fromkeys(USED.findall(html))
        drawings = "".join(self._symbols[name] for name in used)
        return f'<svg class="sprite" width="0" height="0" aria-hidden="true">{drawings}</svg>\n' if used else ""


def _environment(language: str, assets: Assets) -> Environment:
    folders = {"layout": FOLDER / "layout", **{room: FOLDER / room / "templates" for room in ROOMS}}
    environment = Environment(
        loader=PrefixLoader({name: FileSystemLoader(folder) for name, folder in folders.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    words = Translator(language)
    environment.install_gettext_translations(words.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        language=language,
        direction=DIRECTION[language],
        other=OTHER[language],
        icon=icon,
        qr=qr,
        say=words.say,
        asset=assets.address,
        script=assets.scripts,
        states=states,
        history=history,
        roles=states.ROLES,
        is_past=words.is_past,
        is_soon=words.is_soon,
    )
    environment.filters.update({name: getattr(words, name) for name in WRITTEN})
    environment.filters.update(
        lang=language_of, no=number_of_request, numbers=numbers_in, ltr=left_to_right, mobile=mobile_number
    )
    return environment


def icon(name: str, classes: str = "") -> Markup:
    """An icon of `layout/icons.svg`, hidden from screen readers; a text must stand beside it."""
    css = f"i {classes}".strip()
    return Markup('<svg class="{}" aria-hidden="true"><use href="#{}"/></svg>').format(css, name)


def number_of_request(number: str) -> Markup:
    """A tracking number, on one line and from left to right in both languages."""
    return Markup('<bdi dir="ltr" class="no">{}</bdi>').format(number)


def numbers_in(text: str) -> Markup:
    """A text in which each tracking number stays on one line."""
    return Markup(TRACKING_NUMBER.sub(lambda found: number_of_request(found[0]), str(escape(text))))


def left_to_right(text: str) -> Markup:
    """An address or a number, from left to right also in Urdu."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(text)


def mobile_number(e164: str) -> Markup:
    """A mobile as people write it: 0300 1234567."""
    local = f"0{e164[3:6]} {e164[6:]}" if e164.startswith("+92") else e164
    return Markup('<bdi dir="ltr" class="no">{}</bdi>').format(local)


def qr(text: str, label: str) -> Markup:
    """A QR code as an SVG; `label` says what it leads to."""
    code = segno.make(text, error="m")
    drawn = Markup(code.svg_inline(border=3, svgclass="qr", lineclass=None, omitsize=True))
    return Markup('<figure role="img" aria-label="{}">{}</figure>').format(label, drawn)
