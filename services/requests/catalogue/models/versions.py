"""The versions of a service: one in force, at most one being written, those before kept for requests filed under them.

The record holds the version in force and the draft; what is replaced goes to an archive first (docs/adr/0017).
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.requests.catalogue.models.catalogue import CatalogueEntry
from shared.errors import ConflictError
from shared.records import Record


class Stage(StrEnum):
    """How far a version has got."""

    DRAFT = "draft"
    PREVIEW = "preview"
    """It was tried with sample answers as it stands."""
    PUBLISHED = "published"
    RETIRED = "retired"
    """Nothing is filed under it any more; requests that were go on under it."""


S = Stage
DROPPED = frozenset({"answer", "similar", "retention"})
"""Settings of a service that earlier versions knew."""
# action: the stages of a version it is possible in, and where it leads (None: no version, before and after).
EDGES: dict[str, tuple[tuple[Stage | None, ...], Stage | None]] = {
    "write": ((None, S.DRAFT, S.PREVIEW), S.DRAFT),
    "try": ((S.DRAFT, S.PREVIEW), S.PREVIEW),
    "publish": ((S.PREVIEW,), S.PUBLISHED),
    "discard": ((S.DRAFT, S.PREVIEW), None),
    "replace": ((S.PUBLISHED,), S.RETIRED),
    "retire": ((S.PUBLISHED,), S.RETIRED),
}


class VersionRefusedError(ConflictError):
    """The version is not in a stage in which this is possible."""

    code = "version-refused"


def stage_after(action: str, stage: Stage | None) -> Stage | None:
    """Where `action` leads a version that is at `stage`. Raises VersionRefusedError."""
    sources, to = EDGES[action]
    if stage not in sources:
        raise VersionRefusedError(stage=str(stage or "none"))
    return to


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it was published."""

    code: str
    number: int
    text: str
    published_at: datetime | None
    published_by: str | None


@dataclass(kw_only=True)
class ServiceEntry(Record):
    """One document of `catalogue`: the entry in force (version 0: none yet) and the draft; the code is its id."""

    source: ClassVar[str] = "requests"

    version: int = 0
    entry: dict[str, Any] = field(default_factory=dict)
    """{"json": text}: keys of a JSON Schema may hold dots and dollars, which documents do not take."""
    published_at: datetime | None = None
    published_by: str | None = None
    from_file: bool = False
    file_hash: str | None = None
    """Of the file that was published last, so that it is not put in force again over what an administrator changed."""
    retired_at: datetime | None = None
    retired_by: str | None = None
    draft: dict[str, Any] | None = None
    """{"json": text, "stage": draft or preview, "by": id, "at": time}"""

    @property
    def stage(self) -> Stage | None:
        """The stage of the newest version that was published."""
        if not self.version:
            return None
        return S.RETIRED if self.retired_at else S.PUBLISHED

    @property
    def draft_stage(self) -> Stage | None:
        """The stage of the version that is being written."""
        return Stage(self.draft["stage"]) if self.draft else None

    @property
    def in_force(self) -> Version | None:
        """The version that was published last."""
        if not self.version:
            return None
        return Version(self.id, self.version, self.entry["json"], self.published_at, self.published_by)

    def write_draft(self, text: str, by: str, at: datetime) -> None:
        """Begin a draft or put another text in its place; it has to be tried again."""
        stage = stage_after("write", self.draft_stage)
        self.draft = {"json": text, "stage": str(stage), "by": by, "at": at}

    def move_draft(self, action: str) -> None:
        """Take an edge with the draft. Raises VersionRefusedError."""
        stage = stage_after(action, self.draft_stage)
        assert self.draft is not None
        self.draft = {**self.draft, "stage": str(stage)} if stage in (S.DRAFT, S.PREVIEW) else None

    def put_in_force(self, text: str, by: str, at: datetime) -> None:
        """Make this text the version in force; the one before must be in the archive by then."""
        if self.stage is S.PUBLISHED:
            stage_after("replace", self.stage)
        self.version += 1
        self.entry = {"json": text}
        self.published_at, self.published_by = at, by
        self.retired_at = self.retired_by = None

    def retire(self, by: str, at: datetime) -> None:
        """Take no more filings. Raises VersionRefusedError."""
        stage_after("retire", self.stage)
        self.retired_at, self.retired_by = at, by


def text_of(entry: CatalogueEntry) -> str:
    """An entry as it is kept: what is not said is left out."""
    return json.dumps(entry.model_dump(exclude_none=True), ensure_ascii=False)


def entry_of(text: str) -> CatalogueEntry:
    """The entry that a kept text holds."""
    kept = {name: value for name, value in json.loads(text).items() if name not in DROPPED}
    return CatalogueEntry.model_validate(kept, context={"kept": True})


def hash_of(text: str) -> str:
    """What tells two texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()
