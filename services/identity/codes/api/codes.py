"""What the answers about all challenges share; they are made of a `Pending`."""

from typing import Annotated, Literal

from pydantic import BaseModel

from services.identity.accounts.api.bodies import ResendBody
from services.identity.codes.service.codes import Codes
from services.identity.codes.service.delivery import SentAnswer
from shared.events import Channel
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


class CodeStateAnswer(ChallengeAnswer):
    """Every code that was sent for this challenge, oldest first."""

    sends: list[SentAnswer]
