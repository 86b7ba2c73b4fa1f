"""The file that describes an SMS gateway's requests and callbacks: see `gateways/*.yaml`."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from services.notifier.models.notification import DeliveryState
from shared.yaml_file import read_yaml

PRESETS = Path(__file__).with_name("gateways")
PLACES = ("account", "secret", "sender", "to", "digits", "words", "reference", "callback", "unicode")
"""The placeholders of a gateway file; see docs/messages.md."""
PLACE = re.compile("{(" + "|".join(PLACES) + ")}")


class GatewayOutcome(StrEnum):
    """The meaning of a gateway's word or error code."""

    SENDING = "sending"
    DELIVERED = "delivered"
    TEMPORARY = "temporary-failure"
    TECHNICAL = "technical-failure"
    PERMANENT = "permanent-failure"
    BAD_NUMBER = "bad-number"
    """Permanent for every message to that number."""

    @property
    def state(self) -> DeliveryState:
        """The state of the message."""
        return DeliveryState.PERMANENT_FAILURE if self is GatewayOutcome.BAD_NUMBER else DeliveryState(self.value)


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a valid pattern: {error}") from None
    return pattern


def _has_group(pattern: str) -> str:
    if not re.compile(_compiles(pattern)).groups:
        raise ValueError("needs a group: parentheses around the wanted part")
    return pattern


def _lower_keys(table: Any) -> Any:
    """Words of gateways in lower case; codes may be given as numbers."""
    if isinstance(table, dict) and any(isinstance(key, bool) for key in table):
        raise ValueError("yes, no, on and off need quotes, because YAML reads them as true and false")
    return {str(key).lower(): value for key, value in table.items()} if isinstance(table, dict) else table


Pattern = Annotated[str, AfterValidator(_compiles)]
Group = Annotated[str, AfterValidator(_has_group)]
Meanings = Annotated[dict[str, GatewayOutcome], BeforeValidator(_lower_keys)]
SIGNING = "(?i)^[a-z0-9-]*(signature|hmac)[a-z0-9-]*$"
"""The headers of a callback that the portal's gateway forwards."""
NEVER, NEVER_ANY = "(?!)", "(?!)()"


class FilePart(BaseModel):
    """A part of the file. Unknown keys are errors, so that misspelt ones are detected at start."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Call(FilePart):
    """A request to the gateway. All texts may contain `PLACES` in braces."""

    method: Literal["GET", "POST"]
    path: Annotated[str, Field(description="added to the gateway's address")] = ""
    basic: Annotated[bool, Field(description="sign in by HTTP Basic with account and secret")] = False
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    form: dict[str, str] = {}
    json_body: dict[str, JsonValue] = {}


class StatusQuery(Call):
    """The request that asks about a message; `{reference}` is the one that `by` names."""

    method: Literal["GET", "POST"] = "GET"
    by: Literal["ours", "theirs"]
    status: Annotated[Group, Field(description="finds the word for the message's state")]
    code: Annotated[Group, Field(description="finds the error code")] = NEVER_ANY
    reference: Annotated[Group, Field(description="finds the gateway's own name for the message")] = NEVER_ANY
    unknown: Annotated[Pattern, Field(description="an answer that it does not know our reference")] = NEVER


class CallbackFields(FilePart):
    """The fields of a callback about messages: names in a form, dotted paths in JSON."""

    each: Annotated[str, Field(description="the path of a list in JSON: one callback about several messages")] = ""
    ours: str = ""
    theirs: str = ""
    status: str
    code: str = ""


class Inbound(FilePart):
    """The fields of a callback with an inbound message."""

    sender: str
    words: str
    id: str = ""


class Signature(FilePart):
    """The signature of a callback."""

    kind: Literal["twilio", "hmac-sha256", "secret"]
    header: Annotated[str, Field(description="of hmac-sha256", pattern=SIGNING)] = "X-Signature"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: Annotated[str, Field(description="what stands before the signature, such as `sha256=`")] = ""
    parameter: Annotated[str, Field(description="of secret: the parameter in the address that holds it")] = "key"


class Dialect(FilePart):
    """How a provider calls us, and what its words mean."""

    states: Annotated[Meanings, Field(description="what its words for states mean")] = {}
    codes: Annotated[Meanings, Field(description="error codes that say more than the word of a failure")] = {}
    receipt: CallbackFields | None = None
    inbound: Inbound | None = None
    signature: Signature | None = None

    def meaning(self, status: str | None, code: str | None) -> GatewayOutcome | None:
        """The meaning of a word with an error code; None for an unknown word."""
        outcome = self.states.get((status or "").strip().lower())
        if outcome in (None, GatewayOutcome.SENDING, GatewayOutcome.DELIVERED):
            return outcome
        return self.codes.get((code or "").strip().lower(), outcome)


class GatewayFile(Call, Dialect):
    """How a gateway is called, and how it calls us."""

    accepted: Annotated[Pattern, Field(description="an answer that takes the message; may name `reference`")]
    refused: Annotated[Pattern, Field(description="an answer that the number takes no messages")] = NEVER
    blocked: Annotated[Pattern, Field(description="an answer that this message will never arrive")] = NEVER
    ask: StatusQuery | None = None

    @classmethod
    def read(cls, name: str) -> "GatewayFile":
        """A preset by its name, or a file by its path. Raises ValueError."""
        file = Path(name) if "/" in name else PRESETS / f"{name}.yaml"
        if not file.is_file():
            known = ", ".join(sorted(preset.stem for preset in PRESETS.glob("*.yaml")))
            raise ValueError(f"there is no SMS gateway file {name}; presets are {known}")
        try:
            return cls.model_validate(read_yaml(file)).checked()
        except (yaml.YAMLError, ValueError) as error:
            raise ValueError(f"the SMS gateway file {name} cannot be used: {_reason(error)}") from None

    def checked(self) -> "GatewayFile":
        """The file, after checking that its parts fit together. Raises ValueError."""
        if (self.receipt or self.inbound) and self.signature is None:
            raise ValueError("receipt and inbound need a signature, or anybody could send them")
        if (self.receipt or self.ask) and not self.states:
            raise ValueError("receipt and ask need states: the gateway's words with their meanings")
        if self.receipt and not (self.receipt.ours or self.receipt.theirs):
            raise ValueError("receipt needs ours or theirs, the field with the reference")
        return self


def _reason(error: Exception) -> str:
    """The errors, one line for each place."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}" for wrong in error.errors())
    return " ".join(str(error).split())
