"""Settings of the requests service."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.requests.files.scanning import Scanner, scanner_of
from services.requests.files.service.room import SLOW_SHARE
from services.requests.reading.models.guessing import AN_ADDRESS_AN_HOUR, TrackLimits, of_an_address
from services.requests.request.models.attachment import MAX_BYTES
from services.requests.request.models.retention import KeepDays
from services.requests.request.models.waiting import Waits
from shared.settings import Settings

MIN_MEMORY = round(MAX_BYTES / SLOW_SHARE)
"""With less for uploads, the slow ones would have no room for the largest file."""


class RequestsSettings(Settings):
    """Where the catalogue's files are; how often other replicas' changes and due clocks are looked for (seconds).

    `receipt_key_days` is the age at which the key of receipts is renewed; `fonts_dir` is where printed receipts find
    their fonts. Days are closed `day_close_after` seconds after midnight (UTC), looked for every `day_every` seconds.

    `scanner` is the antivirus: `tcp://host:port` or `unix:///path` of a clamd, `none` (demo and test only), or
    `none-accepted`. `attachment_quota` is bytes an account, `anonymous_quota` bytes that
    who filed without one may add to the request, `upload_memory` bytes of files in hand at once;
    `attachment_keep` is how long a file is kept that no request names.
    """

    catalogue_dir: Path = Path(__file__).parent / "catalogue" / "services"
    catalogue_every: float = 5.0
    scanner: str = "none"
    scan_seconds: float = 20.0
    scan_again_every: float = 60.0
    check_processes: int = 2
    check_seconds: float = 30.0
    attachment_quota: int = 100_000_000
    anonymous_quota: int = 25_000_000
    attachment_keep: float = 86_400.0
    attachments_every: float = 5.0
    upload_memory: Annotated[int, Field(ge=MIN_MEMORY)] = 10 * MAX_BYTES
    receipt_key_days: int = 365
    day_close_after: float = 600.0
    day_every: float = 60.0
    fonts_dir: Path = Path("/usr/share/fonts")
    merges_every: float = 5.0
    """How often to look for what was merged into requests that ended undone (seconds)."""
    erase_every: float = 5.0
    keep_resolved_days: int = 1826
    keep_withdrawn_days: int = 365
    retention_every: float = 86400.0
    """How often requests lose their person whose time is over (seconds); 0 leaves it to the command."""
    retention_look: float = 600.0
    """How often to look whether that is due (seconds)."""
    track_tries_per_address: Annotated[int, Field(ge=1)] = AN_ADDRESS_AN_HOUR

    @model_validator(mode="after")
    def check_scanner(self) -> Self:
        """Refuse a scanner that is none, and in production one that nobody has decided upon."""
        self.file_scanner  # noqa: B018  # made once, and here already
        return self

    @cached_property
    def file_scanner(self) -> Scanner:
        """What looks at every attachment."""
        return scanner_of(self.scanner, self.scan_seconds, production=self.is_production)

    @property
    def track_limits(self) -> TrackLimits:
        """How many wrong digits are looked at, by number and by address."""
        return TrackLimits(address=of_an_address(self.track_tries_per_address))

    clocks_every: float = 1.0
    clocks_lease: float = 30.0
    answer_remind_days: tuple[float, ...] = (3, 7)
    answer_close_days: float = 14
    outcome_remind_days: tuple[float, ...] = (7,)
    dispute_days: float = 14
    appeal_days: float = 30

    @property
    def keep_days(self) -> KeepDays:
        """How long requests that have ended keep their person, where a service declares nothing else."""
        return KeepDays(self.keep_resolved_days, self.keep_withdrawn_days)

    @property
    def waits(self) -> Waits:
        """How long citizens are waited for, where a service declares nothing else."""
        return Waits(
            self.answer_remind_days,
            self.answer_close_days,
            self.outcome_remind_days,
            self.dispute_days,
            self.appeal_days,
        )
