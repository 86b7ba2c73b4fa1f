"""Journeys of clerks, administrators and officers, in a browser, in both languages."""

import json
import re
import secrets
from datetime import timedelta

import pytest

from deploy.local.servers import Servers
from shared.clock import PAKISTAN, utc_now
from tests.body_examples import ENTRY
from tests.journeys.test_main_job import LAMP, at_department
from tests.time_travel import TimeTravel
from tests.web.person import DESKTOP, People, Person
from tests.web.test_journeys import DRAIN, EN_WITHOUT, HOWEVER, PHOTO, SEND, UR_WITH_SCRIPTS, number_in
from tools.people import new_cnic, new_mobile
from tools.portal import Portal, until

SERVICES = "/api/v1/admin/services"
ROAD = {
    "service": "road-damage",
    "place": {"district": "abbottabad"},
    "answers": {
        "road": "street",
        "cause": "rain",
        "blocks_traffic": False,
        "place": "Abbottabad, Mandian",
        "description": "A deep hole in front of the college.",
    },
}


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_clerk_opens_an_account_and_files_for_it(
    people: People, language: str, width: int, scripts: bool
) -> None:
    clerk = await people.somebody(language, width, scripts=scripts)
    await people.staff("clerk", None, clerk, counter="Citizen centre, Peshawar")
    mobile = new_mobile()
    await clerk.open("/counter/register")
    await clerk.fill(name="Gul Bibi", cnic=new_cnic(2), mobile=mobile)
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


@pytest.mark.parametrize(("language", "width", "scripts"), EN_WITHOUT)
async def test_administrator_makes_an_officer_account(people: People, language: str, width: int, scripts: bool) -> None:
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


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER[:1])
async def test_officer_gets_messages_about_work_at_a_proven_address(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    address = f"officer-{secrets.token_hex(6)}@works.example"
    login, password, account = await an_officer(portal)
    officer = await people.somebody(language, width, scripts=scripts)
    await signs_in(officer, login, password)
    await officer.open("/staff/account")
    await officer.follow("/staff/messages")
    await officer.follow("/staff/messages/email")
    await officer.fill(address=address)
    await officer.send()
    assert officer.path == "/staff/messages/code"
    [code] = re.findall(r"(?<![0-9])[0-9]{6}(?![0-9])", (await sent_to(portal, address))[0])
    await officer.fill(code=f"{(int(code) + 1) % 10**6:06}")
    await officer.send()
    assert await officer.page.locator("main .err").count()
    await officer.fill(code=code)
    await officer.send()
    assert officer.path == "/staff/messages"
    await officer.answer({"new_work": "at_once", "language": language})
    await officer.send()
    assert address in await officer.text()

    citizen = await portal.register()
    first = (await portal.file(citizen, LAMP))["number"]
    await until(lambda: told(portal, address, first), "the message about new work")
    change = {"disabled": True}
    await portal.expect(
        200, "PATCH", f"/api/v1/admin/officers/{account}", token=await portal.admin_token(), json=change
    )
    other, theirs = await portal.staff("head", "works"), f"head-{secrets.token_hex(6)}@works.example"
    await proves(portal, other, theirs)
    second = (await portal.file(citizen, LAMP))["number"]
    await until(lambda: told(portal, theirs, second), "the message to a colleague")
    sent = await sent_to(portal, address)
    assert [first in words for words in sent].count(True) == 1
    assert not [words for words in sent if second in words]
    assert officer.strange == []


async def an_officer(portal: Portal) -> tuple[str, str, str]:
    """Login, password and account of a new officer of the department of works."""
    login, password = f"officer.{secrets.token_hex(4)}", "four green chinar leaves"
    body = {"login": login, "name": "Shabana", "role": "officer", "password": password, "department": "works"}
    made = await portal.expect(201, "POST", "/api/v1/admin/officers", token=await portal.admin_token(), json=body)
    return login, password, made["id"]


async def proves(portal: Portal, token: str, address: str) -> None:
    """Prove an email address of a member of staff through the API, and choose messages at once."""
    given = {"channel": "email", "address": address}
    await portal.expect(202, "POST", "/api/v1/notifications/work-addresses", token=token, json=given)
    [code] = re.findall(r"(?<![0-9])[0-9]{6}(?![0-9])", (await sent_to(portal, address))[0])
    await portal.expect(200, "POST", "/api/v1/notifications/work-addresses/proof", token=token, json={"code": code})
    often = {"new_work": "at_once"}
    await portal.expect(200, "PUT", "/api/v1/notifications/work-preferences", token=token, json=often)


async def sent_to(portal: Portal, address: str) -> list[str]:
    """The latest messages to an email address, newest first."""
    messages = (await portal.expect(200, "GET", "/dev/outbox?format=json&limit=500"))["messages"]
    return [message["words"] for message in messages if message["to"] == address]


async def told(portal: Portal, address: str, number: str) -> bool | None:
    """Whether a message there names the request."""
    return any(number in words for words in await sent_to(portal, address)) or None


@pytest.mark.parametrize(("language", "width", "scripts"), EN_WITHOUT)
async def test_officer_gives_the_citizen_of_a_late_request_a_new_date(
    people: People, portal: Portal, servers: Servers, language: str, width: int, scripts: bool
) -> None:
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    await TimeTravel(servers).late(number, days=1)
    officer = await people.staff("officer", department, await people.somebody(language, width, scripts=scripts))
    await officer.comes_to(f"/desk/{number}", f'main a[href$="/desk/{number}/delay"]')
    await officer.follow(f"/desk/{number}/delay")
    await officer.send()
    assert "Write the new date." in await officer.text()
    day = utc_now().astimezone(PAKISTAN) + timedelta(days=10)
    await officer.fill(later="The lamp has to be ordered.", until__day=f"{day.day}", until__month=f"{day.month}")
    await officer.fill(until__year=f"{day.year}")
    await officer.send()
    assert officer.path == f"/desk/{number}"
    assert "The citizen was told the new date." in await officer.text()
    assert officer.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), EN_WITHOUT)
