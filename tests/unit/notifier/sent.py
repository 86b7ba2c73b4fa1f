"""A provider that accepts messages, and a notifier that has sent one."""

from services.notifier.channels.provider import DeliveryResult, OutboundMessage, Report
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.sending.reports import ReportSource
from shared.events import Event
from tests.builders import CITIZEN, a_delivery, an_envelope
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import code, registered


class Taking(Recording):
    """A provider that accepts each message as `SM1`; `meanwhile` is reported before its answer arrives."""

    def __init__(self, channel: str) -> None:
        super().__init__(at_once=False, name=channel, channel=channel)
        self.result = DeliveryResult(DeliveryState.SENDING, "SM1")
        self.meanwhile: DeliveryState | None = None
        self.world: World | None = None

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Accept the message."""
        if self.meanwhile is not None and self.world is not None:
            report = Report(message.reference, None, self.meanwhile)
            await self.world.reports.take(ReportSource(self.name, self.channel), [report])
        return await super().deliver(message)


async def world_with(event: Event, subject: str) -> tuple[World, Taking]:
    """A notifier that is about to send an SMS, which its provider accepts as `SM1`."""
    provider = Taking(SMS)
    world = World(provider, email=Taking(EMAIL))
    provider.world = world
    await world.citizens.take([a_delivery(an_envelope(registered(), 1, subject=CITIZEN))])
    take = world.citizens.take if subject == CITIZEN else world.notifier.take
    await take([a_delivery(an_envelope(event, 2, subject=subject))])
    world.clock.advance(seconds=5)  # no other message can include it now
    return world, provider


async def a_code_by_email(world: World | None = None) -> tuple[World, Notification]:
    """A code sent by email, and its notifier."""
    world = world or (await world_with(code(), CITIZEN))[0]
    event = code().model_copy(update={"channel": EMAIL})
    await world.citizens.take([a_delivery(an_envelope(event, 3, subject=CITIZEN))])
    await world.courier.round()
    return world, next(n for n in world.notifications.all() if n.channel == EMAIL)
