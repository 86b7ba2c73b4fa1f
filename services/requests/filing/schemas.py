"""What the filer is told: of requests, appeals, files and drafts."""

from typing import Any

from typing_extensions import TypedDict

from services.requests.request.schemas import Filed, OwnRequest
from shared.clock import TimeText
from shared.errors import FieldError


class FiledAnonymously(Filed):
    """The same without a name; `code` and `key` are shown this once."""

    code: str
    key: str


class FiledAppeal(Filed):
    """An appeal, and the request that it is about."""

    appeal_of: str | None


class DraftLine(TypedDict):
    """A draft as a line of a list."""

    id: str
    service: str | None
    begun_at: TimeText | None
    changed_at: TimeText | None
    expires_at: TimeText | None
    missing: list[FieldError]
    wrong: list[FieldError]
    complete: bool


class Drafts(TypedDict):
    """One's own drafts, those changed last first."""

    drafts: list[DraftLine]


class DraftFile(TypedDict):
    """A file that was sent for a draft, by the name that its sender gave it, without extension."""

    id: str
    name: str | None
    type: str
    bytes: int
    document: str | None


class OwnDraft(DraftLine):
    """A draft whole. `files` are those of its attachments that are still kept, in their order."""

    filing: dict[str, Any]
    files: list[DraftFile]


class ExportedRequests(TypedDict):
    """A page of everything that one filed; drafts come with the first."""

    exported_at: TimeText | None
    requests: list[OwnRequest]
    drafts: list[dict[str, Any]]
    next: str | None
