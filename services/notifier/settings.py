"""Settings of the notifier."""

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.notifier.models.hours import WorkingHours
from shared.settings import PREFIX, Settings

MIN_SECRET = 32
BACKUP_WEIGHT = 10
"""The backup always carries a few messages, so that operators know it works before they need it."""
WEB = ("http://", "https://")


class SmsSettings(BaseModel, frozen=True):
    """One SMS gateway."""

    gateway: str = ""
    url: str
    account: str
    secret: SecretStr
    sender: str
    callback_secret: SecretStr = SecretStr("")
    weight: int = 100
    rate: float | None = None


class EmailSettings(BaseModel, frozen=True):
    """One mail server."""

    server: SecretStr
    sender: str
    weight: int
    rate: float | None


def _weight(usual: int) -> Any:
    return Field(usual, ge=0, le=1000, description="share of the messages, relative to the other provider, 0 to 1000")


def _rate() -> Any:
    return Field(None, gt=0, description="messages a second that it allows, for all replicas together")


class ProviderSettings(Settings):
    """Settings of providers. Those of the backup have BACKUP in their names; empty counts as not set."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    email_server: SecretStr = Field(
        SecretStr(""),
        description="the mail server ([messages](messages.md)): `smtp://user:password@host:587` or `smtps://...`",
    )
    email_from: str = Field("", description="the sender's address of emails")
    email_bounces: str = Field("", description="the address for bounces")
    email_callback_secret: SecretStr = Field(SecretStr(""), description="secret that signs the provider's callbacks")
    email_reports: str = Field("", description="path of a file that describes these callbacks")
    bounce_mailbox: SecretStr = Field(
        SecretStr(""), description="mailbox of `RABTA_EMAIL_BOUNCES`: `imaps://user:password@host/folder`"
    )
    bounce_every: float = Field(30.0, gt=0, description="seconds between two reads of that mailbox")
    email_weight: int = _weight(100)
    email_rate: float | None = _rate()
    email_backup_server: SecretStr = Field(
        SecretStr(""), description="the second mail server ([messages](messages.md))"
    )
    email_backup_from: str = Field("", description="the backup's sender address, if it differs from `RABTA_EMAIL_FROM`")
    email_backup_weight: int = _weight(BACKUP_WEIGHT)
    email_backup_rate: float | None = _rate()

    sms_gateway: str = Field(
        "",
        description="the SMS gateway ([messages](messages.md)): `twilio`, `form`, "
        "or the path of a file that describes your gateway",
    )
    sms_url: str = Field("", description="the gateway's address")
    sms_account: str = Field("", description="the account at the gateway")
    sms_secret: SecretStr = Field(SecretStr(""), description="the secret of that account")
    sms_sender: str = Field("", description="the sender's number or name")
    sms_callback_secret: SecretStr = Field(SecretStr(""), description="secret that signs the gateway's callbacks")
    sms_weight: int = _weight(100)
    sms_rate: float | None = _rate()
    sms_backup_gateway: str = Field("", description="the second gateway: as `RABTA_SMS_GATEWAY`")
    sms_backup_url: str = Field("", description="as `RABTA_SMS_URL`")
    sms_backup_account: str = Field("", description="as `RABTA_SMS_ACCOUNT`")
    sms_backup_secret: SecretStr = Field(SecretStr(""), description="as `RABTA_SMS_SECRET`")
    sms_backup_sender: str = Field("", description="as `RABTA_SMS_SENDER`")
    sms_backup_callback_secret: SecretStr = Field(SecretStr(""), description="as `RABTA_SMS_CALLBACK_SECRET`")
    sms_backup_weight: int = _weight(BACKUP_WEIGHT)
    sms_backup_rate: float | None = _rate()

    @property
    def sms_gateways(self) -> dict[str, SmsSettings]:
        """The configured gateways by provider name."""
        found = {
            name: SmsSettings.model_validate(
                {part: getattr(self, f"{name}_{part}") for part in SmsSettings.model_fields}
            )
            for name in ("sms", "sms_backup")
        }
        return {name.replace("_", "-"): one for name, one in found.items() if one.gateway}

    @property
    def mail_servers(self) -> dict[str, EmailSettings]:
        """The configured mail servers by provider name."""
        first = EmailSettings(
            server=self.email_server, sender=self.email_from, weight=self.email_weight, rate=self.email_rate
        )
        backup = EmailSettings(
            server=self.email_backup_server,
            sender=self.email_backup_from or self.email_from,
            weight=self.email_backup_weight,
            rate=self.email_backup_rate,
        )
        both = {"email": first, "email-backup": backup}
        return {name: one for name, one in both.items() if one.server.get_secret_value()}

    @model_validator(mode="after")
    def check_providers(self) -> Self:
        """Require all settings of each provider, and no backup without a first provider."""
        for name, server in self.mail_servers.items():
            if "@" not in server.sender:
                raise ValueError(f"{named(name, 'SERVER')} needs RABTA_EMAIL_FROM, the sender's address")
        for name, gateway in self.sms_gateways.items():
            if not (gateway.url.startswith(WEB) and gateway.sender):
                raise ValueError(f"{named(name, 'GATEWAY')} needs {named(name, 'URL')} and {named(name, 'SENDER')}")
            if 0 < len(gateway.callback_secret.get_secret_value()) < MIN_SECRET:
                raise ValueError(f"{named(name, 'CALLBACK_SECRET')} needs {MIN_SECRET} characters or more")
        for channel, names in (("sms", self.sms_gateways), ("email", self.mail_servers)):
            if f"{channel}-backup" in names and channel not in names:
                raise ValueError(f"RABTA_{channel.upper()}_BACKUP_... is for the second provider: set the first too")
        if 0 < len(self.email_callback_secret.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"RABTA_EMAIL_CALLBACK_SECRET needs {MIN_SECRET} characters or more")
        if self.email_bounces and "@" not in self.email_bounces:
            raise ValueError("RABTA_EMAIL_BOUNCES must be an address such as bounce@example.com")
        return self


def named(provider: str, setting: str) -> str:
    """A setting's name in the environment."""
    return f"{PREFIX}{provider.replace('-', '_').upper()}_{setting}"


