"""Settings of the requests service."""

from datetime import timedelta
from pathlib import Path

from services.requests.models.guessing import TrackLimits
from shared.settings import Settings


class RequestsSettings(Settings):
    """Where the catalogue's files are, and how often changes made by another replica are looked for (seconds).

    `receipt_key_days` is the age at which the key of receipts is renewed; `fonts_dir` is where printed receipts find
    their fonts.
    """

    catalogue_dir: Path = Path(__file__).parent / "catalogue"
    catalogue_every: float = 5.0
    dispute_days: int = 14
    receipt_key_days: int = 365
    fonts_dir: Path = Path("/usr/share/fonts")
    track_tries: int = 10
    track_tries_per_address: int = 10
    track_window: float = 3600.0

    @property
    def track_limits(self) -> TrackLimits:
        """How many wrong digits are looked at, by number and by address, in how long."""
        window = timedelta(seconds=self.track_window)
        return TrackLimits(self.track_tries, self.track_tries_per_address, window)
