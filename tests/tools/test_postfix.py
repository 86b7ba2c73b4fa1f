"""An email through a real mail server, and its report about a mailbox that does not exist."""

import os
import secrets
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.notifier.channels.bounces import reports_of
from services.notifier.channels.mail import MailServer, MailServerAddress
from services.notifier.channels.mail_message import EmailSender
from services.notifier.channels.provider import OutboundMessage, Terms
from services.notifier.models.notification import DeliveryState
from tools.gateways.postfix import can_run, postfix
from tools.gateways.running import mail_server
from tools.portal import until

TERMS = Terms("email", "email", patience=10)
here = pytest.mark.skipif(
    not can_run() and "RABTA_NEEDS_POSTFIX" not in os.environ,
    reason="needs Postfix and root, which this machine does not give",
)


@here
async def test_postfix_reports_an_unknown_mailbox(tmp_path: Path) -> None:
    messages = [
        OutboundMessage(secrets.token_hex(16), "gone@citizens.example", "رابطہ", "آپ کا پیغام\n" * 40, "ur")
        for _ in range(2)
    ]
    with mail_server(tmp_path, faults="refuse=1:gone@*") as sink, postfix(sink.port) as address:
        for message, bounces in zip(messages, ("bounce@rabta.example", ""), strict=True):
            sender = EmailSender("no-reply@rabta.example", bounces, "https://rabta.example")
            server = MailServer(MailServerAddress.of(SecretStr(address), "RABTA_EMAIL_SERVER"), sender, TERMS)
            assert (await server.deliver(message)).state is DeliveryState.SENDING
            await server.close()

        async def look() -> list[dict[str, Any]] | None:
            came = await sink.messages()
            return came if len(came) == len(messages) else None

        came = await until(look, "two reports")
    assert {one["to"] for one in came} == {f"bounce+{messages[0].reference}@rabta.example", "no-reply@rabta.example"}
    reports = [report for one in came for report in reports_of(one["whole"].encode())]
    assert {report.ours for report in reports} == {message.reference for message in messages}
    assert all((report.state, report.bad_address) == (DeliveryState.PERMANENT_FAILURE, True) for report in reports)
