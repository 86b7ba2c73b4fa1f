"""`./rabta message test` tries each provider and prints the result in plain words."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.home import ROOT
from tools.gateways.running import StandIn, mail_server, sms_gateway

MOBILE, SHORT = "+923001234567", "0300-1234567"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A gateway that can be asked about a message."""
    with sms_gateway(tmp_path_factory.mktemp("trial"), secret="s3cret") as running:
        yield running


async def tried(*arguments: str, **settings: str) -> tuple[int, str]:
    """Exit code and output of a test with these settings."""
    known = {"RABTA_DATA_KEY": "x", "RABTA_INDEX_KEY": "y", "RABTA_ENV": "test", "PATH": os.environ["PATH"]}
    environment = known | {f"RABTA_{name.upper()}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.notifier.trial",
        *arguments,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_each_provider_of_a_channel_is_tried_in_both_languages(gateway: StandIn, tmp_path: Path) -> None:
    both = {
        "sms_gateway": "twilio", "sms_url": gateway.address, "sms_account": "AC1", "sms_secret": "s3cret",
        "sms_sender": "Rabta", "sms_backup_gateway": "form", "sms_backup_url": f"{gateway.address}/send",
        "sms_backup_secret": "wrong", "sms_backup_sender": "Rabta", "email_from": "no-reply@rabta.example",
    }  # fmt: skip
    with mail_server(tmp_path) as mail:
        code, output = await tried("--to", SHORT, "--to", "me@example.com", **both, email_server=mail.address)
        assert {one["subject"] for one in await mail.messages("me@example.com")} == {"Test message", "آزمائشی پیغام"}
    assert code == 1
    assert "sms (en, 1 part(s)): sending after" in output
    assert "sms (ur, 1 part(s)): sending after" in output
    assert "their reference SM" in output
    assert output.count("sms-backup (") == output.count("check RABTA_SMS_BACKUP_URL, _ACCOUNT and _SECRET") == 2
    assert output.count("asked again") == 2
    assert output.count("email (") == 2
    assert len(await gateway.messages(MOBILE)) == 2


async def test_a_missing_setting_is_named_and_no_secret_shown() -> None:
    code, output = await tried("--to", MOBILE, "--to", "me@example.com")
    assert (code, output.count("no provider: set RABTA_SMS_GATEWAY"), output.count("set RABTA_EMAIL_SERVER")) == (
        1,
        1,
        1,
    )
    code, output = await tried("--to", MOBILE, sms_gateway="form", sms_secret="s3cret-word")
    assert (code, output.strip()) == (1, "RABTA_SMS_GATEWAY needs RABTA_SMS_URL and RABTA_SMS_SENDER")
