"""What all challenges have in common over HTTP: sending again, and what became of the codes that were sent."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel

from services.identity.models.challenge import Channel, Purpose
from services.identity.service.codes import CodeFailedError, Codes, Pending
from shared.errors import NotFoundError

RESEND_EXAMPLE = {"channel": "sms"}


class ChallengeAnswer(BaseModel):
    """What is next: the code. `resend_after` in seconds; `channels` says where the next code may be sent."""

    next: Literal["otp"] = "otp"
    resend_after: int
    channels: list[Channel]


class SentAnswer(BaseModel):
    """One code on its way; `delivered_at` is null until it is known to have arrived."""

    channel: Channel
    sent_at: datetime
    delivered_at: datetime | None


class CodeStateAnswer(ChallengeAnswer):
    """Every code that was sent for this challenge, oldest first."""

    sends: list[SentAnswer]

    @classmethod
    def of(cls, pending: Pending) -> Self:
        """The answer for a state."""
        sends = [
            SentAnswer(channel=sent.channel, sent_at=sent.sent_at, delivered_at=sent.delivered_at)
            for sent in pending.sends
        ]
        return cls(resend_after=pending.resend_after, channels=[*pending.channels], sends=sends)


async def state_of(codes: Codes, purpose: Purpose, challenge: str) -> CodeStateAnswer:
    """What became of the codes of a challenge. Raises NotFoundError for one that was never given."""
    try:
        return CodeStateAnswer.of(await codes.state(purpose, challenge))
    except CodeFailedError:
        raise NotFoundError from None
