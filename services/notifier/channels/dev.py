"""The developer's provider: what is recorded is read in `/dev/outbox`. For demo and test only."""

from typing import Literal

from services.notifier.channels.port import (
    Callback,
    CallbackRefusedError,
    DeliveryResult,
    InboundMessage,
    OutboundMessage,
    Report,
)
from services.notifier.models import State
from shared.settings import Settings


class DevProvider:
    """Delivers by recording."""

    name = "dev"
    weight = 100
    rate: float | None = None
    recording_delivers = True
    at_once = 100
    asks_by: Literal["ours", "theirs"] | None = None
    can_be_asked = False

    def __init__(self, channel: str, settings: Settings) -> None:
        """Raises ValueError in production: nobody would get a message."""
        if settings.is_production:
            raise ValueError("the dev provider delivers to nobody; it is refused in production")
        self.channel = channel

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Nothing to do."""
        return DeliveryResult(State.DELIVERED)

    async def ask(self, reference: str) -> DeliveryResult | None:
        """Nobody to ask."""
        return None

    def reports(self, callback: Callback) -> list[Report]:
        """It never calls."""
        raise CallbackRefusedError("this provider makes no callbacks")

    def inbound(self, callback: Callback) -> InboundMessage | None:
        """It never calls."""
        raise CallbackRefusedError("this provider makes no callbacks")

    async def close(self) -> None:
        """Nothing is open."""
