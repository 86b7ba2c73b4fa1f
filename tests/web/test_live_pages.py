"""Pages that follow their stream, with the whole suite: updates are announced, and nothing moves."""

from playwright.async_api import expect

from tests.journeys.test_main_job import LAMP
from tests.web.person import DESKTOP, People
from tools.portal import Portal

DEPARTMENT = "works"
ONE_NEW = "بعد 1 نئی"
UPDATED = "This page was updated at"


async def test_worklist_announces_new_requests(people: People, portal: Portal) -> None:
    citizen = await portal.register()
    officer = await people.staff("officer", DEPARTMENT, await people.somebody("ur", DESKTOP))
    await officer.open("/desk?order=newest")
    await expect(officer.page.locator("[data-on]")).to_be_visible()
    number = (await portal.file(citizen, LAMP))["number"]
    bar = officer.page.locator("[data-live] [role=status]")
    await expect(bar).to_contain_text(ONE_NEW, timeout=20_000)
    await expect(officer.page.locator("main")).not_to_contain_text(number)
    async with officer.page.expect_navigation():
        await bar.get_by_role("link").click()
    await expect(officer.page.locator("main")).to_contain_text(number)
    assert officer.page.url.endswith("/desk?order=newest")
    assert officer.strange == []


async def test_page_of_a_citizen_shows_what_the_department_did(people: People, portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    person = await people.citizen(citizen, await people.somebody())
    await person.open(f"/my/requests/{number}")
    await expect(person.page.locator("[data-on]")).to_be_visible()
    before = await person.page.locator("#live-part").inner_text()
    assert (await portal.act(await portal.officer(DEPARTMENT), number, "accept")).status == 200
    await expect(person.page.locator("[data-live] [role=status]")).to_contain_text(UPDATED, timeout=20_000)
    assert await person.page.locator("#live-part").inner_text() != before
    assert person.strange == []