async def test_officer_resolves_with_the_photo_that_the_service_needs(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    number, department, api_officer = await at_department(portal, await portal.register(), ROAD)
    assert (await portal.act(api_officer, number, "accept")).status == 200
    officer = await people.staff("officer", department, await people.somebody(language, width, scripts=scripts))
    await officer.comes_to(f"/desk/{number}", f'main a[href$="/desk/{number}/resolve"]')
    await officer.follow(f"/desk/{number}/resolve")
    await officer.answer({"outcome": "granted", "reply": "The hole was filled on Tuesday."})
    await officer.send()
    assert "Choose a photo that shows what was done." in await officer.text()
    await officer.page.set_input_files("main [name=evidence]", [PHOTO])
    await officer.send()
    assert officer.path == f"/desk/{number}", await officer.text()
    assert await officer.page.locator(f'main a[href*="/desk/{number}/files/"]').count() == 1
    assert officer.strange == []


async def signs_in(person: Person, login: str, password: str) -> None:
    """Sign in as staff."""
    await person.open("/staff/sign-in")
    await person.fill(login=login, password=password)
    await person.send()


@pytest.mark.parametrize(("language", "width", "scripts"), UR_WITH_SCRIPTS)
async def test_administrator_tries_and_publishes_a_service(
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


@pytest.mark.parametrize(("language", "width", "scripts"), UR_WITH_SCRIPTS)
async def test_administrator_sees_what_routing_rules_would_move_and_publishes_them(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    citizen, name = await portal.register(), f"Lamps {secrets.token_hex(3)}"
    number, *_ = await at_department(portal, citizen, LAMP)
    admin = await people.staff("admin", None, await people.somebody(language, width, scripts=scripts))
    await admin.open("/admin/routing/draft")
    kept = await admin.page.input_value('main [name="rules"]')
    far = {"channels": ["open311"], "services": [LAMP["service"]]}  # what other tests file is not moved
    rule = {"name": name, "when": far, "to": "nowhere", "because": {"en": "Trial.", "ur": "آزمائش۔"}}
    await admin.fill(rules=f"- {json.dumps(rule)}\n{kept}")
    await admin.send("main form#form .acts .btn")
    assert name in await admin.page.inner_text("main .err"), await admin.text()
    wider = {**rule, "when": {"services": [LAMP["service"]]}, "to": "power"}
    await admin.fill(rules=f"- {json.dumps(wider)}\n{kept}")
    await admin.send("main form#form .acts .btn")
    assert admin.path == "/admin/routing/try", await admin.text()
    await admin.send("main form#form .acts .btn")
    assert number in await admin.page.inner_text("#result table")
    await admin.open("/admin/routing/draft")
    await admin.fill(rules=f"- {json.dumps({**rule, 'to': 'power'})}\n{kept}")
    await admin.send("main form#form .acts .btn")
    table = f"service,district,channel\n{LAMP['service']},swat,open311\n{LAMP['service']},swat,web\n"
    file = {"name": "requests.csv", "mimeType": "text/csv", "buffer": table.encode()}
    await admin.page.set_input_files('main [name="table"]', file)  # type: ignore[arg-type]  # a file in memory
    await admin.send("main form#form .acts .btn")
    assert await admin.page.locator("#result tbody tr").count() == 1, await admin.text()
    await admin.follow("/admin/routing/publish")
    await admin.send()
    assert admin.path == "/admin/routing"
    assert name in await admin.page.inner_text("main table")
    assert admin.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_officer_saves_a_list_and_reports_on_several_requests_with_a_template(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    head = await people.staff("head", "works", await people.somebody(language, width, scripts=scripts))
    name = f"Electrician {secrets.token_hex(3)}"
    await head.open("/desk/replies/new")
    await head.fill(name__en=name, name__ur=name, text__en="An electrician comes for {number}. {words}")
    await head.fill(text__ur="{number} کے لیے بجلی کا مستری آئے گا۔ {words}")
    await head.choose("actions", "progress")
    await head.send()
    assert name in await head.text()

    citizen = await portal.register()
    numbers = [(await at_department(portal, citizen, LAMP))[0] for _ in range(2)]
    officer = await people.staff("officer", "works", await people.somebody(language, width, scripts=scripts))
    assert (await portal.act(await portal.officer("works"), numbers[0], "accept")).status == 200
    list_of_two = "/desk?service=street-light-out&order=changed&rows=100"
    await officer.open(list_of_two)
    await officer.follow("/desk/views?")
    await officer.fill(name=name)
    await officer.send()
    assert officer.path == "/desk"
    assert name in await officer.page.locator("nav.views a[aria-current] span").all_inner_texts()

    for number in numbers:
        await officer.page.check(f'main [name=r][value^="{number} "]')
    await officer.page.select_option("#act", "progress")
    await officer.send('main button[formaction$="/desk/bulk"]')
    labels = await officer.page.locator("#template option").all_inner_texts()
    await officer.page.select_option("#template", index=labels.index(name))
    button = officer.page.locator("main button[name=_show]").last
    if scripts:
        await button.click()
    else:
        async with officer.page.expect_navigation():
            await button.click()
    text = officer.page.locator("main [name=note]")
    typed = await text.input_value()
    assert "{words}" in typed
    await officer.send()
    assert await officer.page.locator("main .err").count()  # the gap is still there
    await text.fill(typed.replace("{words}", "He brings the right fuse."))
    await officer.send()
    told = await officer.text()
    assert officer.path == "/desk/bulk"
    assert told.index(numbers[1]) < told.index(numbers[0])  # the one that nobody accepted comes first, with the reason
    await officer.open(f"/desk/{numbers[0]}")
    assert f"{numbers[0]}" in await officer.text()
    assert "He brings the right fuse." in await officer.text()
    assert "{number}" not in await officer.text()
    await officer.open("/desk/views")
    await officer.send(f'main form:has-text("{name}") button')
    assert name not in await officer.page.locator("main").inner_text()
    assert officer.strange + head.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_officer_takes_a_request_notes_something_and_asks_another_department_for_a_part(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    officer = await people.staff("officer", department, await people.somebody(language, width, scripts=scripts))
    here = f"/desk/{number}"
    await officer.comes_to(here, f'main form[action$="{here}/claim"]')
    await officer.send(f'main form[action$="{here}/claim"] .btn')
    assert await officer.page.locator(f'main form[action$="{here}/release"]').count()
    await officer.follow(f"{here}/note")
    await officer.send()
    assert await officer.page.locator("main .err").count()
    words = "The neighbour at number 12 has the key."
    await officer.fill(text=words)
    await officer.send()
    assert words in await officer.text()
    await officer.follow(f"{here}/part")
    day = utc_now().astimezone(PAKISTAN) + timedelta(days=7)
    task = "Switch the line off, so that we can reach the lamp."
    await officer.page.select_option("main [name=department]", "water")
    await officer.fill(task=task, day__day=f"{day.day}", day__month=f"{day.month}", day__year=f"{day.year}")
    await officer.send()
    assert officer.path == here, await officer.text()
    assert task in await officer.text()
    other = await people.staff("officer", "water", await people.somebody(language, width, scripts=scripts))
    await other.open("/desk/parts")
    await other.follow(f"/desk/parts/{number}/")
    await other.send("main form#form .btn[value=refuse]")
    assert await other.page.locator("main .err").count()
    await other.fill(words="The line was off from nine to eleven.")
    await other.send("main form#form .btn[value=done]")
    assert other.path == "/desk/parts"
    await officer.open(here)
    assert "The line was off from nine to eleven." in await officer.text()
    await officer.follow(f"{here}/recuse")
    await officer.send()
    assert officer.path == "/desk"
    assert (await officer.open(here)).status == 404
    assert [one for one in officer.strange + other.strange if "404" not in one] == []


@pytest.mark.parametrize(("language", "width", "scripts"), EN_WITHOUT)
async def test_head_enters_an_absence_and_has_new_requests_assigned(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    head = await people.staff("head", "health", await people.somebody(language, width, scripts=scripts))
    await head.open("/desk/team/me")
    await head.send()
    assert "Write the day." in await head.text()
    day = utc_now().astimezone(PAKISTAN) + timedelta(days=3)
    await head.fill(last__day=f"{day.day}", last__month=f"{day.month}", last__year=f"{day.year}")
    await head.send()
    assert "Away until" in await head.text()
    await head.open("/desk/team/me")
    await head.send("main .note .btn")
    assert "The absence is removed." in await head.text()
    await head.send("main .btn[value=on]")
    assert "New requests are now assigned automatically." in await head.text()
    await head.send("main .btn[value=off]")
    assert head.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), [("en", DESKTOP, True)])
async def test_officer_works_through_the_list_with_the_keyboard_and_can_switch_the_keys_off(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    number = (await at_department(portal, await portal.register(), LAMP))[0]
    officer = await people.staff("officer", "works", await people.somebody(language, width, scripts=scripts))
    await officer.open("/desk?order=changed")
    keys = officer.page.keyboard
    await keys.press("j")
    await keys.press("x")
    assert await officer.page.locator("tr.at .pick input").is_checked()
    await keys.press("/")
    await keys.type("jx")
    assert await officer.page.locator("#q").input_value() == "jx"
    await officer.open("/desk?order=changed")
    await keys.press("j")
    async with officer.page.expect_navigation():
        await keys.press("o")
    await officer.open(f"/desk/{number}")
    async with officer.page.expect_navigation():
        await keys.press("a")
    assert officer.path == f"/desk/{number}"
    await keys.press("?")
    await officer.page.uncheck("[data-shortcuts] input")
    await officer.open("/desk")
    await keys.press("j")
    assert await officer.page.locator("tr.at").count() == 0
    assert officer.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_head_connects_the_system_of_the_department(
    people: People, language: str, width: int, scripts: bool
) -> None:
    head = await people.staff("head", "works", await people.somebody(language, width, scripts=scripts))
    await head.open("/desk/connect")
    await head.follow("/desk/connect/new")
    name, address = f"Work orders {secrets.token_hex(2)}", "https://127.0.0.1:9/hook"
    await head.answer({"name": name, "kind": "webhook", "mode": "test"})
    await head.send()
    assert await head.page.locator(".err").count() == 1  # the address is missing
    await head.fill(url=address)
    await head.send()
    secret = await head.page.inner_text("#secret bdi")
    assert secret.startswith("whsec_")
    await head.send("main .acts .btn:not([type=button])")
    text = await head.text()
    assert (name in text, address in text, secret in text) == (True, True, False)
    await head.send("form#go [value=test]")
    assert await head.page.locator(".note.late").count()  # nothing listens there
    await head.send("form#go [value=pause]")
    assert await head.page.locator("form#go [value=resume]").count()
    await head.send("form#go [value=resume]")
    assert await head.page.locator("form#go [value=pause]").count()
    for form, fields in (("replay", {"after": "1"}), ("rotate", {})):
        await head.page.locator(f"details:has(form#{form}) > summary").click()
        await head.fill(**fields)
        await head.send(f"form#{form} .btn")
    assert await head.page.inner_text("#secret bdi") != secret
    await head.send("main .acts .btn:not([type=button])")
    await head.page.locator("details:has(form#delete) > summary").click()
    await head.send("form#delete .btn")
    assert await head.page.locator(".err").count() == 1  # not ticked
    await head.choose("sure", "yes")
    await head.send("form#delete .btn")
    assert (head.path, name in await head.text()) == ("/desk/connect", False)
    await head.send("main form#form .btn")
    await head.follow("/desk/connect/queues/own")
    assert "department.works" in await head.text()
    assert head.strange == []
