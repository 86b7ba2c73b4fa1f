"""The developer's channel: what is recorded is read in `/dev/outbox`. For demo and test only."""

from services.notifier.channels.port import DeliveryResult, Letter
from services.notifier.models import State
from shared.settings import Settings


class DevChannel:
    """Delivers by recording."""

    recording_delivers = True

    def __init__(self, name: str, settings: Settings) -> None:
        """Raises ValueError in production: nobody would get a message."""
        if settings.is_production:
            raise ValueError("the dev channel delivers to nobody; it is refused in production")
        self.name = name

    async def deliver(self, letter: Letter) -> DeliveryResult:
        """Nothing to do."""
        return DeliveryResult(State.DELIVERED)

    async def close(self) -> None:
        """Nothing is open."""
