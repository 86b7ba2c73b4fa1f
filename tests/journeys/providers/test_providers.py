"""An unavailable provider, and one that reports late."""

import re
import secrets
from typing import Any

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.time_travel import TimeTravel
from tools.gateways.running import StandIn
from tools.people import new_cnic, new_mobile
from tools.portal import Citizen, Portal, until

CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


async def came(stand_in: StandIn, to: str, than: int = 0) -> str:
    """The newest code at a provider, once there are more than `than`."""

    async def look() -> str | None:
        messages = await stand_in.messages(to)
        found = CODE.search(messages[-1]["words"]) if len(messages) > than else None
        return found[0] if found else None

    return await until(look, f"a code at {to[-4:]}")


async def state_of(portal: Portal, citizen: Citizen, channel: str) -> str | None:
    """The state of the newest code of a channel, from the owner's list."""
    told: dict[str, Any] = await portal.expect(200, "GET", "/api/v1/notifications", token=citizen.token)
    found = [one for one in told["notifications"] if one["channel"] == channel and "code_issued" in one["template"]]
    return found[0]["state"] if found else None


async def becomes(portal: Portal, citizen: Citizen, channel: str, state: str) -> None:
    """Wait for the state of the newest code of a channel."""

    async def look() -> bool | None:
        return True if await state_of(portal, citizen, channel) == state else None

    await until(look, f"the newest code by {channel} to be {state}")


def somebody() -> Citizen:
    """A person who has no account yet."""
    return Citizen(new_cnic(), new_mobile(), f"correct horse {secrets.token_hex(4)}")


async def test_without_sms_a_citizen_can_open_an_account_by_email(
    portal: Portal, sending: Suite, servers: Servers, sms: StandIn, mail: StandIn
) -> None:
    await sms.behave(faults="error=1")
    citizen, time_travel = somebody(), TimeTravel(servers, sending.environment["RABTA_MONGO_PREFIX"])
    registration = await portal.open_account(citizen)
    path = f"/api/v1/registrations/{registration}"
    await time_travel.wait_for_code(registration, 30)
    assert (await portal.expect(202, "POST", f"{path}/otp/resend"))["channels"] == ["sms", "email"]
    await time_travel.wait_for_code(registration, 60)
    await portal.expect(202, "POST", f"{path}/otp/resend", json={"channel": "email"})
    sends = (await portal.expect(200, "GET", path))["sends"]
    assert [sent["channel"] for sent in sends] == ["sms", "sms", "email"]  # shown on the page that waits
    code = await came(mail, "citizen@example.com")
    opened = await portal.expect(200, "POST", f"{path}/otp", json={"code": code})
    assert opened["mobile_proven"] is False
    citizen.device = opened["device"]
    await portal.login(citizen)
    assert await state_of(portal, citizen, "email") == "sending"  # a mail server does not report delivery
    assert await state_of(portal, citizen, "sms") != "delivered"
    assert await sms.messages(citizen.mobile) == []


async def test_a_message_is_delivered_only_when_the_provider_says_so(portal: Portal, sms: StandIn) -> None:
    await sms.behave(faults="")
    citizen = somebody()
    registration = await portal.open_account(citizen)
    code = await came(sms, citizen.mobile)
    opened = await portal.expect(200, "POST", f"/api/v1/registrations/{registration}/otp", json={"code": code})
    citizen.device = opened["device"]
    await portal.login(citizen)
    await becomes(portal, citizen, "sms", "sending")
    await sms.release()
    await becomes(portal, citizen, "sms", "delivered")
