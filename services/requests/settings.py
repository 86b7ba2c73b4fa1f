"""Settings of the requests service."""

from pathlib import Path

from shared.settings import Settings


class RequestsSettings(Settings):
    """Where the catalogue's files are, and how often changes made by another replica are looked for (seconds)."""

    catalogue_dir: Path = Path(__file__).parent / "catalogue"
    catalogue_every: float = 5.0
    dispute_days: int = 14
