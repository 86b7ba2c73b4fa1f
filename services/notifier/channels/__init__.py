"""How messages leave the house: one adapter for each way, behind one port.

The settings say which there are. Without one a channel is the developer's. In production there is none then, its
messages are recorded, shown to the citizen, and wait; and without any the service does not start.
"""

from services.notifier.channels.dev import DevChannel
from services.notifier.channels.gateway import GatewayFile, SmsGateway
from services.notifier.channels.mail import MailServer
from services.notifier.channels.port import Channel, DeliveryResult, Letter
from services.notifier.models import EMAIL, SMS
from services.notifier.settings import NotifierSettings


def channels_of(settings: NotifierSettings) -> dict[str, Channel]:
    """What delivers each channel. Raises ValueError for settings that do not fit together."""
    made: dict[str, Channel] = {} if settings.is_production else {n: DevChannel(n, settings) for n in (SMS, EMAIL)}
    if settings.email_server.get_secret_value():
        made[EMAIL] = MailServer(settings.email_server, settings.email_from, settings.send_patience)
    if settings.sms_gateway:
        made[SMS] = SmsGateway(
            GatewayFile.read(settings.sms_gateway),
            settings.sms_url,
            settings.sms_account,
            settings.sms_secret,
            settings.sms_sender,
            settings.send_patience,
        )
    if not made:
        raise ValueError("nobody would get a code: set RABTA_SMS_GATEWAY or RABTA_EMAIL_SERVER (docs/messages.md)")
    return made


__all__ = ["Channel", "DeliveryResult", "DevChannel", "Letter", "channels_of"]
