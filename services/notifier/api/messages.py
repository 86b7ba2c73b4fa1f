"""For administrators: the text of each message, and test messages."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Request
from pydantic import Field, StringConstraints

from services.notifier import schemas
from services.notifier.models.message import EMAIL, SMS
from services.notifier.trial.service import Trials
from shared.addresses import EMAIL_LENGTH, read_email, read_mobile
from shared.auth import Principal, needs
from shared.errors import InvalidError, field_error, language_of
from shared.events import Channel
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router, use

PATH = "/api/v1/admin/messages"
router = Router(tags=["admin"])
Admin = Annotated[Principal, Depends(needs(Right.MANAGE_MESSAGES))]
UsesTrials = Annotated[Trials, use("trials")]
Name = Annotated[str, Path(max_length=100, pattern=r"^[a-z_.]+$")]


class PreviewBody(Body):
    """The text and its values."""

    language: Literal["en", "ur"]
    channel: Channel
    sample: Literal["usual", "longest"] = "usual"


class TrialBody(Body):
    """The recipient: a Pakistani mobile for an SMS, or an email address."""

    to: Annotated[str, StringConstraints(max_length=EMAIL_LENGTH), Field(repr=False)]
    language: Literal["en", "ur"]


@router.get(PATH, operation_id="list_message_texts")
async def all_texts(_: Admin, trials: UsesTrials) -> schemas.MessageTexts:
    """List every message: audience, channels, and the maximum number of SMS."""
    return trials.all()


@router.post(f"{PATH}/{{template}}/preview", operation_id="preview_message")
async def preview(_: Admin, template: Name, trials: UsesTrials, body: PreviewBody) -> schemas.MessagePreview:
    """Preview a message with usual or with the longest values; for an SMS with its parts and alphabet."""
    return trials.preview(template, body.language, body.channel, body.sample)


@router.post(f"{PATH}/{{template}}/test", operation_id="test_message")
async def test(
    request: Request, admin: Admin, template: Name, trials: UsesTrials, body: TrialBody
) -> schemas.MessageTried:
    """Send a message with example values to an address, by the first provider that accepts it; 20 an hour."""
    channel = EMAIL if "@" in body.to else SMS
    to = read_email(body.to) if channel == EMAIL else read_mobile(body.to)
    if to is None:
        raise InvalidError(errors=[field_error("/to", "format", language_of(request.headers))])
    return await trials.send(template, body.language, channel, to, admin)
