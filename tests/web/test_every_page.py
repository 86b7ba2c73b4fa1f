"""Every page for the public and for citizens: accessible and complete, in both languages, on a phone and a desktop,
light and dark. `test_every_staff_page` opens the others.
"""

import pytest

from deploy.local.servers import Servers
from tests.web.looking import Inspector, tell, ugly, wrong_with
from tests.web.person import People
from tests.web.prepared import Prepared
from tests.web.published import publish_figures

PUBLIC = (
    "/", "/services", "/services?q=bijli", "/services?q=xyzzy", "/services/birth-certificate",
    "/services/street-light-out", "/departments/water", "/track", "/help", "/help/code-not-received",
    "/help/login-error", "/help/delay", "/help/verification-pending", "/prove", "/privacy", "/accessibility",
    "/published",
    "/figures", "/figures/departments/water", "/figures/services/street-light-out", "/sign-in",
    "/register", "/register/cnic", "/register/mobile", "/register/email",
    "/register/address", "/reset", "/staff/sign-in", "/anonymous", "/undo", "/nowhere", "/apply/street-light-out",
    "/anonymous/apply/street-light-out",
)  # fmt: skip
CITIZEN = (
    "/my", "/my?q=xyzzy", "/my/followed", "/my/messages", "/my/messages/settings", "/my/data", "/my/data/address",
    "/my/mobile", "/my/password", "/my/devices", "/my/accesses", "/my/export", "/my/close", "/apply/birth-certificate",
    "/apply/draft/{draft}/1", "/apply/draft/{draft}/2", "/apply/draft/{draft}/3", "/apply/draft/{draft}/files",
    "/apply/draft/{draft}/similar", "/apply/draft/{draft}/name", "/apply/draft/{draft}/check",
    "/my/drafts/{draft}/remove",
    "/my/requests/{new}/sent", "/my/requests/{to correct}/sent", "/my/requests/{hidden}/sent",
    "/my/requests/{to correct}", "/my/requests/{to correct}/correct", "/my/requests/{ineligible}",
    "/my/requests/{new}", "/my/requests/{new}/withdraw", "/my/requests/{new}/files", "/my/requests/{hidden}",
    "/my/requests/{worked on}", "/my/requests/{asked}", "/my/requests/{asked}/answer", "/my/requests/{resolved}",
    "/my/requests/{resolved}/confirm", "/my/requests/{resolved}/dispute", "/my/requests/{disputed}",
    "/my/requests/{decided}", "/my/requests/{decided}/appeal", "/my/requests/{under appeal}",
    "/my/requests/{appeal}", "/my/requests/{closed}", "/my/requests/{closed}/rate", "/my/requests/{joined}",
    "/my/requests/{late}", "/my/requests/{explained}",
    "/my/requests/{joined}/separate", "/my/requests/{joined}/answer", "/my/requests/{taken back}",
    "/my/requests/RB-0000-0000-0", "/admin",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_public_pages(inspector: Inspector, people: People, servers: Servers, language: str) -> None:
    await publish_figures(servers.mongo_url)
    tell(await wrong_with(inspector, await people.somebody(language), PUBLIC))


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_pages_of_citizens(inspector: Inspector, people: People, prepared: Prepared, language: str) -> None:
    person = await people.citizen(prepared.citizen, await people.somebody(language))
    tell(await wrong_with(inspector, person, CITIZEN, prepared))


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_pages_of_a_citizen_without_requests(
    inspector: Inspector, people: People, prepared: Prepared, language: str
) -> None:
    person = await people.citizen(prepared.newcomer, await people.somebody(language))
    tell(await wrong_with(inspector, person, ("/my", "/my/followed", "/my/messages", "/my/accesses")))


BROKEN = {
    "h1 { margin-block-end: -1.2em }": "collide",
    "h1 { white-space: nowrap; font-size: 40px }": "wider than the screen",
    ".lead { block-size: 1em; overflow: hidden }": "cut off below",
    "main .btn { min-block-size: 20px; padding: 0; line-height: 1 }": "too small to hit",
    "main .btn { position: absolute; inset-block-start: 250px }": "controls collide",
}


async def test_faults_are_detected(people: People) -> None:
    person = await people.somebody(bypass_csp=True)
    await person.open("/apply/street-light-out")
    for style, fault in BROKEN.items():
        assert await ugly(person.page) == []
        added = await person.page.add_style_tag(content=style)
        assert [found for found in await ugly(person.page) if fault in found], style
        await added.evaluate("style => style.remove()")


NIGHT = "@media (prefers-color-scheme: dark)"
WRONG_FOR_AXE = {
    "<img src='/static/none.png'>": "image-alt",
    "<p class=pale>Hardly to be seen</p><style>.pale { color: #ddd; background: #fff }</style>": "color-contrast",
    f"<p class=dim>Dark at night</p><style>{NIGHT} {{ .dim {{ color: #333 }} }}</style>": "dark: color-contrast",
    "<label for=nothing>Name</label><input id=other>": "label",
    "<h6>Too deep</h6>": "heading-order",
}


async def test_axe_examines_what_no_page_had_before(people: People) -> None:
    person, inspector = await people.somebody(bypass_csp=True), Inspector()
    await person.open("/privacy")
    assert await inspector.faults(person.page) == []
    for markup, rule in WRONG_FOR_AXE.items():
        await person.open("/privacy")
        await person.page.locator("main").evaluate(
            "(main, markup) => main.insertAdjacentHTML('beforeend', markup)", markup
        )
        assert [found for found in await inspector.faults(person.page) if rule in found], rule
