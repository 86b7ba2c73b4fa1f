"""Every page: accessible and complete, in both languages, on a phone and a desktop, light and dark."""

import pytest

from deploy.local.servers import Servers
from tests.web.looking import Inspector, ugly
from tests.web.person import People, Person
from tests.web.prepared import DEPARTMENT, Prepared
from tests.web.published import publish_figures
from tools.portal import Portal

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
OFFICER = (
    "/desk", "/desk?q=xyzzy", "/desk?state=routed&order=newest", "/desk?since=2026-01-01&by=me&rows=100",
    "/desk/print", "/desk/views?service=street-light-out", "/desk/replies", "/desk/{new}?print=yes", "/desk/{new}",
    "/desk/{new}/transfer", "/desk/{new}/merge", "/desk/{new}/public", "/desk/{worked on}", "/desk/{worked on}/ask",
    "/desk/{worked on}/progress", "/desk/{worked on}/resolve", "/desk/{worked on}/attach", "/desk/{late}",
    "/desk/{late}/delay", "/desk/{transferred}", "/desk/{asked}", "/desk/{resolved}", "/desk/{joined}",
    "/desk/{joined}/unmerge", "/desk/{joined with}", "/desk/{hidden}", "/staff/account", "/staff/password", "/staff/sessions",
    "/staff/second-factor", "/staff/messages", "/staff/messages/email", "/staff/messages/mobile", "/desk/team",
    "/desk/team/me", "/desk/parts", "/desk/parts/{part}", "/desk/{shared}", "/desk/{new}/assign", "/desk/{new}/note",
    "/desk/{new}/part", "/desk/{new}/recuse", "/desk/RB-0000-0000-0",
)  # fmt: skip
HEAD = (
    "/desk", "/desk/held", "/desk/overview", "/desk/team", "/desk/{new}/recuse", "/desk/views?due=late",
    "/desk/replies/new", "/desk/{disputed}", "/desk/{disputed}/resolve", "/desk/{decided}", "/staff/messages",
    "/desk/connect", "/desk/connect/new", "/desk/connect/{hook}", "/desk/connect/{pull}", "/desk/connect/queues/own",
)  # fmt: skip
AUTHORITY = ("/desk", "/desk/{appeal}", "/desk/{appeal}/resolve", "/desk/overview")
COUNTER = ("/counter", "/counter/register", "/counter/track")
ADMIN = (
    "/staff/messages", "/admin", "/admin/staff", "/admin/staff/new", "/admin/departments", "/admin/departments/new",
    "/admin/departments/works", "/admin/departments/works/credentials", "/admin/services", "/admin/services/new",
    "/admin/services/street-light-out", "/admin/services/street-light-out/draft",
    "/admin/services/street-light-out/versions/1", "/admin/services/street-light-out/preview",
    "/admin/services/street-light-out/retire", "/admin/routing", "/admin/routing/draft", "/admin/routing/try",
    "/admin/routing/publish", "/admin/routing/areas", "/admin/messages", "/admin/messages/request.routed.filed",
    "/admin/partners", "/admin/partners/new", "/admin/messages/request.resolved.department?sample=longest",
    "/admin/messages/citizen.mobile_proven", "/admin/departments/works/connect",
    "/admin/departments/works/connect/new", "/admin/departments/works/connect/queues/own",
)  # fmt: skip


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    """One for all pages."""
    return Inspector()


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


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_pages_of_a_department(inspector: Inspector, people: People, prepared: Prepared, language: str) -> None:
    officer = await people.staff("officer", DEPARTMENT, await people.somebody(language))
    tell(await wrong_with(inspector, officer, OFFICER, prepared) + await wrong_with_bulk(inspector, officer))
    head = await people.staff("head", DEPARTMENT, await people.somebody(language))
    tell(await wrong_with(inspector, head, HEAD, prepared))
    authority = await people.staff("appellate", "ombudsman", await people.somebody(language))
    tell(await wrong_with(inspector, authority, AUTHORITY, prepared))


async def wrong_with_bulk(inspector: Inspector, officer: Person) -> list[str]:
    """All faults of the pages for one action on many requests; the action fails for each, so nothing changes."""
    found = []
    for act in ("assign", "resolve", "progress"):
        await officer.open("/desk?state=resolved&order=newest")
        await officer.page.locator("main .pick input").first.check()
        await officer.page.select_option("#act", act)
        await officer.send('main button[formaction$="/desk/bulk"]')
        found += await inspector.faults(officer.page)
    await officer.fill(note="An electrician comes on Tuesday.")
    await officer.send("main form#form .acts .btn")
    return found + await inspector.faults(officer.page)


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_pages_of_a_counter(inspector: Inspector, people: People, prepared: Prepared, language: str) -> None:
    clerk = await people.staff("clerk", None, await people.somebody(language), counter="Citizen centre")
    tell(await wrong_with(inspector, clerk, COUNTER))
    await clerk.open("/counter")
    await clerk.fill(who=prepared.citizen.cnic)
    await clerk.send()
    wrong = await inspector.faults(clerk.page)
    await clerk.follow("/file/street-light-out")
    tell(wrong + await inspector.faults(clerk.page))


@pytest.mark.parametrize("language", ["en", "ur"])
async def test_pages_of_administration(inspector: Inspector, people: People, portal: Portal, language: str) -> None:
    admin = await people.staff("admin", None, await people.somebody(language))
    listed = await portal.expect(200, "GET", "/api/v1/admin/officers?limit=1", token=await portal.admin_token())
    member = f"/admin/staff/{listed['officers'][0]['id']}"
    tell(
        await wrong_with(
            inspector, admin, (*ADMIN, member, f"{member}/move", f"{member}/disable", f"{member}/password")
        )
    )
    auditor = await people.staff("auditor", None, await people.somebody(language))
    tell(await wrong_with(inspector, auditor, ("/admin/audit",)))


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


WRONG_FOR_AXE = {
    "<img src='/static/none.png'>": "image-alt",
    "<p class=pale>Hardly to be seen</p><style>.pale { color: #ddd; background: #fff }</style>": "color-contrast",
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
