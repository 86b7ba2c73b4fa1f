"""Input from an Urdu keyboard, or pasted with invisible characters, is understood; messages arrive unchanged."""

import secrets
from datetime import datetime

from shared.clock import PAKISTAN
from tests.personal_data import URDU
from tools.people import new_cnic, new_mobile
from tools.portal import Citizen, Portal

BILL = {
    "service": "electricity-bill",
    "place": {"district": "kohat"},
    "answers": {
        "reference_number": "۱۲ ۲۶۱۱۱ ۰۱۲۳۴۵۶",
        "bill_month": "\u2066۲۰۲۶\u2013۰۹\u2069",
        "problem": "wrong-reading",
        "meter_reading": "۴۲۰۰",
        "description": " میٹر نمبر ۷ کی ریڈنگ غلط ہے\u202e ",
    },
}
NOTE = "Write to complaints@kp.gov.pk, letter No.DCP/2025/114, or see https://kp.gov.pk/help"


async def a_citizen_who_types_in_urdu(portal: Portal) -> Citizen:
    """A signed-in citizen who typed every number and code in Urdu digits or between invisible characters."""
    cnic, mobile = new_cnic().replace("-", " "), new_mobile().removeprefix("+92")
    citizen = Citizen(cnic.translate(URDU), f"+92{mobile}", f"correct horse {secrets.token_hex(4)}")
    pasted = Citizen(f"\u2066{citizen.cnic}\u2069", f"\u202a+92 {mobile[:3]} {mobile[3:]}\u202c", citizen.password)
    registration = await portal.open_account(pasted)
    code = (await portal.code_sent_to(citizen.mobile)).translate(URDU)
    typed = {"code": f"{code[:3]}\u00a0{code[3:]}"}
    proven = await portal.expect(200, "POST", f"/api/v1/registrations/{registration}/otp", json=typed)
    citizen.device = proven["device"]
    await portal.login(citizen)
    return citizen


async def test_everything_can_be_typed_on_an_urdu_keyboard(portal: Portal) -> None:
    citizen = await a_citizen_who_types_in_urdu(portal)
    number = (await portal.file(citizen, BILL))["number"]
    request = await portal.reaches(citizen, number, "routed")
    assert request["answers"] == {
        "reference_number": "12 26111 0123456",
        "bill_month": "2026-09",
        "problem": "wrong-reading",
        "meter_reading": 4200,
        "description": "میٹر نمبر ۷ کی ریڈنگ غلط ہے",
    }
    digits = citizen.last_four.translate(URDU)
    assert (await portal.expect(200, "GET", f"/api/v1/track/{number}?mobile={digits}"))["number"] == number
    day = str(datetime.fromisoformat(request["submitted_at"]).astimezone(PAKISTAN).date()).translate(URDU)
    own = await portal.expect(200, "GET", f"/api/v1/requests?from={day}&to={day}", token=citizen.token)
    assert [line["number"] for line in own["requests"]] == [number]


async def test_a_note_needs_a_letter_and_arrives_unchanged(portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, BILL))["number"]
    officer = await portal.officer((await portal.reaches(citizen, number, "routed"))["department"])
    assert (await portal.act(officer, number, "accept")).status == 200
    for nothing in (" " * 12, "...", "\u200f\u200f"):
        refused = await portal.act(officer, number, "progress", note=nothing)
        assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/note")
    assert (await portal.act(officer, number, "progress", note=f"\u2067{NOTE}")).status == 200
    told = await portal.hears(citizen.mobile, "Write to complaints@kp.gov.pk, letter No. DCP/2025/114")
    assert "https:// kp. gov. pk/help" in told
