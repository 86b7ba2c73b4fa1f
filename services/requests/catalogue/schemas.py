"""Answers about services: the public catalogue, and its administration."""

from typing import Any, Literal, NotRequired

from pydantic import BaseModel
from typing_extensions import TypedDict

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.request.schemas import Check
from shared.clock import TimeText
from shared.errors import FieldError


class Due(TypedDict):
    """A time limit, in working time or by the clock."""

    calendar: str
    days: NotRequired[int]
    hours: NotRequired[int]
    escalate: NotRequired[list["Escalation"]]
    """The escalation of overdue requests, where the service declares it."""


class Escalation(TypedDict):
    """An escalation to the head of the department or of the organisation, after the due date or at once."""

    to: Literal["head", "organisation"]
    after: NotRequired[Due]


class BothWords(TypedDict):
    """A text in both languages."""

    en: str
    ur: str


class ShownFee(TypedDict):
    """The fee in Pakistani rupees."""

    amount: int
    note: NotRequired[BothWords]


class Service(TypedDict):
    """A service in the catalogue. `department` is the usual one; empty `districts` means everywhere."""

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
    public: NotRequired[bool]
    """Whether status, dates and rough place of its requests are published."""
    districts: list[str]
    version: int


class Services(TypedDict):
    """The services on offer, and the names of all districts by code."""

    services: list[Service]
    districts: dict[str, BothWords]


class ShownEntry(CatalogueEntry):
    """A service in full: charter, form and rules, with texts in both languages."""

    version: int
    retired: bool


class District(TypedDict):
    """A district with its code and its name in both languages."""

    code: str
    name: BothWords


class Districts(TypedDict):
    """All districts that requests can be about."""

    districts: list[District]


class ServiceLine(TypedDict):
    """A service in the administrator's list: its current version, and whether there is a draft."""

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
    """All services with the stages of their versions."""

    services: list[ServiceLine]


class ServiceWhole(ServiceLine):
    """A service in full, with current entry and draft."""

    entry: CatalogueEntry | None
    draft_entry: CatalogueEntry | None


class PublishedService(TypedDict):
    """The published service and its version."""

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
    """A published version in full."""

    entry: CatalogueEntry


class Destination(TypedDict):
    """The department that a filing usually goes to, and why: by the service's own rules.

    A rule of the portal's set may send it elsewhere (docs/routing.md). The due date is the service's at any department.
    """

    to: str
    because: str


class Checked(TypedDict):
    """Errors that prevent filing; without errors the results of the rules and the department."""

    missing: list[FieldError]
    wrong: list[FieldError]
    complete: bool
    checks: list[Check]
    department: Destination | None


class Tried(BaseModel):
    """The result of a preview with sample answers."""

    errors: list[FieldError]
    state: str | None
    checks: list[Check]
    department: Destination | None
    entry: dict[str, Any]
