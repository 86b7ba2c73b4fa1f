"""Every page of departments, counters and administration: accessible and complete, as in `test_every_page`."""

import pytest

from tests.web.looking import Inspector, tell, wrong_with
from tests.web.person import People, Person
from tests.web.prepared import DEPARTMENT, Prepared
from tools.portal import Portal

OFFICER = (
    "/desk", "/desk?q=xyzzy", "/desk?state=routed&order=newest", "/desk?since=2026-01-01&by=me&rows=100",
    "/desk/print", "/desk/views?service=street-light-out", "/desk/replies", "/desk/{new}?print=yes", "/desk/{new}",
    "/desk/{new}/transfer", "/desk/{new}/merge", "/desk/{new}/public", "/desk/{worked on}", "/desk/{worked on}/ask",
    "/desk/{worked on}/progress", "/desk/{worked on}/resolve", "/desk/{worked on}/attach", "/desk/{late}",
    "/desk/{late}/delay", "/desk/{transferred}", "/desk/{asked}", "/desk/{resolved}", "/desk/{joined}",
    "/desk/{joined}/unmerge", "/desk/{joined with}", "/desk/{hidden}", "/staff/account", "/staff/password",
    "/staff/sessions",
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
