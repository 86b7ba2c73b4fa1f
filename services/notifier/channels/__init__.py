"""How messages leave the house: one adapter for each way, behind one port.

A real SMS gateway is one more file here and one more line in `CHANNELS`.
"""

from collections.abc import Callable

from services.notifier.channels.dev import DevChannel
from services.notifier.channels.port import Channel, DeliveryResult
from services.notifier.settings import NotifierSettings

CHANNELS: dict[str, Callable[[NotifierSettings], Channel | None]] = {
    "email": lambda settings: None if settings.is_production else DevChannel("email", settings),
    "sms": lambda settings: None if settings.is_production else DevChannel("sms", settings),
}
"""What delivers each channel. Without an adapter messages are recorded, shown to the citizen, and wait."""

__all__ = ["CHANNELS", "Channel", "DeliveryResult", "DevChannel"]
