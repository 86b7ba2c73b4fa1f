"""Settings of the notifier."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import Settings


class NotifierSettings(Settings):
    """The providers of messages, how often waiting ones are looked for, and how long an attempt holds a message."""

    courier_every: float = 1.0
    courier_lease: float = 30.0
    erase_every: float = 5.0
    send_patience: float = Field(10.0, description="seconds that a provider has to take a message")

    email_server: SecretStr = Field(SecretStr(""), description="smtp://user:password@host:587 or smtps://...")
    email_from: str = Field("", description="the address that emails come from")

    sms_gateway: str = Field("", description="twilio, form, or the path of a file that describes your gateway")
    sms_url: str = Field("", description="where the gateway is")
    sms_account: str = ""
    sms_secret: SecretStr = SecretStr("")
    sms_sender: str = Field("", description="the number or name that messages come from")

    @model_validator(mode="after")
    def check_whole(self) -> Self:
        """Each channel has all its settings, and an attempt ends before another process may take the message over."""
        if self.email_server.get_secret_value() and "@" not in self.email_from:
            raise ValueError("RABTA_EMAIL_SERVER needs RABTA_EMAIL_FROM, the address that emails come from")
        if self.sms_gateway and not (self.sms_url.startswith(("http://", "https://")) and self.sms_sender):
            raise ValueError("RABTA_SMS_GATEWAY needs RABTA_SMS_URL and RABTA_SMS_SENDER")
        if self.courier_lease < 2 * self.send_patience:
            raise ValueError("RABTA_COURIER_LEASE must be at least twice RABTA_SEND_PATIENCE")
        return self
