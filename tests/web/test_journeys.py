"""Journeys of citizens from beginning to end, in a browser. Fields have the same names in both languages."""

import base64
import re
import secrets
import time

import pytest
from playwright.async_api import FilePayload, expect

from services.identity.accounts.models.totp import code_at
from tests.attachments import PAPERS
from tests.unit.requests.nasty_files import picture
from tests.web.person import DESKTOP, ON, PHONE, People, Person
from tests.web.prepared import DEPARTMENT, Prepared, done, lamp
from tools.people import new_cnic, new_mobile
from tools.portal import Citizen, Portal

LAMP = {
    "place.district": "kohat",
    "answers.problem": "out",
    "answers.street": "public",
    "answers.place": "Kohat, Bannu Road, beside the school",
    "answers.description": "گلی کے کونے پر بتی ایک ہفتے سے بند ہے۔",
}
DRAIN = {
    "place.district": "swat",
    "answers.problem": "overflowing",
    "answers.whose_drain": "street",
    "answers.place": "Mingora, Green Chowk",
    "answers.description": "The drain runs over since Monday.",
}
PHOTO: FilePayload = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": picture()}
APPLICATION = {
    "place.district": "swat",
    "answers.tehsil": "Babuzai",
    "answers.basis": "birth",
    "answers.years_of_residence": "۵",
    "answers.purpose": "job",
    "answers.holds_another_domicile": "no",
}
PHONE_LOST = {
    "service": "lost-document-report",
    "place": {"district": "swat"},
    "answers": {"item": "phone", "lost_on": "2026-03-02", "police_station": "Mingora", "how": "lost"},
}
SEND = "main form#form button[name=go][value=send]"
ACCEPT = "main form.now .btn"
NUMBER = re.compile(r"RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
HOWEVER = [("en", DESKTOP, True), ("ur", PHONE, False)]
"""Both languages, both widths, with scripts and without, in two runs instead of eight. Journeys of which one run is
enough take one of these or of the other combinations. `test_every_page` and `test_every_staff_page` open every page in
both languages at both widths."""
UR_WITH_SCRIPTS, EN_WITHOUT = [("ur", DESKTOP, True)], [("en", PHONE, False)]


def number_in(person: Person) -> str:
    """The tracking number in the address of the open page."""
    found = NUMBER.search(person.path)
    assert found, person.page.url
    return found[0]


async def register(person: Person) -> Citizen:
    """Open an account, page by page, and sign in with it."""
    citizen = Citizen(new_cnic(), new_mobile(), f"kahwa chinar {secrets.token_hex(4)}")
    typed = {
        "name": "Zarmina Khan",
        "cnic": citizen.cnic,
        "mobile": citizen.mobile,
        "email": "zarmina@example.com",
        "address": "House 1, Kohat",
    }
    await person.open("/register")
    for name, value in typed.items():
        await person.fill(**{name: value})
        await person.send()
    await person.fill(password=citizen.password)
    await person.send()
    await person.fill(code=await person.portal.next_code(citizen.mobile, ""))
    await person.send()
    assert person.path == "/sign-in"
    before = await person.portal.last_message_at(citizen.mobile)
    await person.fill(login=citizen.cnic, password=citizen.password)
    await person.send()
    if person.path == "/sign-in/code":
        await person.fill(code=await person.portal.next_code(citizen.mobile, before))
        await person.send()
    assert person.path == "/my", person.page.url
    return citizen


async def file(person: Person, service: str, words: str, answers: dict[str, str]) -> str:
    """Find a service by words and file a request with a photo; its number."""
    await person.open("/")
    await person.page.fill("main [name=q]", words)
    await person.send("main form[role=search] .btn")
    await person.follow(f"/services/{service}")
    await person.follow(f"/apply/{service}")
    await person.answer_all(answers, "main [name=files]")
    await person.page.set_input_files("main [name=files]", [PHOTO])
    await person.send(ON)
    if person.path.endswith("/similar"):  # to what another test filed
        await person.send("main form#form > .acts .btn")
    assert person.path.endswith("/check"), person.page.url
    assert answers["answers.description"] in await person.text()
    await person.send(SEND)
    number = number_in(person)
    assert number in await person.text()
    return number


async def act(person: Person, number: str, name: str, **fields: str) -> None:
    """Carry out an action of the department, in the browser."""
    if name == "accept":
        await person.comes_to(f"/desk/{number}", ACCEPT)
        await person.send(ACCEPT)
    else:
        await person.comes_to(f"/desk/{number}/{name}", "main form#form .btn")
        await person.answer(fields)
        await person.send()
    assert person.path == f"/desk/{number}", await person.text()


async def resolve(person: Person, number: str, outcome: str, reply: str, reason: str = "") -> None:
    """Accept a request and resolve it."""
    await act(person, number, "accept")
    await act(person, number, "resolve", outcome=outcome, reply=reply, **({"reason": reason} if reason else {}))


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_complaint_from_registration_to_appeal(people: People, language: str, width: int, scripts: bool) -> None:
    citizen = await people.somebody(language, width, scripts=scripts)
    await register(citizen)
    number = await file(citizen, "street-light-out", "gali ki light", LAMP)
    mine = f"/my/requests/{number}"
    await citizen.open("/my")
    assert await citizen.page.locator(f'main a[href$="{mine}"]').count()

    officer = await people.staff("officer", DEPARTMENT, await people.somebody(language, width, scripts=scripts))
    await officer.open(f"/desk?q={number}")
    assert await officer.page.locator(f'main a[href$="/desk/{number}"]').count()
    await act(officer, number, "accept")
    assert LAMP["answers.description"] in await officer.text()
    await act(officer, number, "ask", question="Which side of the road is the pole on?")

    await citizen.comes_to(mine, "main form#form [name=answer]")
    assert "Which side of the road" in await citizen.text()
    await citizen.page.set_input_files("main [name=file]", [PHOTO])
    await citizen.fill(answer="بائیں طرف، سکول کی دیوار کے ساتھ")
    await citizen.send()
    assert citizen.path == mine
    await officer.comes_to(f"/desk/{number}", f'main a[href$="/desk/{number}/resolve"]')
    await act(officer, number, "resolve", outcome="granted", reply="The lamp was replaced on Tuesday evening.")

    await citizen.comes_to(mine, f'main a[href$="{mine}/dispute"]')
    await citizen.follow(f"{mine}/dispute")
    await citizen.choose("reason", "not_done")
    await citizen.fill(words="It is still dark.")
    await citizen.send()
    assert citizen.path == mine
    assert not await citizen.page.locator(f'main a[href$="{mine}/dispute"]').count()

    head = await people.staff("head", DEPARTMENT, await people.somebody(language, width, scripts=scripts))
    await resolve(head, number, "not_granted", "There is no lamp this year; it is in the plan.", "no_funds")
    await citizen.comes_to(mine, f'main a[href$="{mine}/appeal"]')
    assert "There is no lamp this year" in await citizen.text()
    await (agrees if scripts else appeals)(citizen, number)
    assert citizen.strange + officer.strange + head.strange == []


async def appeals(citizen: Person, number: str) -> None:
    """Appeal against the head's decision."""
    await citizen.follow(f"/my/requests/{number}/appeal")
    await citizen.fill(grounds="Nobody came to look at it, and the street is dark.")
    await citizen.send()
    assert number_in(citizen) != number
    assert "Nobody came to look at it" in await citizen.text()


async def agrees(citizen: Person, number: str) -> None:
    """Confirm and rate the outcome."""
    await citizen.follow(f"/my/requests/{number}/confirm")
    await citizen.choose("rating", "3")
    await citizen.send()
    assert citizen.path == f"/my/requests/{number}"
    assert not await citizen.page.locator("main form#form").count()


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER[1:])
async def test_application_waits_for_its_documents(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    citizen = await portal.register()
    person = await people.citizen(citizen, await people.somebody(language, width, scripts=scripts))
    await person.open("/apply/domicile-certificate")
    first, *others = (f'main [name="document.{code}"]' for code in PAPERS)
    await person.answer_all(APPLICATION, first)
    await person.page.set_input_files(first, [PHOTO])
    await person.send(ON)
    assert person.path.endswith("/check"), person.page.url
    await person.send(SEND)
    number = number_in(person)
    assert (await portal.request(citizen, number))["state"] == "information_needed"
    await person.follow(f"/my/requests/{number}/files")
    for field in others:
        await person.page.set_input_files(field, [PHOTO])
    await person.send()
    assert person.path == f"/my/requests/{number}"
    routed = await portal.reaches(citizen, number, "routed")
    assert [file["document"] for file in routed["attachments"]] == list(PAPERS)
    assert person.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), UR_WITH_SCRIPTS)
