"""An unavailable provider, and one that reports late."""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.process import wait_all_ready
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.time_travel import TimeTravel
from tools.gateways.running import StandIn, mail_server, sms_gateway
from tools.load.messages import SECRET, provider_settings
from tools.people import new_cnic, new_mobile
from tools.portal import Citizen, Portal, until
from tools.suites import ADMIN, QUICK, own_vhost

PREFIX = f"providers{secrets.token_hex(4)}"
NEEDED = ("gateway", "identity", "notifier")
CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


@pytest.fixture(scope="module")
def sms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The SMS gateway of this module's portal."""
    with sms_gateway(tmp_path_factory.mktemp("sms"), secret=SECRET, receipts="late", late=600) as running:
        yield running


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """Its mail server."""
    with mail_server(tmp_path_factory.mktemp("mail")) as running:
        yield running


@pytest.fixture(scope="module")
async def own_portal(
    tmp_path_factory: pytest.TempPathFactory,
    servers: Servers,
    environment: dict[str, str],
    sms: StandIn,
    mail: StandIn,
) -> AsyncIterator[Portal]:
    """A portal with real providers, and only the processes that a registration needs."""
    emails = {"RABTA_EMAIL_SERVER": mail.address, "RABTA_EMAIL_FROM": "no-reply@rabta.example"}
    own = {"RABTA_MONGO_PREFIX": PREFIX, "RABTA_AMQP_URL": await own_vhost(environment, PREFIX)}
    home: Path = tmp_path_factory.mktemp("providers")
    suite = Suite(home, servers, extra_env=QUICK | own | emails | provider_settings([sms]))
    processes = [suite.process(name) for name in NEEDED]
    try:
        for process in processes:
            process.start()
        wait_all_ready(processes, 90)
        yield Portal(suite.url, ADMIN)
    finally:
        suite.stop()


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
    own_portal: Portal, servers: Servers, sms: StandIn, mail: StandIn
) -> None:
    await sms.behave(faults="error=1")
    citizen, time_travel = somebody(), TimeTravel(servers, PREFIX)
    registration = await own_portal.open_account(citizen)
    path = f"/api/v1/registrations/{registration}"
    await time_travel.wait_for_code(registration, 30)
    assert (await own_portal.expect(202, "POST", f"{path}/otp/resend"))["channels"] == ["sms", "email"]
    await time_travel.wait_for_code(registration, 60)
    await own_portal.expect(202, "POST", f"{path}/otp/resend", json={"channel": "email"})
    sends = (await own_portal.expect(200, "GET", path))["sends"]
    assert [sent["channel"] for sent in sends] == ["sms", "sms", "email"]  # shown on the page that waits
    code = await came(mail, "citizen@example.com")
    opened = await own_portal.expect(200, "POST", f"{path}/otp", json={"code": code})
    assert opened["mobile_proven"] is False
    citizen.device = opened["device"]
    await own_portal.login(citizen)
    assert await state_of(own_portal, citizen, "email") == "sending"  # a mail server does not report delivery
    assert await state_of(own_portal, citizen, "sms") != "delivered"
    assert await sms.messages(citizen.mobile) == []


async def test_a_message_is_delivered_only_when_the_provider_says_so(own_portal: Portal, sms: StandIn) -> None:
    await sms.behave(faults="")
    citizen = somebody()
    registration = await own_portal.open_account(citizen)
    code = await came(sms, citizen.mobile)
    opened = await own_portal.expect(200, "POST", f"/api/v1/registrations/{registration}/otp", json={"code": code})
    citizen.device = opened["device"]
    await own_portal.login(citizen)
    await becomes(own_portal, citizen, "sms", "sending")
    await sms.release()
    await becomes(own_portal, citizen, "sms", "delivered")
