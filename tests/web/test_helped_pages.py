"""Scripts that help while filing, with the whole suite: searching, saving, location, photos."""

import secrets

from playwright.async_api import FilePayload, expect

from tests.web.person import People, Person
from tests.web.prepared import lamp
from tests.web.scripts.stage import noise
from tools.portal import Citizen, Portal

PHOTO: FilePayload = {"name": "Lamp.png", "mimeType": "image/png", "buffer": noise(1800, 300)}
WORDS = "The lamp beside the mosque has been dark for nine nights."


async def drafting(people: People, portal: Portal, citizen: Citizen, **how: object) -> tuple[Person, str]:
    """A citizen with a draft that could be sent, and the address of its pages."""
    key = {"Idempotency-Key": secrets.token_hex(8)}
    begun = await portal.expect(201, "POST", "/api/v1/drafts", token=citizen.token, json=lamp(), headers=key)
    person = await people.citizen(citizen, await people.somebody(**how))  # type: ignore[arg-type]
    return person, f"/apply/draft/{begun['id']}"


async def page_with(person: Person, draft: str, what: str) -> str:
    """Open the page of a draft with this element; returns its address."""
    for number in range(1, 6):
        await person.open(f"{draft}/{number}")
        if await person.page.locator(what).count():
            return f"{draft}/{number}"
    raise AssertionError(f"no page of the draft has {what}")


async def test_services_are_found_while_typing(people: People) -> None:
    person = await people.somebody()
    await person.open("/services")
    every = await person.page.locator("#list li:visible").count()
    await person.page.fill("main [name=q]", "bijli")
    await expect(person.page.locator("#list li:visible")).not_to_have_count(every)
    await expect(person.page.locator("#list")).to_contain_text("Power cut", use_inner_text=True)
    await person.page.fill("main [name=q]", "")
    await expect(person.page.locator("#list li:visible")).to_have_count(every)
    assert person.strange == []


async def test_draft_saves_itself(people: People, portal: Portal) -> None:
    person, draft = await drafting(people, portal, await portal.register())
    page = await page_with(person, draft, "main textarea")
    await person.page.locator("main textarea").first.fill(WORDS)
    await expect(person.page.get_by_text("Saved at")).to_be_visible()
    await person.open(page)
    await expect(person.page.locator("main textarea").first).to_have_value(WORDS)
    assert person.strange == []


async def test_location_goes_into_the_draft(people: People, portal: Portal) -> None:
    here = {"latitude": 33.5869, "longitude": 71.4429}
    how = {"geolocation": here, "permissions": ["geolocation"]}
    person, draft = await drafting(people, portal, await portal.register(), **how)
    page = await page_with(person, draft, "[data-place]")
    await person.page.get_by_role("button", name="Use my location").click()
    await expect(person.page.locator("[name='place.latitude']")).to_have_value("33.586900")
    await person.send("main form#form .acts .btn")
    await person.open(page)
    told = person.page.locator("[data-place] [role=status]")
    await expect(told).to_have_text("Your location is sent with your request.")
    assert person.strange == []


async def test_photo_is_resized_and_the_next_page_opens(people: People, portal: Portal) -> None:
    person, draft = await drafting(people, portal, await portal.register())
    await person.open(f"{draft}/files")
    await person.page.set_input_files("#f-files", [PHOTO])
    await expect(person.page.get_by_text("Your photos were made smaller")).to_be_visible()
    async with person.page.expect_navigation():
        await person.page.get_by_role("button", name="Add", exact=True).click()
    await expect(person.page.locator("main .files")).to_contain_text("Lamp")
    posted = [answer for answer in person.fetched if answer.request.method == "POST"]
    assert [answer.status for answer in posted] == [204]
    assert person.strange == []
