"""What somebody wants to hear, by which channel, and when."""

from datetime import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from services.notifier import schemas
from services.notifier.choosing import Choosing, NoEmailError, answer
from services.notifier.models import CHOICES, Preferences, Quiet
from shared.auth import Principal, needs
from shared.errors import InvalidError, field_error, language_of
from shared.jsonbody import Body, body_of, described
from shared.rights import Right
from shared.spelling import code_of

PATH = "/api/v1/notifications/preferences"
router = APIRouter(tags=["notifications"])
Own = Annotated[Principal, Depends(needs(Right.NOTIFICATIONS))]
EXAMPLE = {
    "channels": {"decisions": "sms", "progress": "email", "following": "email"},
    "quiet_hours": {"start": "22:00", "end": "07:00"},
    "digest_at": "18:00",
}


def _hour(text: str) -> str:
    """An hour and minutes. Raises PydanticCustomError."""
    try:
        if len(text) == len("22:00"):
            return f"{time.fromisoformat(text):%H:%M}"
    except ValueError:
        pass
    raise PydanticCustomError("hour", "refused")


def _typed(value: object) -> object:
    return code_of(value) if isinstance(value, str) else value


TimeOfDay = Annotated[
    str, BeforeValidator(_typed), AfterValidator(_hour), Field(description="in Pakistan, from 00:00 to 23:59")
]


class Channels(Body):
    """By which channel each group comes; `none`: on the portal only. Codes and account notices have no choice."""

    decisions: Literal["sms", "email"] = "sms"
    progress: Literal["sms", "email", "none"] = "sms"
    following: Literal["sms", "email", "none"] = "sms"


class QuietHours(Body):
    """When nothing is sent but codes, account notices and decisions; over midnight where `end` is before `start`."""

    start: TimeOfDay
    end: TimeOfDay

    @model_validator(mode="after")
    def check_length(self) -> "QuietHours":
        """A whole day would hold messages for ever."""
        if self.start == self.end:
            raise PydanticCustomError("quiet_all_day", "refused")
        return self


class PreferencesBody(Body):
    """All that one wants; what is left out is as usual."""

    channels: Channels = Channels()
    quiet_hours: QuietHours | None = None
    digest_at: TimeOfDay | None = Field(
        None, description="when to hear of followed requests once a day; null: of each step as it happens"
    )

    def chosen(self) -> Preferences:
        """As it is kept: what is as usual is no choice."""
        channels = {group: getattr(self.channels, group) for group in CHOICES}
        quiet = self.quiet_hours
        return Preferences(
            channels={str(group): channel for group, channel in channels.items() if channel != CHOICES[group][0]},
            quiet=Quiet(time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)) if quiet else None,
            daily=time.fromisoformat(self.digest_at) if self.digest_at else None,
        )


def choosing_of(request: Request) -> Choosing:
    """The use cases of this process."""
    choosing: Choosing = request.app.state.choosing
    return choosing


@router.get(PATH, operation_id="read_preferences")
async def read(request: Request, principal: Own) -> schemas.Preferences:
    """What one hears by which channel, quiet hours, and when the digest of followed requests comes."""
    return answer(await choosing_of(request).chosen(principal.id))


@router.put(PATH, operation_id="choose_preferences", openapi_extra=described(PreferencesBody, EXAMPLE))
async def choose(
    request: Request, principal: Own, body: Annotated[PreferencesBody, Depends(body_of(PreferencesBody))]
) -> schemas.Preferences:
    """Choose what one hears, by which channel, and when; what is left out is as usual from then on."""
    preferences = body.chosen()
    try:
        await choosing_of(request).choose(principal.id, preferences)
    except NoEmailError as error:
        language = language_of(request.headers)
        wrong = [field_error(f"/channels/{group.value}", "email_missing", language) for group in error.groups]
        raise InvalidError(errors=wrong) from None
    return answer(preferences)
