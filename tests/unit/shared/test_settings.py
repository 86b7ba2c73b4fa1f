"""Wrong settings end a process with a log line for each mistake, which names the setting and never its value."""

import json
from collections.abc import Iterator

import pytest
import structlog

from services.notifier.settings import NotifierSettings
from shared.serve import STARTUP_FAILURE, settings_of

SECRET = "not-to-be-logged"


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def refused(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The log lines with which a process with these settings ends."""
    with pytest.raises(SystemExit) as ended:
        settings_of("notifier", NotifierSettings)
    assert ended.value.code == STARTUP_FAILURE
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["fault"] for line in lines if line["event"] == "settings.refused"]


def test_invalid_value_is_reported_with_its_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RABTA_SMS_RATE", SECRET)
    faults = refused(capsys)
    assert any(fault.startswith("RABTA_SMS_RATE: ") for fault in faults)
    assert SECRET not in "".join(faults)


def test_unreadable_file_is_reported_by_its_path(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RABTA_SMS_SECRET_FILE", "/nowhere/sms")
    assert refused(capsys) == ["/nowhere/sms: No such file or directory"]
