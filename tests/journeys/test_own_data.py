"""Own data: export, corrections and a new mobile; copies follow, and each change is reported."""

import re
from typing import Any

from tests.journeys.test_main_job import LAMP
from tools.people import new_mobile
from tools.portal import Citizen, Portal

HOUSE = "House 9, Street 3, Mardan"


async def changed_mobile(portal: Portal, citizen: Citizen) -> str:
    """Change to a new mobile; returns it."""
    new = new_mobile()
    body = {"mobile": new, "password": citizen.password}
    begun = await portal.expect(202, "POST", "/api/v1/me/mobile", token=citizen.token, json=body)
    code = re.search(r"[0-9]{6}", await portal.hears(citizen.mobile, "to prove this number"))
    assert code is not None
    path = f"/api/v1/me/mobile/{begun['change']}/otp"
    await portal.expect(200, "POST", path, token=citizen.token, json={"code": code.group()})
    return new


async def test_the_export_contains_everything_stored_about_the_citizen(portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    own = await portal.expect(200, "GET", "/api/v1/me/export", token=citizen.token)
    account = own["account"]
    assert (account["cnic"], account["mobile"]) == (citizen.cnic.replace("-", ""), citizen.mobile)
    assert (account["name"], account["email"]) == ("Test Citizen", "citizen@example.com")
    assert account["address"] == "House 1, Street 2, Peshawar"
    assert [set(session) for session in own["sessions"]] == [{"opened_at", "used_at", "device"}]
    assert [set(device) for device in own["devices"]] == [{"name", "made_at", "used_at"}]
    await portal.hears(citizen.mobile, number)
    requests, messages = [await portal.expect(200, "GET", address, token=citizen.token) for address in own["elsewhere"]]
    [filed] = requests["requests"]
    assert filed["answers"] == LAMP["answers"]
    assert filed["place"]["address"] == LAMP["place"]["address"]  # type: ignore[index]
    assert messages["contact"] == {"name": "Test Citizen", "mobile": citizen.mobile, "email": "citizen@example.com"}
    assert {m["template"] for m in messages["notifications"]} >= {"citizen.code_issued", "request.routed.filed"}
    assert not any(re.search(r"\b[0-9]{6}\b", m["words"]) for m in messages["notifications"])


async def test_an_export_is_for_its_citizen_only(portal: Portal) -> None:
    officer = await portal.officer("power")
    for path in ("/api/v1/me/export", "/api/v1/requests/export", "/api/v1/notifications/export"):
        assert (await portal.ask("GET", path)).status == 401
        assert (await portal.ask("GET", path, token=officer)).status == 403


async def test_corrected_details_appear_everywhere_and_are_reported(portal: Portal) -> None:
    citizen = await portal.register()
    body: dict[str, Any] = {"name": "Zarmina  Gul", "address": HOUSE, "language": "ur"}
    me = await portal.expect(200, "PATCH", "/api/v1/me", token=citizen.token, json=body)
    assert (me["name"], me["address"], me["language"]) == ("Zarmina Gul", HOUSE, "ur")
    await portal.hears(citizen.mobile, "معلومات تبدیل")

    await portal.once(
        "/api/v1/notifications/export", lambda kept: kept["contact"]["name"] == "Zarmina Gul", token=citizen.token
    )
    for refused in ({"email": "new@example.com"}, {"email": "new@example.com", "password": "not it"}):
        answer = await portal.ask("PATCH", "/api/v1/me", token=citizen.token, json=refused)
        assert (answer.status, answer.body["type"]) == (422, "/problems/password-wrong")
    email = {"email": "new@example.com", "password": citizen.password}
    assert (await portal.expect(200, "PATCH", "/api/v1/me", token=citizen.token, json=email))["email"] == email["email"]
    for bad in ({"cnic": "35202-1234567-1"}, {"language": "fr"}, {"name": ""}, {"verified": True}):
        assert (await portal.ask("PATCH", "/api/v1/me", token=citizen.token, json=bad)).status == 422


async def test_changing_the_mobile_needs_password_and_code_and_updates_copies(portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    wrong = {"mobile": "+923017654321", "password": "not it"}
    assert (await portal.ask("POST", "/api/v1/me/mobile", token=citizen.token, json=wrong)).status == 422
    new = await changed_mobile(portal, citizen)
    assert (await portal.expect(200, "GET", "/api/v1/me", token=citizen.token))["mobile"] == new

    await portal.once(f"/api/v1/track/{number}?mobile={new[-4:]}")
    login = {"login": new, "password": citizen.password}
    assert (await portal.ask("POST", "/api/v1/sessions", json=login)).status in (200, 202)


async def test_a_code_to_a_new_number_can_be_sent_again_after_a_pause(portal: Portal) -> None:
    citizen = await portal.register()
    body = {"mobile": new_mobile(), "password": citizen.password}
    begun = await portal.expect(202, "POST", "/api/v1/me/mobile", token=citizen.token, json=body)
    path = f"/api/v1/me/mobile/{begun['change']}"

    [sent] = (await portal.expect(200, "GET", path, token=citizen.token))["sends"]
    assert (sent["channel"], sent["delivered_at"]) == (
        "sms",
        None,
    )  # it may be another person's number
    early = await portal.ask("POST", f"{path}/otp/resend", token=citizen.token)
    assert (early.status, 0 < int(early.headers["retry-after"]) <= 30) == (429, True)
    assert (await portal.ask("GET", "/api/v1/me/mobile/nothing", token=citizen.token)).status == 404
    assert (await portal.ask("POST", "/api/v1/me/mobile/nothing/otp/resend", token=citizen.token)).status == 422


async def test_a_change_of_mobile_can_be_undone_from_the_old_number(portal: Portal) -> None:
    citizen = await portal.register()
    new = await changed_mobile(portal, citizen)
    notice = await portal.hears(new, "another mobile")
    heard = {m["to"] for m in await portal.messages(new) if "now uses another mobile" in m["words"]}
    assert citizen.mobile in heard
    assert [to for to in heard if "@" in to]  # the mailbox is told too, but not the new number
    assert len(heard) == 2
    code = re.search(r"\b[2-9A-Z]{12}\b", notice)
    assert code is not None
    for guess in ("7KQM2XWP94RT", "x"):
        assert (await portal.ask("POST", "/api/v1/mobile-changes/undo", json={"code": guess})).status == 422
    spaced = f"{code.group()[:6]} {code.group()[6:].lower()}"
    restored = await portal.expect(200, "POST", "/api/v1/mobile-changes/undo", json={"code": spaced})
    assert restored == {"restored": True}
    assert (await portal.ask("POST", "/api/v1/mobile-changes/undo", json={"code": code.group()})).status == 422
    refresh = {"refresh_token": citizen.refresh}
    assert (await portal.ask("POST", "/api/v1/sessions/refresh", json=refresh)).status == 401
    login = {"login": citizen.cnic, "password": citizen.password}
    assert (await portal.ask("POST", "/api/v1/sessions", json=login)).status == 401
    await portal.hears(citizen.mobile, "uses its old mobile again")


async def test_a_number_of_another_account_gets_the_same_answer_and_no_change(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    body = {"mobile": other.mobile, "password": citizen.password}
    begun = await portal.expect(202, "POST", "/api/v1/me/mobile", token=citizen.token, json=body)
    assert begun.keys() == {"change", "next", "resend_after"}
    path = f"/api/v1/me/mobile/{begun['change']}/otp"
    answer = await portal.ask("POST", path, token=citizen.token, json={"code": "123456"})
    assert (answer.status, answer.body["type"]) == (422, "/problems/otp-failed")
