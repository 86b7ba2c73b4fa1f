"""Settings of the notifier."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from services.notifier.models.hours import WorkingHours
from services.notifier.provider_settings import ProviderSettings


class NotifierSettings(ProviderSettings):
    """The providers of messages, how they are sent, and when members of staff get messages about work."""

    courier_every: float = Field(1.0, description="seconds between two searches for waiting messages")
    courier_lease: float = Field(30.0, description="seconds for which an attempt has a message to itself")
    courier_workers: int = Field(32, ge=1, description="messages sent at once, in each lane of each channel")
    erase_every: float = Field(5.0, description="seconds between two searches for unfinished erasures")
    combine_within: float = Field(5.0, ge=0, description="seconds for which a message waits for one that includes it")
    send_patience: float = Field(10.0, description="seconds in which a provider must accept a message")

    work_hours: str = Field("08:00-18:00", description="hours for messages to staff about work, in Pakistan's time")
    work_days: str = Field("mon tue wed thu fri sat", description="days for messages to staff about work")
    work_gather: float = Field(300.0, gt=0, description="seconds of work that one such message covers")

    texts: Path | None = Field(None, description="folder of texts that replace ours")
    dispute_days: float = Field(14, description="the same value as for requests: messages contain the day")
    appeal_days: float = Field(30, description="the same value as for requests")

    @model_validator(mode="after")
    def check_whole(self) -> Self:
        """Require that an attempt ends before its lease, and that working hours are valid."""
        if self.courier_lease < 2 * self.send_patience:
            raise ValueError("RABTA_COURIER_LEASE must be at least twice RABTA_SEND_PATIENCE")
        WorkingHours.of(self.work_hours, self.work_days, self.work_gather)
        return self
