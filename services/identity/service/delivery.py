"""What became of codes that were sent, told alike for challenges that lead nowhere."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import SystemRandom

from services.identity.models.challenge import Challenge, Channel
from services.identity.models.citizen import Citizen

USUAL = timedelta(seconds=2)
LONGEST = timedelta(minutes=2)
REMEMBERED = 50
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """One code on its way; `delivered_at` once it is known to have reached its handset or mailbox."""

    channel: Channel
    sent_at: datetime
    delivered_at: datetime | None


class Latency:
    """How long the last codes took that were delivered; codes that were never sent are said to take about as long."""

    def __init__(self) -> None:
        self._took = deque([USUAL], REMEMBERED)
        self._random = SystemRandom()

    def note(self, took: timedelta) -> None:
        """Keep it, within reason."""
        self._took.append(min(max(took, timedelta()), LONGEST))

    def draw(self) -> float:
        """Seconds like those of one of the last codes, and like no other's: two that are equal would tell."""
        return self._random.choice(self._took).total_seconds() * self._random.uniform(0.8, 1.2)


def sends_of(challenge: Challenge, citizen: Citizen | None, now: datetime) -> tuple[Sent, ...]:
    """Every code of the challenge, oldest first; `citizen` is whom they were sent to, if there is somebody."""
    ends = [*(send.at for send in challenge.sends[1:]), NEVER]
    sends = []
    for send, end in zip(challenge.sends, ends, strict=True):
        if citizen is not None:
            delivered_at = _delivered(citizen, challenge.id, send.at, end)
        else:
            said_at = send.at + timedelta(seconds=send.takes)
            delivered_at = said_at if said_at <= now else None
        sends.append(Sent(send.channel, send.at, delivered_at))
    return tuple(sends)


def _delivered(citizen: Citizen, challenge: str, start: datetime, end: datetime) -> datetime | None:
    """When the code arrived that was written after its send was counted and before the next one was.

    None too for one that was counted and never written, after a crash or where there was no way to send it.
    """
    for delivery in citizen.deliveries:
        if delivery["challenge"] == challenge and start <= delivery["at"] < end:
            arrived: datetime | None = delivery["delivered_at"]
            return arrived
    return None
