"""Preferences: channels, quiet hours, the digest, and unsubscribe links."""

from datetime import time
from typing import Annotated, Literal

from fastapi import Depends, Path, Request
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from services.notifier import schemas
from services.notifier.models.preferences import CHOICES, Preferences, Quiet
from services.notifier.preferences import CitizenPreferences, answer
from shared.auth import Principal, Public, needs
from shared.errors import language_of
from shared.events import Channel
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router, use
from shared.spelling import code_of

PATH = "/api/v1/notifications/preferences"
STOP = "/api/v1/notifications/stop/{token}"
"""The link in an email works without signing in: the token identifies its owner."""
router = Router(tags=["notifications"])
Own = Annotated[Principal, Depends(needs(Right.NOTIFICATIONS))]
UsesPreferences = Annotated[CitizenPreferences, use("preferences")]
Token = Annotated[str, Path(max_length=150, description="what stands at the end of the link")]


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
    """The channel of each group; `none`: on the portal only. Codes and account notices have no choice."""

    decisions: Channel = "sms"
    progress: Literal["sms", "email", "none"] = "sms"
    following: Literal["sms", "email", "none"] = "sms"


class QuietHours(Body):
    """Hours in which only codes, account notices and decisions are sent; over midnight if `end` is before `start`."""

    start: TimeOfDay
    end: TimeOfDay

    @model_validator(mode="after")
    def check_length(self) -> "QuietHours":
        """Refuse a whole day, which would delay messages for ever."""
        if self.start == self.end:
            raise PydanticCustomError("quiet_all_day", "refused")
        return self


class PreferencesBody(Body):
    """All preferences; what is left out gets its default."""

    channels: Channels = Channels()
    quiet_hours: QuietHours | None = None
    digest_at: TimeOfDay | None = Field(
        None, description="when to hear of followed requests once a day; null: of each step as it happens"
    )

    def chosen(self) -> Preferences:
        """The stored form, without defaults."""
        channels = {group: getattr(self.channels, group) for group in CHOICES}
        quiet = self.quiet_hours
        return Preferences(
            channels={str(group): channel for group, channel in channels.items() if channel != CHOICES[group][0]},
            quiet=Quiet(time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)) if quiet else None,
            daily=time.fromisoformat(self.digest_at) if self.digest_at else None,
        )


@router.get(PATH, operation_id="read_preferences")
async def read(principal: Own, choosing: UsesPreferences) -> schemas.Preferences:
    """Read the caller's preferences: channels, quiet hours, and the digest of followed requests."""
    return answer(await choosing.chosen(principal.id))


@router.put(PATH, operation_id="choose_preferences")
async def choose(
    request: Request, principal: Own, choosing: UsesPreferences, body: PreferencesBody
) -> schemas.Preferences:
    """Replace the caller's preferences; what is left out gets its default."""
    preferences = body.chosen()
    await choosing.choose(principal.id, preferences, language_of(request.headers))
    return answer(preferences)


@router.get(STOP, operation_id="read_stop_link", dependencies=[Public])
async def read_stop_link(token: Token, choosing: UsesPreferences) -> schemas.Stop:
    """Read the group of an unsubscribe link, and whether it is stopped. Changes nothing."""
    group, stopped = await choosing.stopped(token)
    return {"group": group.value, "stopped": stopped}


@router.post(STOP, operation_id="stop_messages", dependencies=[Public])
async def stop(token: Token, choosing: UsesPreferences) -> schemas.Stop:
    """Stop this group of messages. They still appear on the citizen's page of messages."""
    return {"group": (await choosing.stop(token, stopped=True)).value, "stopped": True}


@router.delete(STOP, operation_id="start_messages_again", dependencies=[Public])
async def start(token: Token, choosing: UsesPreferences) -> schemas.Stop:
    """Resume this group of messages by email."""
    return {"group": (await choosing.stop(token, stopped=False)).value, "stopped": False}
