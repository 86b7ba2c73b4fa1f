"""For administrators: what each message says, and one sent to try the providers."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Request
from pydantic import Field, StringConstraints

from services.notifier import schemas
from services.notifier.models.message import EMAIL, SMS
from services.notifier.trial.service import Trials
from shared.addresses import EMAIL_LENGTH, read_email, read_mobile
from shared.auth import Principal, needs
from shared.errors import InvalidError, field_error, language_of
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router, use

PATH = "/api/v1/admin/messages"
router = Router(tags=["admin"])
Admin = Annotated[Principal, Depends(needs(Right.MANAGE_MESSAGES))]
Uses = Annotated[Trials, use("trials")]
Name = Annotated[str, Path(max_length=100, pattern=r"^[a-z_.]+$")]


class PreviewBody(Body):
    """Which text, and with which values."""

    language: Literal["en", "ur"]
    channel: Literal["sms", "email"]
    sample: Literal["usual", "longest"] = "usual"


class TrialBody(Body):
    """To whom: a Pakistani mobile for an SMS, or an email address."""

    to: Annotated[str, StringConstraints(max_length=EMAIL_LENGTH), Field(repr=False)]
    language: Literal["en", "ur"]


@router.get(PATH, operation_id="list_message_texts")
async def all_texts(_: Admin, trials: Uses) -> schemas.MessageTexts:
    """Every message that is ever sent: for whom, by which channels, and how many SMS it takes at most."""
    return trials.all()


@router.post(
    f"{PATH}/{{template}}/preview",
    operation_id="preview_message",
)
async def preview(_: Admin, template: Name, trials: Uses, body: PreviewBody) -> schemas.MessagePreview:
    """What a message says, with usual or with the longest values; of an SMS, its parts and alphabet."""
    return trials.preview(template, body.language, body.channel, body.sample)


@router.post(
    f"{PATH}/{{template}}/test",
    operation_id="test_message",
)
async def test(request: Request, admin: Admin, template: Name, trials: Uses, body: TrialBody) -> schemas.MessageTried:
    """Send a message with made-up values to an address, by the first provider that takes it; 20 an hour."""
    channel = EMAIL if "@" in body.to else SMS
    to = read_email(body.to) if channel == EMAIL else read_mobile(body.to)
    if to is None:
        raise InvalidError(errors=[field_error("/to", "format", language_of(request.headers))])
    return await trials.send(template, body.language, channel, to, admin)
