"""How messages leave the house: one adapter for each way, behind one port.

The settings say which providers there are. Without one a channel is the developer's. In production there is none then,
its messages are recorded, shown to the citizen, and wait; and without any the service does not start.
"""

from services.notifier.channels.dev import DevProvider
from services.notifier.channels.gateway import GatewayFile, SmsGateway
from services.notifier.channels.mail import MailServer
from services.notifier.channels.port import (
    Arrived,
    Callback,
    CallbackRefusedError,
    DeliveryResult,
    Letter,
    Provider,
    Report,
)
from services.notifier.channels.provider import Terms
from services.notifier.models import EMAIL, SMS
from services.notifier.settings import NotifierSettings


def providers_of(settings: NotifierSettings) -> dict[str, tuple[Provider, ...]]:
    """Who carries the messages of each channel, the first before its backup. Raises ValueError.

    A channel that nobody carries has no entry.
    """
    made: dict[str, tuple[Provider, ...]] = {}
    if not settings.is_production:
        made = {channel: (DevProvider(channel, settings),) for channel in (SMS, EMAIL)}
    if settings.email_server.get_secret_value():
        terms = Terms(EMAIL, EMAIL, settings.send_patience)
        made[EMAIL] = (MailServer(settings.email_server, settings.email_from, terms),)
    if settings.sms_gateway:
        made[SMS] = (
            SmsGateway(
                GatewayFile.read(settings.sms_gateway),
                settings.sms_url,
                settings.sms_account,
                settings.sms_secret,
                settings.sms_sender,
                Terms(SMS, SMS, settings.send_patience),
            ),
        )
    if not made:
        raise ValueError("nobody would get a code: set RABTA_SMS_GATEWAY or RABTA_EMAIL_SERVER (docs/messages.md)")
    return made


__all__ = [
    "Arrived",
    "Callback",
    "CallbackRefusedError",
    "DeliveryResult",
    "DevProvider",
    "Letter",
    "Provider",
    "Report",
    "providers_of",
]