class NotifierSettings(ProviderSettings):
    """The providers of messages, how they are sent, and when members of staff get messages about work."""

    courier_every: float = Field(1.0, description="seconds between two searches for waiting messages")
    courier_lease: float = Field(30.0, description="seconds for which an attempt has a message to itself")
    courier_workers: int = Field(32, ge=1, description="messages sent at once, in each lane of each channel")
    erase_every: float = Field(5.0, description="seconds between two searches for unfinished erasures")
    combine_within: float = Field(5.0, ge=0, description="seconds for which a message waits for one that includes it")
    send_patience: float = Field(10.0, description="seconds in which a provider must accept a message")

    work_hours: str = Field("08:00-18:00", description="hours for messages to staff about work, in Pakistan's time")
    work_days: str = Field("mon tue wed thu fri sat", description="days for messages to staff about work")
    work_gather: float = Field(300.0, gt=0, description="seconds of work that one such message covers")

    texts: Path | None = Field(None, description="folder of texts that replace ours")
    dispute_days: float = Field(14, description="the same value as for requests: messages contain the day")
    appeal_days: float = Field(30, description="the same value as for requests")

    @model_validator(mode="after")
    def check_whole(self) -> Self:
        """Require that an attempt ends before its lease, and that working hours are valid."""
        if self.courier_lease < 2 * self.send_patience:
            raise ValueError("RABTA_COURIER_LEASE must be at least twice RABTA_SEND_PATIENCE")
        WorkingHours.of(self.work_hours, self.work_days, self.work_gather)
        return self
