"""Answers to filers: about requests, appeals and drafts."""

from typing import Any

from typing_extensions import TypedDict

from services.requests.request.schemas import Filed, OwnRequest
from shared.clock import TimeText
from shared.errors import FieldError


class FiledAnonymously(Filed):
    """The answer to an anonymous filing; `code` and `key` are shown only once."""

    code: str
    key: str


class FiledAppeal(Filed):
    """The answer to an appeal; `appeal_of` is the request that it is about."""

    appeal_of: str | None


class DraftLine(TypedDict):
    """A draft in a list."""

    id: str
    service: str | None
    begun_at: TimeText | None
    changed_at: TimeText | None
    expires_at: TimeText | None
    missing: list[FieldError]
    wrong: list[FieldError]
    complete: bool


class Drafts(TypedDict):
    """The caller's drafts, last changed first."""

    drafts: list[DraftLine]


class DraftFile(TypedDict):
    """A file uploaded for a draft; `name` is the sender's, without extension."""

    id: str
    name: str | None
    type: str
    bytes: int
    document: str | None


class OwnDraft(DraftLine):
    """A draft in full. `files` are its attachments that were not deleted, in order."""

    filing: dict[str, Any]
    files: list[DraftFile]


class ExportedRequests(TypedDict):
    """A page of all the caller's requests; the first page also has the drafts."""

    exported_at: TimeText | None
    requests: list[OwnRequest]
    drafts: list[dict[str, Any]]
    next: str | None
