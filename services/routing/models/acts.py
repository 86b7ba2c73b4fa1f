"""What a department can do with an assignment, as its officers and its software send it; by AMQP or HTTP alike."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.routing.models.reply import checked_reason, checked_reply, without_gap
from shared.jsonbody import Body
from shared.spelling import AS_TEXT

Text = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(without_gap), AS_TEXT]

Reason = Literal[
    "not_eligible",
    "documents_missing",
    "no_fault_found",
    "against_the_law",
    "no_funds",
    "already_done",
    "done_in_part",
    "planned_later",
    "other",
]
"""Why a request was not granted, or only partly. "Not ours" is missing because that is a transfer."""
WITH_REASON: dict[str, Any] = {
    "if": {"properties": {"outcome": {"const": "granted"}}},
    "then": {"properties": {"reason": {"type": "null"}}},
    "else": {"required": ["reason"], "properties": {"reason": {"type": "string"}}},
}
"""The rule of `checked_reason` as JSON Schema, for the description of the API."""


class Act(Body):
    """An action of a department; unknown fields are refused."""


class Accept(Act):
    """The department takes it on."""

    action: Literal["accept"] = "accept"


class Ask(Act):
    """Only the citizen knows this."""

    action: Literal["ask"] = "ask"
    question: Text


class Progress(Act):
    """Something was done."""

    action: Literal["progress"] = "progress"
    note: Text


class Transfer(Act):
    """It is another department's."""

    action: Literal["transfer"] = "transfer"
    to: Annotated[str, Field(min_length=2, max_length=60)]
    reason: Text


class Resolve(Act):
    """It is done, or cannot be: an outcome and a reply to the citizen."""

    model_config = ConfigDict(json_schema_extra=WITH_REASON)
    action: Literal["resolve"] = "resolve"
    outcome: Literal["granted", "partly_granted", "not_granted"]
    reason: Annotated[
        Reason | None,
        Field(
            validate_default=True,
            description="why it was not granted, or not wholly: needed then, and left out when it was granted",
        ),
    ] = None
    reply: Annotated[
        str,
        Field(min_length=10, max_length=4000, description="what the citizen is told; more than that it was forwarded"),
        AfterValidator(checked_reply),
        AfterValidator(without_gap),
        AS_TEXT,
    ]

    @field_validator("reason", mode="before")
    @classmethod
    def _says_why(cls, reason: Any, info: ValidationInfo) -> Any:
        return checked_reason(reason if isinstance(reason, str | None) else "", info.data.get("outcome")) or reason


DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_only(value: object) -> object:
    """A day is written as 2026-03-12 and in no other way."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise PydanticCustomError("date", "refused")
    return value


class Delay(Act):
    """It takes longer: why, and a new date. The due date stays."""

    action: Literal["delay"] = "delay"
    reason: Text
    until: Annotated[
        date,
        Field(strict=False, description="the new date, in Pakistan: later than the due date, within 90 days"),
        BeforeValidator(day_only),
    ]


AnyAct = Annotated[Accept | Ask | Progress | Transfer | Resolve | Delay, Field(discriminator="action")]
ACT: TypeAdapter[AnyAct] = TypeAdapter(AnyAct)
