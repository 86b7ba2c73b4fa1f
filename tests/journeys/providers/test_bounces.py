"""A bad email address: the pages tell the citizen, who gives another and is reached again."""

import hashlib
import hmac
import secrets
from typing import Any

import pytest

from tests.journeys.providers.conftest import MAIL_SECRET
from tests.unit.notifier.bounce_samples import REFERENCE, postfix
from tests.web.visitor import Visitor
from tools.gateways.running import StandIn
from tools.portal import Citizen, Portal

BOUNCES = "/api/v1/callbacks/email/bounces"
BANNER = "Our emails do not reach you."


async def gives(visitor: Visitor, citizen: Citizen, email: str) -> None:
    """Change the email and another detail on their page, so that a message is sent."""
    sent = await visitor.send("/my/data/email", email=email, password=citizen.password)
    assert "has been changed" in (await visitor.follow(sent)).text
    sent = await visitor.send("/my/data/address", address=f"House {secrets.randbelow(1000)}, Street 2, Peshawar")
    assert "has been changed" in (await visitor.follow(sent)).text


async def becomes(portal: Portal, citizen: Citizen, state: str) -> dict[str, Any]:
    """Wait until the API reports a state of the email."""
    path = "/api/v1/notifications/reach"
    reach = await portal.once(path, lambda seen: seen["email"]["state"] == state, token=citizen.token)
    return dict(reach["email"])


async def sees_banner(visitor: Visitor, wanted: bool) -> None:
    """Whether the pages show that emails do not arrive."""
    for path in ("/my", "/my/data", "/my/messages"):
        assert (BANNER in (await visitor.open(path)).text) is wanted, path


async def bounce(portal: Portal, reference: str, secret: str = MAIL_SECRET) -> int:
    """Forward a mail server's later report; returns the status."""
    report = postfix().replace(REFERENCE.encode(), reference.encode())
    signed = hmac.digest(secret.encode(), report, hashlib.sha256).hex()
    headers = {"Content-Type": "message/rfc822", "X-Signature": signed}
    return (await portal.ask("POST", BOUNCES, data=report, headers=headers)).status


async def test_after_a_bounce_the_citizen_is_asked_for_another_address(portal: Portal, mail: StandIn) -> None:
    citizen = await portal.register()
    visitor = await Visitor(portal).enter_as_citizen(citizen)
    name = secrets.token_hex(4)
    gone, first, second = f"gone@{name}.example", f"first@{name}.example", f"second@{name}.example"

    await gives(visitor, citizen, gone)  # the server refuses at once
    contact = await becomes(portal, citizen, "failing")
    assert contact["address"] == f"go…@{name}.example"
    assert contact["since"] is not None
    await sees_banner(visitor, wanted=True)

    await gives(visitor, citizen, first)  # the server accepts it
    taken = await mail.message(first)
    await becomes(portal, citizen, "ok")
    await sees_banner(visitor, wanted=False)

    assert await bounce(portal, taken["reference"], secret="somebody-else-who-guesses-a-secret") == 403
    assert await bounce(portal, secrets.token_hex(16)) == 200  # about an unknown message
    await becomes(portal, citizen, "ok")
    for _ in range(2):  # it reports an unknown mailbox later, and again
        assert await bounce(portal, taken["reference"]) == 200
    await becomes(portal, citizen, "failing")
    await sees_banner(visitor, wanted=True)

    await gives(visitor, citizen, second)
    assert (await mail.message(second))["to"] == second
    await becomes(portal, citizen, "ok")
    await sees_banner(visitor, wanted=False)


@pytest.mark.parametrize("way", ["receipts", "messages", "bounces"])
@pytest.mark.parametrize("body", [b"", b"\xff\x00{", b'{"a":' * 4000, b"a=b&" * 3000, b"<Response/>"])
async def test_an_unsigned_callback_is_refused_whatever_its_content(portal: Portal, way: str, body: bytes) -> None:
    for kind in ("application/x-www-form-urlencoded", "application/json", "message/rfc822"):
        sent = {"Content-Type": kind, "X-Signature": "0" * 64}
        answer = await portal.ask("POST", f"/api/v1/callbacks/email/{way}", data=body, headers=sent)
        assert answer.status == 403, answer.body
    assert (await portal.ask("POST", f"/api/v1/callbacks/nobody/{way}", data=body)).status == 404
