"""What a provider of email calls us with: its own words as JSON, or the report of a mail server as it came."""

from pathlib import Path

import yaml
from pydantic import SecretStr, ValidationError

from services.notifier.channels.bounces import reports_of
from services.notifier.channels.callbacks import reports_in, verify
from services.notifier.channels.gateway_file import Speaking
from services.notifier.channels.port import Callback, Report

USUAL = Path(__file__).with_name("email_reports.yaml")
AS_IT_CAME = "message/rfc822"


class EmailReports:
    """Reads such calls."""

    def __init__(self, path: str, secret: SecretStr) -> None:
        """`path` is that of the file that says what the words mean; empty for ours. Raises ValueError."""
        try:
            self._file = Speaking.model_validate(yaml.safe_load(Path(path or USUAL).read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError):
            raise ValueError(f"RABTA_EMAIL_REPORTS cannot be used: compare it with {USUAL.name}") from None
        self._secret = secret.get_secret_value()

    def read(self, callback: Callback) -> list[Report]:
        """What a call says of messages. Raises CallbackRefusedError."""
        verify(self._file.signature, self._secret, callback)
        kind = next((value for name, value in callback.headers.items() if name.lower() == "content-type"), "")
        if kind.partition(";")[0].strip().lower() == AS_IT_CAME:
            return reports_of(callback.body)
        return reports_in(self._file, callback)
