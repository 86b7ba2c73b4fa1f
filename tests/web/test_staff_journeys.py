"""What clerks and administrators come for, in a browser, in both languages."""

import secrets

import pytest

from services.requests.api.entries import ENTRY
from tests.portal import Portal
from tests.web.person import DESKTOP, PHONE, People, Person
from tests.web.test_journeys import DRAIN, SEND, number_in

HOWEVER = [("en", DESKTOP, True), ("ur", PHONE, False)]
SERVICES = "/api/v1/admin/services"


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_a_clerk_opens_an_account_and_files_for_it(
    people: People, language: str, width: int, scripts: bool
) -> None:
    clerk = await people.somebody(language, width, scripts=scripts)
    await people.staff("clerk", None, clerk, counter="Citizen centre, Peshawar")
    mobile = f"+92302{secrets.randbelow(10_000_000):07d}"
    await clerk.open("/counter/register")
    await clerk.fill(name="Gul Bibi", cnic=f"35000-{secrets.randbelow(10_000_000):07d}-2", mobile=mobile)
    await clerk.choose("language", "ur")
    await clerk.send()
    await clerk.fill(code=await people.portal.next_code(mobile, ""))
    await clerk.send()
    await clerk.follow("/file/blocked-drain")
    await clerk.answer({**DRAIN, "channel": "counter"})
    await clerk.send("main form#form .acts .btn")
    assert DRAIN["answers.description"] in await clerk.text()
    await clerk.send(SEND)
    number = number_in(clerk)
    assert number in await clerk.text()
    await clerk.open("/counter")
    await clerk.fill(who=mobile)
    await clerk.send()
    assert await clerk.page.locator('main a[href$="/file/blocked-drain"]').count()
    await clerk.open(f"/counter/requests/{number}")
    assert number in await clerk.text()
    assert clerk.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_an_administrator_makes_an_officer_who_begins_to_work(
    people: People, language: str, width: int, scripts: bool
) -> None:
    admin = await people.staff("admin", None, await people.somebody(language, width, scripts=scripts))
    login = f"officer.{secrets.token_hex(4)}"
    await admin.open("/admin/staff/new")
    await admin.answer({"name": "Shabana", "login": login, "role": "officer", "department": "works"})
    await admin.send()
    start = await admin.page.inner_text("#secret bdi")
    officer = await people.somebody(language, width, scripts=scripts)
    await signs_in(officer, login, start)
    await officer.open("/desk")
    assert officer.path == "/staff/finish"
    await officer.open("/staff/password")
    chosen = "four green chinar leaves"
    await officer.fill(current_password=start, new_password=chosen)
    await officer.send()
    await signs_in(officer, login, chosen)
    assert officer.path == "/desk", officer.page.url
    assert admin.strange + officer.strange == []


async def signs_in(person: Person, login: str, password: str) -> None:
    """Sign in as staff."""
    await person.open("/staff/sign-in")
    await person.fill(login=login, password=password)
    await person.send()


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_an_administrator_publishes_what_was_tried(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    code, name = f"lamp-{secrets.token_hex(3)}", f"Lamp of {secrets.token_hex(3)}"
    await portal.expect(
        201, "POST", f"{SERVICES}?draft=true", token=await portal.admin_token(), json={**ENTRY, "code": code}
    )
    admin = await people.staff("admin", None, await people.somebody(language, width, scripts=scripts))
    await admin.open(f"/admin/services/{code}/draft")
    await admin.fill(name__en=name, name__ur=name)
    await admin.send("main form#form .acts .btn")
    assert admin.path == f"/admin/services/{code}/preview", await admin.text()
    await admin.answer({"place.district": "swat", "answers.street": "Mingora Road"})
    await admin.send("main form#form .acts .btn")
    await admin.follow(f"/admin/services/{code}/publish")
    await admin.send()
    citizen = await people.somebody(language, width, scripts=scripts)
    await citizen.comes_to(f"/services/{code}", f'main a[href$="/apply/{code}"]')
    assert name in await citizen.text()
    await admin.open(f"/admin/services/{code}/retire")
    await admin.send()
    assert admin.strange + citizen.strange == []
