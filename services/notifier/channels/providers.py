"""The providers in the settings.

Messages of a channel without a provider go to the developer's outbox, in production to the other channel if there is
an address; otherwise the citizen reads them on the portal only. Without any provider the service does not start.
"""

from services.notifier.channels.bounces import EmailReports
from services.notifier.channels.gateway import SmsGateway
from services.notifier.channels.gateway_file import GatewayFile
from services.notifier.channels.mail import MailServer, MailServerAddress
from services.notifier.channels.mail_message import EmailSender
from services.notifier.channels.provider import DeliveryResult, OutboundMessage, Provider, Terms
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import EmailSettings, NotifierSettings, SmsSettings, named


class OutboxProvider(Provider):
    """Delivers by recording: recorded messages appear in `/dev/outbox`."""

    name = "dev"
    recording_delivers = True

    def __init__(self, channel: str) -> None:
        self.channel = channel

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Do nothing; recording has delivered it."""
        return DeliveryResult(DeliveryState.DELIVERED)


def providers_of(settings: NotifierSettings) -> dict[str, tuple[Provider, ...]]:
    """The providers of each channel, with the backup last. Raises ValueError.

    A channel without a provider has no entry.
    """
    made: dict[str, tuple[Provider, ...]] = {}
    if not settings.is_production:
        made = {channel: (OutboxProvider(channel),) for channel in (SMS, EMAIL)}
    if servers := settings.mail_servers:
        made[EMAIL] = tuple(_mail_server(name, server, settings) for name, server in servers.items())
    if gateways := settings.sms_gateways:
        made[SMS] = tuple(_sms_gateway(name, gateway, settings) for name, gateway in gateways.items())
    if not made:
        raise ValueError("no provider for codes: set RABTA_SMS_GATEWAY or RABTA_EMAIL_SERVER (docs/messages.md)")
    return made


def _mail_server(name: str, server: EmailSettings, settings: NotifierSettings) -> MailServer:
    terms = Terms(name, EMAIL, settings.send_patience, server.weight, server.rate)
    sender = EmailSender(server.sender, settings.email_bounces, settings.issuer)
    reports = EmailReports(settings.email_reports, settings.email_callback_secret)
    return MailServer(MailServerAddress.of(server.server, named(name, "SERVER")), sender, terms, reports)


def _sms_gateway(name: str, gateway: SmsSettings, settings: NotifierSettings) -> SmsGateway:
    terms = Terms(name, SMS, settings.send_patience, gateway.weight, gateway.rate)
    return SmsGateway(GatewayFile.read(gateway.gateway), gateway, terms, f"{settings.issuer}/api/v1/callbacks/{name}")
