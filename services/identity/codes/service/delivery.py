"""Delivery of codes. Shown for logins only: elsewhere it would reveal that there is an account."""

from datetime import UTC, datetime

from pydantic import BaseModel

from services.identity.accounts.models.challenge import Challenge
from services.identity.accounts.models.citizen import Citizen
from shared.clock import Moment
from shared.events import Channel

NEVER = datetime.max.replace(tzinfo=UTC)


class SentAnswer(BaseModel):
    """One requested code; it is really sent only if there is an account.

    `delivered_at` is null until the code is known to have arrived. Only logins show it: elsewhere it would reveal
    whether there is an account.
    """

    channel: Channel
    sent_at: Moment
    delivered_at: Moment | None


def sends_of(challenge: Challenge, citizen: Citizen | None) -> tuple[SentAnswer, ...]:
    """Every code of the challenge, oldest first; `citizen` got them, or is None if delivery may not be shown."""
    ends = [*(send.at for send in challenge.sends[1:]), NEVER]
    return tuple(
        SentAnswer(
            channel=send.channel,
            sent_at=send.at,
            delivered_at=_delivered(citizen, challenge.id, send.at, end) if citizen else None,
        )
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
