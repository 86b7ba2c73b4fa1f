"""Delivery of codes. Shown for logins only: elsewhere it would reveal that there is an account."""

from dataclasses import dataclass
from datetime import UTC, datetime

from services.identity.accounts.models.challenge import Challenge, Channel
from services.identity.accounts.models.citizen import Citizen

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """One requested code; `delivered_at` is set once it is known to have reached handset or mailbox."""

    channel: Channel
    sent_at: datetime
    delivered_at: datetime | None


def sends_of(challenge: Challenge, citizen: Citizen | None) -> tuple[Sent, ...]:
    """Every code of the challenge, oldest first; `citizen` got them, or is None if delivery may not be shown."""
    ends = [*(send.at for send in challenge.sends[1:]), NEVER]
    return tuple(
        Sent(send.channel, send.at, _delivered(citizen, challenge.id, send.at, end) if citizen else None)
        for send, end in zip(challenge.sends, ends, strict=True)
    )


def _delivered(citizen: Citizen, challenge: str, start: datetime, end: datetime) -> datetime | None:
    """When the code written between two counted sends arrived.

    Also None for a send that was counted but never written, after a crash or for lack of a channel.
    """
    for delivery in citizen.deliveries:
        if delivery["challenge"] == challenge and start <= delivery["at"] < end:
            arrived: datetime | None = delivery["delivered_at"]
            return arrived
    return None
