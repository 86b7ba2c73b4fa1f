"""What became of codes that were sent, told alike for challenges that lead nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.models.challenge import Challenge, Channel
from services.identity.models.citizen import Citizen

USUAL = timedelta(seconds=2)
LONGEST = timedelta(minutes=2)


@dataclass(frozen=True)
class Sent:
    """One code on its way; `delivered_at` once it is known to have reached its handset or mailbox."""

    channel: Channel
    sent_at: datetime
    delivered_at: datetime | None


class Latency:
    """How long the last code took that was delivered; codes that were never sent are said to take as long."""

    def __init__(self) -> None:
        self.last = USUAL

    def note(self, took: timedelta) -> None:
        """Keep it, within reason."""
        self.last = min(max(took, timedelta()), LONGEST)


def sends_of(challenge: Challenge, citizen: Citizen | None, latency: Latency, now: datetime) -> tuple[Sent, ...]:
    """Every code of the challenge, oldest first."""
    known = [d for d in citizen.deliveries if d["challenge"] == challenge.id] if citizen is not None else []
    sends = []
    for place, send in enumerate(challenge.sends):
        if citizen is not None:
            delivered_at = known[place]["delivered_at"] if place < len(known) else None
        else:
            delivered_at = send.at + latency.last if send.at + latency.last <= now else None
        sends.append(Sent(send.channel, send.at, delivered_at))
    return tuple(sends)
