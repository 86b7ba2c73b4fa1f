"""Journeys of clerks at the counter, and of officers to their account and their messages, in a browser."""

import re
import secrets

import pytest

from tests.journeys.test_main_job import LAMP
from tests.web.person import People, Person
from tests.web.test_journeys import DRAIN, EN_WITHOUT, HOWEVER, SEND, number_in
from tools.people import new_cnic, new_mobile
from tools.portal import Portal, until


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER[:1])
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


async def signs_in(person: Person, login: str, password: str) -> None:
    """Sign in as staff."""
    await person.open("/staff/sign-in")
    await person.fill(login=login, password=password)
    await person.send()


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
