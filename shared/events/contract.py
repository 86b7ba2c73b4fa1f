"""The base class and common types of event contracts."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Sealed = Annotated[str, Field(json_schema_extra={"x-sealed": True}, description="sealed text, see shared/seal.py")]
Channel = Literal["sms", "email"]
"""A way to reach a person outside the portal."""
Words = dict[str, str]
"""One text in each language, by language code: {"en": "...", "ur": "..."}."""
Facts = dict[str, str | int | bool]
ANONYMOUS = "anonymous:"
"""The prefix of the `citizen_id` of an anonymous request: nobody knows the citizen, and nobody is notified."""
CONFIDENTIAL = "confidential:"
"""The prefix of the `citizen_id` of a confidential request; the citizen's id follows, sealed as `request.citizen`.

Departments get events and know the citizens of other requests, so the plain id would identify the citizen.
"""


def sealed_fields(event: "type[Event]") -> frozenset[str]:
    """The names of an event's sealed fields."""
    properties = event.model_json_schema().get("properties", {})
    return frozenset(name for name, part in properties.items() if "x-sealed" in str(part))


class Event(BaseModel):
    """The base of all events: a type, a source and an immutable body."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    type: ClassVar[str]
    source: ClassVar[str]
    """The service that publishes it: the module of `shared.events` that it stands in."""

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        cls.source = vars(cls).get("source", cls.__module__.rpartition(".")[2])
