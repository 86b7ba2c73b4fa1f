"""What all challenges share over HTTP: sending a code again, and the state of the codes."""

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
    """The next step: answer with the code, which was sent by `sent_by`. A new code may be sent to `channels`.

    `resend_after` is in seconds, `sms_after` too: it is set when the number has had its ten SMS codes of the day, and
    only email is left until then. The answer is the same whether or not there is an account.
    """

    next: Literal["otp"] = "otp"
    sent_by: Channel
    resend_after: int
    channels: list[Channel]
    sms_after: int | None = None


class SentAnswer(BaseModel):
    """One requested code; it is really sent only if there is an account.

    `delivered_at` is null until the code is known to have arrived. Only logins show it: elsewhere it would reveal
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
        """The answer for a challenge."""
        sends = [
            SentAnswer(channel=sent.channel, sent_at=sent.sent_at, delivered_at=sent.delivered_at)
            for sent in pending.sends
        ]
        return cls(**next_of(pending), sends=sends)


def next_of(pending: Pending) -> dict[str, Any]:
    """The fields that every answer about a challenge has."""
    return {
        "sent_by": pending.sent_by,
        "resend_after": pending.resend_after,
        "channels": [*pending.channels],
        "sms_after": pending.sms_after or None,
    }


async def state_of(codes: Codes, purpose: Purpose, challenge: str, *, of: str | None = None) -> CodeStateAnswer:
    """The state of a challenge's codes; with `of` only of that account's challenges. Raises NotFoundError."""
    try:
        return CodeStateAnswer.of(await codes.state(purpose, challenge, of=of))
    except CodeFailedError:
        raise NotFoundError from None