async def test_request_is_corrected_rated_and_withdrawn(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, PHONE_LOST))["number"]
    other = (await portal.file(citizen, lamp()))["number"]
    person = await people.citizen(citizen, await people.somebody(language, width, scripts=scripts))
    await person.open("/my")
    await person.follow(f"/my/requests/{number}")
    await person.follow(f"/my/requests/{number}/correct")
    await person.answer({"answers.imei": "356938035643809"})
    await person.send()
    await portal.reaches(citizen, number, "routed")
    await person.comes_to(f"/my/requests/{number}", f'main a[href$="/my/requests/{number}/withdraw"]')
    assert not await person.page.locator(f'main a[href$="/my/requests/{number}/correct"]').count()

    await portal.reaches(citizen, other, "routed")
    await person.open(f"/my/requests/{other}")
    await person.follow(f"/my/requests/{other}/withdraw")
    await person.fill(words="It was field_messages by a neighbour.")
    await person.send()
    assert (await portal.request(citizen, other))["state"] == "withdrawn"
    assert person.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER[1:])
async def test_filing_without_a_name_and_opening_with_the_key(
    people: People, language: str, width: int, scripts: bool
) -> None:
    person = await people.somebody(language, width, scripts=scripts)
    await person.open("/apply/blocked-drain")
    await person.follow("/anonymous/apply/blocked-drain")
    await person.answer_all(DRAIN, SEND)
    await person.send(SEND)
    number, key = number_in(person), await person.page.inner_text("main .key bdi")
    again = await people.somebody(language, width, scripts=scripts)
    await again.open("/anonymous")
    await again.fill(number=number, key=key)
    await again.send()
    assert again.path == f"/anonymous/{number}"
    assert DRAIN["answers.description"] in await again.text()
    await again.open(f"/anonymous/{number}/leave")
    await again.send()
    await again.open(f"/anonymous/{number}")
    assert again.path == "/anonymous"
    assert person.strange + again.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_tracking_by_number_and_digits(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, lamp()))["number"]
    await portal.reaches(citizen, number, "routed")
    person = await people.somebody(language, width, scripts=scripts)
    await person.open("/track")
    await person.fill(number=number.lower(), digits=citizen.last_four)
    await person.send()
    assert person.path == f"/track/{number}"
    assert citizen.last_four not in person.page.url
    steps = person.page.locator("#live-part .time > li")
    before = await steps.count()
    if scripts:
        await expect(person.page.locator("[data-on]")).to_be_visible()
        await person.page.evaluate("() => { window.stays = true }")
    await done(portal, number, "accept")
    await portal.reaches(citizen, number, "in_progress", "accepted")
    if not scripts:
        await person.open(f"/track/{number}")
    await expect(steps).not_to_have_count(before)
    assert await person.page.evaluate("() => window.stays ?? false") is scripts
    assert person.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), EN_WITHOUT)
