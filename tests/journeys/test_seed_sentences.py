"""One test for each sentence of the product's purpose: what a person does and sees."""

import asyncio
import re
import secrets
from datetime import UTC, datetime
from typing import Any

from tests.attachments import papers
from tests.journeys.test_main_job import DOMICILE, LAMP, OPEN, at_department, listen
from tests.journeys.test_passwords import NEW, refused_everywhere, reset
from tests.time_travel import TimeTravel
from tools.people import new_cnic, new_mobile
from tools.portal import Citizen, Portal, until

URDU = {"Accept-Language": "ur"}


def somebody(**other: str) -> dict[str, str]:
    """The form of a registration."""
    mobile = new_mobile().replace("+92", "0")
    typed = {
        "name": "عائشہ خان",
        "cnic": new_cnic(2),
        "mobile": mobile,
        "email": f"ayesha.{mobile}@example.com",
        "address": "House 12, Street 4, Hayatabad, Peshawar",
        "password": "monsoon over the blue hills",
    }
    return typed | other


def phone(typed: dict[str, str]) -> str:
    """The mobile as it is stored."""
    return f"+92{typed['mobile'].replace(' ', '').lstrip('0')}"


def is_urdu(text: str) -> bool:
    """Whether it contains Urdu letters."""
    return any("\u0600" <= letter <= "\u06ff" for letter in text)


async def newer_code(portal: Portal, mobile: str, *, than: int) -> str:
    """The newest code, once there are more than `than` messages."""

    async def look() -> str | None:
        codes = [found[1] for m in await portal.messages(mobile) if (found := re.match(r"([0-9]{6}) ", m["words"]))]
        return codes[0] if len(codes) > than else None

    return await until(look, f"code number {than + 1}")


async def tracked(portal: Portal, number: str, citizen: Citizen, **headers: str) -> Any:
    """The response of tracking."""
    return await portal.ask("GET", f"/api/v1/track/{number}?mobile={citizen.last_four}", headers=headers)


async def test_register_with_name_cnic_mobile_email_address_password(portal: Portal) -> None:
    typed = somebody()
    empty = await portal.ask("POST", "/api/v1/registrations", json={}, headers=URDU)
    assert empty.status == 422
    assert {error["pointer"].strip("/") for error in empty.body["errors"]} == set(typed)
    assert all(is_urdu(error["message"]) for error in empty.body["errors"])

    pending = await portal.expect(202, "POST", "/api/v1/registrations", json=typed)
    assert pending["next"] == "otp"
    login = {"login": typed["cnic"], "password": typed["password"]}
    await portal.expect(401, "POST", "/api/v1/sessions", json=login)  # not before the mobile is proven
    code = await newer_code(portal, phone(typed), than=0)
    path = f"/api/v1/registrations/{pending['registration']}/otp"
    device = (await portal.expect(200, "POST", path, json={"code": code}))["device"]
    await portal.expect(422, "POST", path, json={"code": code})  # a code works once

    session = await portal.expect(200, "POST", "/api/v1/sessions", json=login | {"device": device})
    me = await portal.expect(200, "GET", "/api/v1/me", token=session["access_token"])
    assert {name: me[name] for name in ("name", "email", "address")} == {
        name: typed[name] for name in ("name", "email", "address")
    }
    assert (me["mobile"], me["verified"]) == (phone(typed), True)


async def test_log_in(portal: Portal) -> None:
    citizen = await portal.register()
    password = {"password": citizen.password}
    for login in (citizen.cnic, citizen.cnic.replace("-", ""), citizen.mobile, f"0{citizen.mobile[3:]}"):
        known = {"login": login, "device": citizen.device}
        await portal.expect(200, "POST", "/api/v1/sessions", json=known | password)

    asked = await portal.expect(202, "POST", "/api/v1/sessions", json={"login": citizen.cnic} | password)
    assert (asked["next"], "access_token" in asked) == ("otp", False)  # a new device: the password alone is not enough
    session = await portal.answer_login(asked["challenge"], citizen)
    assert (await portal.expect(200, "GET", "/api/v1/me", token=session["access_token"]))["id"] == citizen.id
    await portal.expect(204, "DELETE", "/api/v1/sessions/current", token=session["access_token"])


async def test_choose_a_service(portal: Portal) -> None:
    page = await portal.expect(200, "GET", "/api/v1/catalogue")
    [line] = [service for service in page["services"] if "ڈومیسائل" in service["name"]["ur"]]
    assert line["kind"] == "application"
    assert "swat" in page["districts"]
    service = await portal.expect(200, "GET", f"/api/v1/catalogue/{line['code']}")
    charter = service["charter"]
    told = [service["name"], charter["who"], *charter["documents"], charter["officer"], charter["appellate_authority"]]
    assert all(fact["en"] and is_urdu(fact["ur"]) for fact in told)
    assert charter["fee"]["amount"] == 0
    assert service["due"]["days"] == 10
    questions = service["form"]["properties"]
    assert set(service["form"]["required"]) <= set(questions)
    assert all(is_urdu(question["x-title"]["ur"]) for question in questions.values())


