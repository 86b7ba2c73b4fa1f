"""What all challenges have in common over HTTP: sending again, and what became of the codes that were sent."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel

from services.identity.accounts.api.bodies import ResendBody
from services.identity.accounts.models.challenge import Channel, Purpose
from services.identity.codes.service.codes import CodeFailedError, Codes, Pending
from shared.clock import Moment
from shared.errors import NotFoundError
from shared.routes import use

BY_SMS = ResendBody()


UsesCodes = Annotated[Codes, use("codes")]


class ChallengeAnswer(BaseModel):
    """What is next: the code, which was `sent_by` a channel; `channels` says where the next one may be sent.

    `resend_after` in seconds; `sms_after` too, where the number had its ten codes of a day and email is what is left.
    A citizen without email has to wait that long. A reset gets the same answer, so that it reveals nothing.
    """

    next: Literal["otp"] = "otp"
    sent_by: Channel
    resend_after: int
    channels: list[Channel]
    sms_after: int | None = None


class SentAnswer(BaseModel):
    """One code that was asked for, and sent if there is somebody to send it to.

    `delivered_at` is null until it is known to have arrived, which is told of a login alone: elsewhere it would tell
    whether there is an account.
    """

    channel: Channel
    sent_at: Moment
    delivered_at: Moment | None


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
        return cls(**next_of(pending), sends=sends)


def next_of(pending: Pending) -> dict[str, Any]:
    """What every answer about a challenge says of the code."""
    return {
        "sent_by": pending.sent_by,
        "resend_after": pending.resend_after,
        "channels": [*pending.channels],
        "sms_after": pending.sms_after or None,
    }


async def state_of(codes: Codes, purpose: Purpose, challenge: str, *, of: str | None = None) -> CodeStateAnswer:
    """What became of the codes of a challenge; with `of` only of that account's. Raises NotFoundError for any other."""
    try:
        return CodeStateAnswer.of(await codes.state(purpose, challenge, of=of))
    except CodeFailedError:
        raise NotFoundError from None
