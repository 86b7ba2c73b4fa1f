"""Settings of the notifier."""

from shared.settings import Settings


class NotifierSettings(Settings):
    """How often waiting notifications are looked for, and how long one attempt has the notification to itself."""

    courier_every: float = 1.0
    courier_lease: float = 30.0
    erase_every: float = 5.0