async def test_submit(portal: Portal) -> None:
    citizen = await portal.register()
    unfinished = {**LAMP, "answers": {"problem": "out"}}
    headers = {"Idempotency-Key": "the-lamp", **URDU}
    refused = await portal.ask("POST", "/api/v1/requests", token=citizen.token, json=unfinished, headers=headers)
    assert refused.status == 422
    assert "/answers/description" in {error["pointer"] for error in refused.body["errors"]}
    assert (await portal.expect(200, "GET", "/api/v1/requests", token=citizen.token))["requests"] == []

    receipt = await portal.file(citizen, LAMP, key="the-lamp")
    assert receipt["receipt"].count(".") == 2  # a signed receipt
    assert (await portal.file(citizen, LAMP, key="the-lamp"))["number"] == receipt["number"]  # a repeated filing
    routed = await portal.reaches(citizen, receipt["number"], "routed")
    assert routed["department"] == "works"
    assert await portal.hears(citizen.mobile, f"We have your complaint {receipt['number']}")
    page = await portal.expect(200, "GET", "/api/v1/requests", token=citizen.token)
    assert [line["number"] for line in page["requests"]] == [receipt["number"]]


async def test_tracking_number(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, _ = await at_department(portal, citizen, LAMP)
    assert re.fullmatch(r"RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", number)
    typed = number.lower().replace("-", "")  # as copied from paper
    seen = await tracked(portal, typed, citizen)
    assert (seen.status, seen.body["number"], seen.body["state"]) == (200, number, "routed")
    assert not {"answers", "citizen", "words"} & set(seen.body)  # tracking shows nothing personal
    wrong = f"{(int(citizen.last_four) + 1) % 10_000:04d}"
    await portal.expect(404, "GET", f"/api/v1/track/{number}?mobile={wrong}")


async def test_real_time_status(portal: Portal) -> None:
    citizen = await portal.register()
    seen: list[dict[str, Any]] = []
    stream = asyncio.create_task(listen(portal, citizen, seen, until_state="resolved"))

    async def opened() -> bool | None:
        return True if id(stream) in OPEN or stream.done() else None

    await until(opened, "the stream to open")
    number, _, officer = await at_department(portal, citizen, LAMP)
    assert (await portal.act(officer, number, "accept")).status == 200
    assert (await portal.act(officer, number, "progress", note="An electrician is on the way.")).status == 200
    reply = f"The lamp of {number} was replaced."
    assert (await portal.act(officer, number, "resolve", outcome="granted", reply=reply)).status == 200
    await asyncio.wait_for(stream, 20)
    states = [event["state"] for event in seen]
    assert states == ["submitted", "verifying", "routed", "accepted", "in_progress", "resolved"]
    assert {event["request"] for event in seen} == {number}
    page = (await tracked(portal, number, citizen)).body
    assert [step["state"] for step in page["history"]] == states  # no wrong state was shown


async def test_otp_not_received(portal: Portal, time_travel: TimeTravel) -> None:
    typed = somebody()
    pending = await portal.expect(202, "POST", "/api/v1/registrations", json=typed)
    assert pending["channels"] == ["sms"]
    registration, path = pending["registration"], f"/api/v1/registrations/{pending['registration']}"
    lost = await newer_code(portal, phone(typed), than=0)
    early = await portal.ask("POST", f"{path}/otp/resend", headers=URDU)
    assert early.status == 429
    assert 0 < int(early.headers["retry-after"]) <= 30
    assert is_urdu(early.body["title"])

    await time_travel.wait_for_code(registration, 30)
    again = await portal.expect(202, "POST", f"{path}/otp/resend")
    assert (again["channels"], again["resend_after"]) == (["sms", "email"], 60)  # after two SMS email is offered
    newest = await newer_code(portal, phone(typed), than=1)
    if newest != lost:
        await portal.expect(422, "POST", f"{path}/otp", json={"code": lost})  # the older code no longer counts

    await time_travel.wait_for_code(registration, 60)
    await portal.expect(202, "POST", f"{path}/otp/resend", json={"channel": "email"})

    sends = (await portal.expect(200, "GET", path))["sends"]
    assert [sent["channel"] for sent in sends] == ["sms", "sms", "email"]
    code = await newer_code(portal, phone(typed), than=2)
    await portal.expect(200, "POST", f"{path}/otp", json={"code": code})


async def test_login_error_reset_password(portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    wrong = {"login": citizen.cnic, "password": "what was it again"}
    error = await portal.ask("POST", "/api/v1/sessions", json=wrong, headers=URDU)
    assert error.status == 401
    assert "پاس ورڈ دوبارہ بنائیں" in error.body["detail"]  # the error names the solution
    old, forgotten = citizen.token, citizen.password
    await reset(portal, citizen, NEW)
    assert await refused_everywhere(portal, old) < 5
    await portal.expect(401, "POST", "/api/v1/sessions", json={"login": citizen.cnic, "password": forgotten})
    await portal.login(citizen)
    await portal.hears(citizen.mobile, "was reset")
    assert (await portal.request(citizen, number))["number"] == number  # their requests are still there


async def test_application_delay_wait_and_track(portal: Portal, time_travel: TimeTravel) -> None:
    citizen = await portal.register()
    filing = {**DOMICILE, "attachments": await papers(portal, citizen.token)}
    number, _, officer = await at_department(portal, citizen, filing)
    first = await tracked(portal, number, citizen)
    assert first.body["due_at"] > first.body["submitted_at"]
    assert first.body["expected"]["by"] == first.body["due_at"]
    same = await tracked(portal, number, citizen, **{"If-None-Match": first.headers["etag"]})
    assert (same.status, same.body) == (304, "")  # unchanged: no body

    assert (await portal.act(officer, number, "accept")).status == 200
    assert (await portal.act(officer, number, "ask", question="Which tehsil office is near you?")).status == 200
    await portal.reaches(citizen, number, "questioned")
    changed = await tracked(portal, number, citizen, **{"If-None-Match": first.headers["etag"]})
    assert (changed.status, changed.body["due_paused"]) == (200, True)  # while it waits for the citizen
    await time_travel.to(number, "remind")
    await portal.hears(citizen.mobile, "still waits for your answer")
    body = {"answer": "Babuzai"}
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/answer", token=citizen.token, json=body)
    going_on = await portal.reaches(citizen, number, "in_progress")
    assert going_on["due_at"] >= first.body["due_at"]

    async def past_due() -> dict[str, Any] | None:
        await time_travel.due(number, days=2)  # again, because the due date after the pause is later
        late: dict[str, Any] = (await tracked(portal, number, citizen)).body
        return late if datetime.fromisoformat(late["due_at"]) < datetime.now(UTC) else None

    late = await until(past_due, "the due date to pass")
    assert late["state"] == "in_progress"  # a date that passed closes nothing,
    assert datetime.fromisoformat(late["due_at"]) < datetime.now(UTC)  # and stays visible
    assert late["expected"]["by"] == late["due_at"]
    assert late["outcome"] is None


async def test_verification_pending_recheck_details(portal: Portal) -> None:
    citizen = await portal.register()
    headers = {"Idempotency-Key": secrets.token_hex(8), **URDU}
    receipt = await portal.expect(201, "POST", "/api/v1/requests", token=citizen.token, json=DOMICILE, headers=headers)
    number = receipt["number"]
    assert receipt["state"] == "information_needed"
    failed = [check for check in receipt["checks"] if not check["passed"]]
    assert failed[-1]["words"] == "یہ دستاویز شامل کریں: پاسپورٹ سائز کی دو تصاویر"
    await portal.hears(citizen.mobile, f"We have your application {number}, but cannot send it on yet")
    assert (await tracked(portal, number, citizen)).body["department"] is None  # nobody works on it yet

    path = f"/api/v1/requests/{number}"
    await portal.expect(200, "PATCH", path, token=citizen.token, json={"answers": DOMICILE["answers"]})
    assert (await portal.request(citizen, number))["state"] == "information_needed"  # without a correction it stays
    await papers(portal, citizen.token, to=number)
    routed = await portal.reaches(citizen, number, "routed")
    assert all(check["passed"] for check in routed["checks"])
    assert routed["department"] == "revenue"
    assert [step["action"] for step in routed["history"]][-3:] == ["correct", "pass", "route"]


async def test_avoid_duplicate_registrations(portal: Portal) -> None:
    citizen = await portal.register()
    spelled = citizen.cnic.replace("-", "").translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    new = await portal.expect(202, "POST", "/api/v1/registrations", json=somebody())
    same_cnic = somebody(cnic=spelled)
    same_mobile = somebody(mobile=f"0092{citizen.mobile[3:]}")
    for typed in (same_cnic, same_mobile):
        answer = await portal.expect(202, "POST", "/api/v1/registrations", json=typed)
        assert answer | {"registration": ""} == new | {"registration": ""}  # the response does not reveal an account
        path = f"/api/v1/registrations/{answer['registration']}/otp"
        await portal.expect(422, "POST", path, json={"code": "000000"})
    told = await portal.hears(citizen.mobile, "Somebody tried to register at Rabta with your CNIC or mobile")
    assert "If it was you, log in." in told
    assert await portal.messages(phone(same_cnic)) == []  # no second account was opened
    login = {"login": same_cnic["mobile"], "password": same_cnic["password"]}
    await portal.expect(401, "POST", "/api/v1/sessions", json=login)
    await portal.login(citizen)
