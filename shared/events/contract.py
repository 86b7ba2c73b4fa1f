"""What every event contract is made of."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Sealed = Annotated[str, Field(json_schema_extra={"x-sealed": True}, description="sealed text, see shared/seal.py")]
Words = dict[str, str]
"""One text in each language, by language code: {"en": "...", "ur": "..."}."""
Facts = dict[str, str | int | bool]
ANONYMOUS = "anonymous:"
"""So begins the `citizen_id` of a request that nobody can be told about: nobody knows who filed it."""
CONFIDENTIAL = "confidential:"
"""So begins the `citizen_id` of a confidential request; the citizen's id follows, sealed as its `request.citizen`.

Departments get events, and know their ordinary requests' citizens: the plain id would tell them who it is.
"""


class Event(BaseModel):
    """What all events have: a type, a source, and a body that never changes once it was said."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    type: ClassVar[str]
    source: ClassVar[str]
