"""The versions of a service: the current one, at most one draft, and earlier ones for requests filed under them.

The record holds the current version and the draft; a replaced version is archived first (docs/adr/0017).
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.requests.catalogue.models.catalogue import CatalogueEntry
from shared.errors import ConflictError
from shared.records import Record


class Stage(StrEnum):
    """How far a version has got."""

    DRAFT = "draft"
    PREVIEW = "preview"
    """It was previewed with sample answers and not changed since."""
    PUBLISHED = "published"
    RETIRED = "retired"
    """No new requests; those filed under it continue."""


S = Stage
DROPPED = frozenset({"answer", "similar", "retention"})
"""Settings of services from earlier versions of Rabta."""
# action: (possible stages, resulting stage); None stands for no version.
EDGES: dict[str, tuple[tuple[Stage | None, ...], Stage | None]] = {
    "write": ((None, S.DRAFT, S.PREVIEW), S.DRAFT),
    "try": ((S.DRAFT, S.PREVIEW), S.PREVIEW),
    "publish": ((S.PREVIEW,), S.PUBLISHED),
    "discard": ((S.DRAFT, S.PREVIEW), None),
    "retire": ((S.PUBLISHED,), S.RETIRED),
}


def stage_after(action: str, stage: Stage | None) -> Stage | None:
    """The stage after `action`. Raises ConflictError."""
    sources, to = EDGES[action]
    if stage not in sources:
        raise ConflictError("version-refused", stage=str(stage or "none"))
    return to


@dataclass(frozen=True, slots=True)
class Version:
    """A published version."""

    code: str
    number: int
    text: str
    published_at: datetime | None
    published_by: str | None


@dataclass(kw_only=True)
class ServiceEntry(Record):
    """One document of `catalogue`: the current entry (version 0: none yet) and the draft; its id is the code."""

    version: int = 0
    entry: dict[str, Any] = field(default_factory=dict)
    """{"json": text}: keys of a JSON Schema may contain dots and dollars, which documents may not."""
    published_at: datetime | None = None
    published_by: str | None = None
    from_file: bool = False
    file_hash: str | None = None
    """Hash of the file published last, so that it does not overwrite an administrator's later changes."""
    retired_at: datetime | None = None
    retired_by: str | None = None
    draft: dict[str, Any] | None = None
    """{"json": text, "stage": draft or preview, "by": id, "at": time}"""

    @property
    def stage(self) -> Stage | None:
        """The stage of the newest published version."""
        if not self.version:
            return None
        return S.RETIRED if self.retired_at else S.PUBLISHED

    @property
    def draft_stage(self) -> Stage | None:
        """The stage of the draft."""
        return Stage(self.draft["stage"]) if self.draft else None

    @property
    def in_force(self) -> Version | None:
        """The current version."""
        if not self.version:
            return None
        return Version(self.id, self.version, self.entry["json"], self.published_at, self.published_by)

    def write_draft(self, text: str, by: str, at: datetime) -> None:
        """Start or replace the draft; it must be previewed again."""
        stage = stage_after("write", self.draft_stage)
        self.draft = {"json": text, "stage": str(stage), "by": by, "at": at}

    def move_draft(self, action: str) -> None:
        """Apply an action to the draft. Raises ConflictError."""
        stage = stage_after(action, self.draft_stage)
        assert self.draft is not None
        self.draft = {**self.draft, "stage": str(stage)} if stage in (S.DRAFT, S.PREVIEW) else None

    def put_in_force(self, text: str, by: str, at: datetime) -> None:
        """Make this text the current version; the previous one must already be archived."""
        self.version += 1
        self.entry = {"json": text}
        self.published_at, self.published_by = at, by
        self.retired_at = self.retired_by = None

    def retire(self, by: str, at: datetime) -> None:
        """Accept no more filings. Raises ConflictError."""
        stage_after("retire", self.stage)
        self.retired_at, self.retired_by = at, by


def text_of(entry: CatalogueEntry) -> str:
    """An entry as stored, without empty fields."""
    return json.dumps(entry.model_dump(exclude_none=True), ensure_ascii=False)


def entry_of(text: str) -> CatalogueEntry:
    """The entry in a stored text."""
    kept = {name: value for name, value in json.loads(text).items() if name not in DROPPED}
    return CatalogueEntry.model_validate(kept, context={"kept": True})


def hash_of(text: str) -> str:
    """The SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