async def test_staff_set_up_a_second_factor_and_sign_in_with_it(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    login, password = f"officer.{secrets.token_hex(4)}", "four quiet chinar trees"
    body = {"login": login, "name": "Zafar", "role": "officer", "department": "water", "password": password}
    await portal.expect(201, "POST", "/api/v1/admin/officers", token=await portal.admin_token(), json=body)
    person = await people.somebody(language, width, scripts=scripts)
    await person.open("/staff/sign-in")
    await person.fill(login=login, password=password)
    await person.send()
    await person.open("/staff/second-factor")
    await person.send("main form#begin .btn")
    secret = base64.b32decode((await person.page.inner_text("#secret")).replace(" ", ""))

    def code(steps: int = 0) -> str:
        return code_at(secret, int(time.time()) // 30 + steps)

    await person.fill(code=code())
    await person.send()
    kept = await person.page.locator("#keys li").all_inner_texts()
    assert len(kept) == 10
    await person.send()
    assert person.path == "/staff/sign-in"
    await person.fill(login=login, password=password)
    await person.send()
    await person.fill(code=code(1))  # the one before was used
    await person.send()
    assert person.path == "/desk", person.page.url
    assert person.strange == []


async def tab_to(person: Person, what: str) -> None:
    """Press Tab until the focus is on this element."""
    for _ in range(80):
        await person.page.keyboard.press("Tab")
        if await person.page.evaluate("what => document.activeElement.matches(what)", what):
            return
    raise AssertionError(f"{person.page.url}: no Tab leads to {what}")


async def press(person: Person, key: str) -> None:
    """Press a key that opens another page."""
    async with person.page.expect_navigation():
        await person.page.keyboard.press(key)


async def test_complaint_with_the_keyboard_only(people: People, prepared: Prepared) -> None:
    person = await people.citizen(prepared.newcomer, await people.somebody("en", DESKTOP))
    await person.open("/")
    await tab_to(person, "[name=q]")
    await person.page.keyboard.type("blocked drain")
    await press(person, "Enter")
    await tab_to(person, 'main a[href="/services/blocked-drain"]')
    await press(person, "Enter")
    await tab_to(person, 'main a[href="/apply/blocked-drain"]')
    await press(person, "Enter")
    while not person.path.endswith("/files"):
        await by_keyboard(person)
        await tab_to(person, "button[value=on]")
        await press(person, "Enter")
    await tab_to(person, "button[value=on]")
    await press(person, "Enter")
    if person.path.endswith("/similar"):  # to what another test filed
        await tab_to(person, "form#form > .acts .btn")
        await press(person, "Enter")
    await tab_to(person, "button[value=send]")
    await press(person, "Enter")
    assert number_in(person) in await person.text()
    assert person.strange == []


async def by_keyboard(person: Person) -> None:
    """Answer the questions of a page with the keyboard."""
    for name, value in DRAIN.items():
        asked = person.page.locator(f'main [name="{name}"]:not([type=hidden])')
        if not await asked.count():
            continue
        await tab_to(person, f'[name="{name}"]')
        if await asked.first.get_attribute("type") == "radio":
            await person.page.keyboard.press("Space")
        else:
            await person.page.keyboard.type(value)


async def test_typed_text_survives_signing_in_again(people: People, portal: Portal) -> None:
    citizen = await portal.register()
    person = await people.citizen(citizen, await people.somebody("en", PHONE, scripts=False))
    await person.open("/apply/blocked-drain")
    await person.answer(DRAIN)
    await person.page.context.clear_cookies(name="rabta")
    await person.send(ON)
    assert await person.page.locator("[name=password]").count()
    await person.fill(login=citizen.cnic, password=citizen.password)
    before = await portal.last_message_at(citizen.mobile)
    await person.send()
    if await person.page.locator("[name=code]").count():
        await person.fill(code=await portal.next_code(citizen.mobile, before))
        await person.send()
    await person.send("main button[name=_show]")
    assert person.path == "/apply/blocked-drain", person.page.url
    assert await person.page.locator('[name="answers.problem"]:checked').get_attribute("value") == "overflowing"
