"""Services of the catalogue, as everybody and as administrators see them."""

from typing import Any, Literal, NotRequired

from pydantic import BaseModel
from typing_extensions import TypedDict

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.request.schemas import Check
from shared.clock import TimeText
from shared.errors import FieldError


class Due(TypedDict):
    """A time in working days of the department's calendar, or as the clock runs."""

    calendar: str
    days: NotRequired[int]
    hours: NotRequired[int]


class BothWords(TypedDict):
    """The same in both languages."""

    en: str
    ur: str


class ShownFee(TypedDict):
    """What it costs in Pakistani rupees."""

    amount: int
    note: NotRequired[BothWords]


class Service(TypedDict):
    """A service as a line of the catalogue: `department` is the usual one, no `districts` means everywhere."""

    code: str
    kind: Literal["application", "complaint"]
    category: str
    name: BothWords
    summary: BothWords
    department: str
    fee: ShownFee
    due: Due
    confidential: Literal["allowed", "always", "never"]
    anonymous: bool
    districts: list[str]
    version: int


class Services(TypedDict):
    """Services that can be asked for, and the names of all districts by code; words in both languages."""

    services: list[Service]
    districts: dict[str, BothWords]


class ShownEntry(CatalogueEntry):
    """A service whole: charter, form and rules, words in both languages."""

    version: int
    retired: bool


class District(TypedDict):
    """A district by its code, with its name in both languages."""

    code: str
    name: BothWords


class Districts(TypedDict):
    """All districts that requests can be about."""

    districts: list[District]


class ServiceLine(TypedDict):
    """A service as a line of the administrator's list: what is in force, and whether there is a draft."""

    code: str
    name: BothWords
    version: int | None
    stage: str | None
    draft: str | None
    published_at: TimeText | None
    published_by: str | None
    retired_at: TimeText | None
    retired_by: str | None


class ServiceLines(TypedDict):
    """Every service with the stages of its versions."""

    services: list[ServiceLine]


class ServiceWhole(ServiceLine):
    """A service with its texts; for the description alone, the answer is made without it."""

    entry: CatalogueEntry | None
    draft_entry: CatalogueEntry | None


class PublishedService(TypedDict):
    """What was published, and as which version."""

    code: str
    version: int


class VersionLine(TypedDict):
    """A published version."""

    version: int
    stage: str | None
    published_at: TimeText | None
    published_by: str | None


class VersionLines(TypedDict):
    """The published versions of a service, newest first."""

    versions: list[VersionLine]


class VersionWhole(VersionLine):
    """A published version with its text; for the description alone."""

    entry: CatalogueEntry


class Destination(TypedDict):
    """The department that a filing would go to, and why."""

    to: str
    because: str


class Checked(TypedDict):
    """What stands in the way of filing; where nothing does, what the rules say and where the request would go."""

    missing: list[FieldError]
    wrong: list[FieldError]
    complete: bool
    checks: list[Check]
    department: Destination | None


class Tried(BaseModel):
    """How a version took sample answers; for the description alone."""

    errors: list[FieldError]
    state: str | None
    checks: list[Check]
    department: Destination | None
    entry: dict[str, Any]
