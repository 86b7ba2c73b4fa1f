"""Settings of the requests service."""

from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from services.requests.files.scanning import Scanner, scanner_of
from services.requests.files.service.upload_budget import SLOW_SHARE
from services.requests.life.models import KeepDays
from services.requests.reading.models import AN_ADDRESS_AN_HOUR, TrackLimits, of_an_address
from services.requests.request.models.attachment import MAX_BYTES
from services.requests.request.models.waiting import Waits
from shared.settings import Settings

SCAN_SECONDS = 20.0
MIN_MEMORY = round(MAX_BYTES / SLOW_SHARE)
"""With less memory the largest file would not fit into the pool of slow uploads."""


class RequestsSettings(Settings):
    """The catalogue, files and their antivirus, receipts, retention, and how long requests wait for citizens."""

    catalogue_dir: Path = Field(
        Path(__file__).parent / "catalogue" / "services", description="folder with the files of the catalogue"
    )
    scanner: str = Field(
        "none",
        description="the [antivirus](runbook.md#antivirus): `tcp://host:port` or `unix:///path` of a clamd, `none` "
        "(demo and test only) or `none-accepted`",
    )
    scan_again_every: float = Field(60.0, description="seconds between two scans of a file that could not be scanned")
    check_processes: int = Field(2, description="processes that read and encode files")
    attachment_quota: int = Field(100_000_000, description="bytes of files that an account may keep")
    anonymous_quota: int = Field(25_000_000, description="bytes of files that may be added to an anonymous request")
    attachments_every: float = Field(5.0, description="seconds between two sweeps of files without a request")
    upload_memory: int = Field(
        10 * MAX_BYTES, ge=MIN_MEMORY, description=f"bytes of uploads in memory at once, at least {MIN_MEMORY}"
    )
    receipt_key_days: int = Field(365, description="days after which a new key for receipts is made")
    day_every: float = Field(60.0, description="seconds between two checks for days to close")
    fonts_dir: Path = Field(
        Path("/usr/share/fonts"), description="folder with fonts for printed receipts; Amiri replaces missing ones"
    )
    erase_every: float = Field(
        5.0, description="seconds between two sweeps for unfinished erasures and for corrected names and mobiles"
    )
    keep_resolved_days: int = Field(
        1826, description="days for which a request that ended with an outcome keeps personal data"
    )
    keep_withdrawn_days: int = Field(365, description="the same for a request that ended without an outcome")
    retention_every: float = Field(
        86_400.0,
        description="seconds between two anonymisations of overdue requests; 0: by the command only",
    )
    track_tries_per_address: int = Field(
        AN_ADDRESS_AN_HOUR,
        ge=1,
        description="wrong digits that one client address may send over all tracking numbers: so many at once, and as "
        "many an hour",
    )
    answer_remind_days: tuple[float, ...] = Field(
        (3, 7), description="days after a question on which its citizen is reminded"
    )
    answer_close_days: float = Field(14, description="days after which the request is closed without an answer")
    outcome_remind_days: tuple[float, ...] = Field(
        (7,), description="days after an outcome on which its citizen is reminded"
    )
    dispute_days: float = Field(14, description="days in which an outcome can be disputed; then it stands")
    appeal_days: float = Field(30, description="days in which an outcome of the head can be appealed against")

    @model_validator(mode="after")
    def check_scanner(self) -> Self:
        """Refuse an invalid scanner, and in production `none`."""
        self.file_scanner  # noqa: B018  # raises ValueError
        return self

    @cached_property
    def file_scanner(self) -> Scanner:
        """The scanner of attachments."""
        return scanner_of(self.scanner, SCAN_SECONDS, production=self.is_production)

    @property
    def track_limits(self) -> TrackLimits:
        """Limits of wrong digits, by number and by address."""
        return TrackLimits(address=of_an_address(self.track_tries_per_address))

    @property
    def keep_days(self) -> KeepDays:
        """How long ended requests keep personal data."""
        return KeepDays(self.keep_resolved_days, self.keep_withdrawn_days)

    @property
    def waits(self) -> Waits:
        """How long requests wait for citizens."""
        return Waits(
            self.answer_remind_days,
            self.answer_close_days,
            self.outcome_remind_days,
            self.dispute_days,
            self.appeal_days,
        )
