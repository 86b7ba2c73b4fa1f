"""An account opened by an email code works, and its mobile stays free until it is proven by SMS."""

import re
import secrets

from tests.journeys.test_main_job import LAMP
from tests.time_travel import TimeTravel
from tools.people import new_cnic, new_mobile
from tools.portal import Citizen, Portal, until


def somebody(mobile: str) -> Citizen:
    """A person who gives that mobile."""
    return Citizen(new_cnic(), mobile, f"correct horse {secrets.token_hex(4)}")


async def code_of(portal: Portal, mobile: str, *, channel: str, nth: int) -> str:
    """The nth code of a channel, once it has arrived."""

    async def look() -> str | None:
        found = [m["words"] for m in await portal.messages(mobile) if m["channel"] == channel]
        codes = [code[1] for words in found if (code := re.match(r"([0-9]{6}) ", words))]
        return codes[0] if len(codes) >= nth else None

    return await until(look, f"code number {nth} by {channel}")


async def opened_by_email(portal: Portal, time_travel: TimeTravel, citizen: Citizen) -> None:
    """Register, wait for two SMS, and have the code sent by email."""
    registration = await portal.open_account(citizen)
    path = f"/api/v1/registrations/{registration}/otp"
    for wait, channel in ((30, "sms"), (60, "email")):
        await time_travel.wait_for_code(registration, wait)
        await portal.expect(202, "POST", f"{path}/resend", json={"channel": channel})
    code = await code_of(portal, citizen.mobile, channel="email", nth=1)
    answer = await portal.expect(200, "POST", path, json={"code": code})
    assert (answer["verified"], answer["mobile_proven"]) == (True, False)
    citizen.device = answer["device"]


async def test_an_email_code_does_not_prove_the_mobile(portal: Portal, time_travel: TimeTravel) -> None:
    stranger = somebody(new_mobile())
    await opened_by_email(portal, time_travel, stranger)
    await portal.hears(stranger.mobile, "register with it and the number is yours")
    await portal.login(stranger)
    me = await portal.expect(200, "GET", "/api/v1/me", token=stranger.token)
    assert (me["verified"], me["mobile_proven"], me["mobile"]) == (True, False, stranger.mobile)
    number = (await portal.file(stranger, LAMP))["number"]
    await portal.reaches(stranger, number, "routed")

    async def channel() -> str | None:
        return next((m["channel"] for m in await portal.messages(stranger.mobile) if number in m["words"]), None)

    assert await until(channel, "a message about the request") == "email"

    owner = somebody(stranger.mobile)
    registration = await portal.open_account(owner)
    code = await code_of(portal, owner.mobile, channel="sms", nth=3)
    path = f"/api/v1/registrations/{registration}/otp"
    answer = await portal.expect(200, "POST", path, json={"code": code})
    assert answer["mobile_proven"] is True
    known = {"login": owner.mobile, "password": owner.password, "device": answer["device"]}
    session = await portal.expect(200, "POST", "/api/v1/sessions", json=known)
    mine = await portal.expect(200, "GET", "/api/v1/me", token=session["access_token"])
    assert (mine["mobile_proven"], mine["mobile"]) == (True, owner.mobile)

    wrong = {"login": stranger.mobile, "password": stranger.password, "device": stranger.device}
    assert (await portal.ask("POST", "/api/v1/sessions", json=wrong)).status == 401
    await portal.login(stranger)
    body = {"mobile": new_mobile(), "password": stranger.password}
    begun = await portal.expect(202, "POST", "/api/v1/me/mobile", token=stranger.token, json=body)
    code = (await portal.hears(stranger.mobile, "to prove this number"))[:6]
    path = f"/api/v1/me/mobile/{begun['change']}/otp"
    await portal.expect(200, "POST", path, token=stranger.token, json={"code": code})
    me = await portal.expect(200, "GET", "/api/v1/me", token=stranger.token)
    assert (me["mobile_proven"], me["mobile"]) == (True, body["mobile"])


async def test_the_mobiles_owner_takes_over_an_unproven_account_with_their_cnic(
    portal: Portal, time_travel: TimeTravel
) -> None:
    owner = somebody(new_mobile())
    stranger = Citizen(owner.cnic, owner.mobile, f"lanterns {secrets.token_hex(4)}")
    await opened_by_email(portal, time_travel, stranger)
    await portal.login(stranger)
    registration = await portal.open_account(owner)
    code = await code_of(portal, owner.mobile, channel="sms", nth=3)
    answer = await portal.expect(200, "POST", f"/api/v1/registrations/{registration}/otp", json={"code": code})
    assert answer["mobile_proven"] is True
    owner.device = answer["device"]
    await portal.login(owner)
    old = {"login": stranger.cnic, "password": stranger.password}
    assert (await portal.ask("POST", "/api/v1/sessions", json=old)).status == 401
    spent = {"refresh_token": stranger.refresh}
    assert (await portal.ask("POST", "/api/v1/sessions/refresh", json=spent)).status == 401
