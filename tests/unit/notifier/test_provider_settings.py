"""Which providers the settings make, and which settings cannot work."""

import pytest

from services.notifier.channels import providers_of
from services.notifier.settings import NotifierSettings

SENDER = "no-reply@rabta.example"
KEYS = {"data_key": "x", "index_key": "y"}


def test_production_has_the_channels_that_its_settings_name() -> None:
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
def test_settings_that_cannot_work_are_refused_when_the_service_starts(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"RABTA_|no SMS gateway file"):
        providers_of(NotifierSettings.model_validate({**KEYS, "env": "demo", **wrong}))
