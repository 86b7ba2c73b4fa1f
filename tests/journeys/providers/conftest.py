"""One suite with an SMS gateway and a mail server for the tests of this folder."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.journeys.providers.by_phone import ByPhone
from tools.gateways.running import StandIn, mail_server, sms_gateway
from tools.suites import ADMIN, QUICK, own_vhost

TOKEN = "the-token-of-our-account-there-5521"
MAIL_SECRET = "a-secret-of-the-provider-of-email-7391"


@pytest.fixture(scope="package")
def sms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """An SMS gateway that signs its calls and reports a delivery when it is told to."""
    with sms_gateway(tmp_path_factory.mktemp("sms"), secret=TOKEN, receipts="late", late=600) as running:
        yield running


@pytest.fixture(scope="package")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A mail server that refuses names beginning with `gone`."""
    with mail_server(tmp_path_factory.mktemp("mail"), faults="refuse=1:gone@*") as running:
        yield running


@pytest.fixture(scope="package")
async def sending(
    home: Path, servers: Servers, environment: dict[str, str], sms: StandIn, mail: StandIn
) -> AsyncIterator[Suite]:
    """A suite that sends its messages to these two."""
    name = f"providers-{secrets.token_hex(3)}"
    settings = {
        "RABTA_MONGO_PREFIX": name,
        "RABTA_AMQP_URL": await own_vhost(environment, name),
        "RABTA_COURIER_EVERY": "0.2",
        "RABTA_SMS_GATEWAY": "twilio",
        "RABTA_SMS_URL": sms.address,
        "RABTA_SMS_ACCOUNT": "AC1",
        "RABTA_SMS_SECRET": TOKEN,
        "RABTA_SMS_SENDER": "+15005550006",
        "RABTA_EMAIL_SERVER": mail.address,
        "RABTA_EMAIL_FROM": "no-reply@rabta.example",
        "RABTA_EMAIL_CALLBACK_SECRET": MAIL_SECRET,
    }
    suite = Suite(home / name, servers, extra_env=QUICK | settings)
    await asyncio.to_thread(suite.start)
    yield suite
    await asyncio.to_thread(suite.discard)


@pytest.fixture(scope="package")
def portal(sending: Suite, sms: StandIn) -> ByPhone:
    """A client of that suite."""
    return ByPhone(sending.url, ADMIN, sms)
