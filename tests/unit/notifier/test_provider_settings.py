"""The providers that follow from settings, and invalid settings."""

from pathlib import Path

import pytest

from services.notifier.channels.mail import MailServerAddress
from services.notifier.channels.providers import providers_of
from services.notifier.settings import NotifierSettings

SENDER = "no-reply@rabta.example"
KEYS = {"data_key": "x", "index_key": "y"}


def test_production_uses_the_configured_channels() -> None:
    whole = {
        "env": "production",
        "email_server": "smtps://mail.example.com",
        "email_from": SENDER,
        "sms_gateway": "form",
        "sms_url": "https://sms.example.com/send",
        "sms_sender": "RABTA",
    }
    assert providers_of(NotifierSettings.model_validate({**KEYS, **whole})).keys() == {"sms", "email"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"email_server": "smtp://mail.example.com"},
        {"email_server": "http://mail.example.com", "email_from": SENDER},
        {"email_server": "smtp://rabta:pass/word@mail.example.com:587", "email_from": SENDER},
        {"sms_gateway": "form"},
        {"sms_gateway": "no-such", "sms_url": "https://sms.example.com", "sms_sender": "RABTA"},
        {"send_patience": 20},
    ],
)
def test_contradictory_settings_are_refused_at_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"RABTA_|no SMS gateway file"):
        providers_of(NotifierSettings.model_validate({**KEYS, "env": "demo", **wrong}))


SMS = {"sms_gateway": "twilio", "sms_url": "https://sms.example.com", "sms_sender": "RABTA"}
BACKUP = {"sms_backup_gateway": "form", "sms_backup_url": "https://other.example.com/send", "sms_backup_sender": "8000"}


def made(**given: object) -> NotifierSettings:
    """Production settings."""
    return NotifierSettings.model_validate({**KEYS, "env": "production", **given})


def test_backup_comes_second_with_a_small_share() -> None:
    emails = {"email_server": "smtp://mail.example.com", "email_from": SENDER, "email_backup_server": "smtp://other"}
    providers = providers_of(made(**SMS, **BACKUP, **emails, sms_rate=20, email_backup_weight=0))
    shares = {name: [(one.name, one.weight, one.rate) for one in those] for name, those in providers.items()}
    assert shares == {
        "sms": [("sms", 100, 20), ("sms-backup", 10, None)],
        "email": [("email", 100, None), ("email-backup", 0, None)],
    }
    assert [one.asks_by for one in providers["sms"]] == ["theirs", None]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (BACKUP, "RABTA_SMS_BACKUP_"),
        ({**SMS, **BACKUP, "sms_backup_url": ""}, "RABTA_SMS_BACKUP_GATEWAY needs RABTA_SMS_BACKUP_URL"),
        ({**SMS, "sms_callback_secret": "too short"}, "RABTA_SMS_CALLBACK_SECRET needs 32"),
        ({**SMS, "sms_weight": -1}, "sms_weight"),
        ({**SMS, "sms_rate": 0}, "sms_rate"),
        ({**SMS, "email_bounces": "bounce"}, "RABTA_EMAIL_BOUNCES"),
        ({**SMS, "email_server": "http://:p@ss@mail", "email_from": SENDER}, "RABTA_EMAIL_SERVER must be"),
    ],
)
def test_an_error_names_the_wrong_setting(given: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named) as error:
        providers_of(made(**given))
    assert "too short" not in str(error.value)
    assert "p@ss" not in str(error.value)


def test_empty_setting_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(f"RABTA_{name.upper()}", value)
    for name in ("SMS_RATE", "SMS_WEIGHT", "SMS_BACKUP_RATE", "EMAIL_BACKUP_WEIGHT", "SMS_GATEWAY"):
        monkeypatch.setenv(f"RABTA_{name}", "")
    settings = NotifierSettings()
    assert (settings.sms_rate, settings.sms_weight, settings.email_backup_weight) == (None, 100, 10)
    assert settings.sms_gateways == {}


def test_secrets_are_read_from_files_and_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = {
        "email_server": "smtp://rabta:hidden-1@mail.example.com",
        "sms_secret": "hidden-2",
        "sms_callback_secret": "hidden-3" * 4,
        "sms_backup_secret": "hidden-4",
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
        monkeypatch.setenv(f"RABTA_{name.upper()}_FILE", str(tmp_path / name))
    settings = NotifierSettings.model_validate({**KEYS, **SMS, **BACKUP, "email_from": SENDER})
    first, backup = settings.sms_gateways.values()
    assert (first.secret.get_secret_value(), backup.secret.get_secret_value()) == ("hidden-2", "hidden-4")
    shown = f"{settings!r} {settings.sms_gateways!r} {settings.mail_servers!r} {providers_of(settings)!r}"
    assert "hidden" not in shown
    [server] = settings.mail_servers.values()
    assert "hidden" not in repr(MailServerAddress.of(server.server, "RABTA_EMAIL_SERVER"))
