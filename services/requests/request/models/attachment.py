"""The record of an attachment: a picture or a PDF for a request that is filed or will be.

The file itself is stored in encrypted pieces (`pieces.py`). The record holds its description, its key, and when the
sweep has to process it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import quote

from shared.records import Record

Kind = Literal["attachment", "evidence"]
MAX_BYTES = 15_000_000
"""Bytes of an uploaded file: a phone photo of 50 megapixels has 8 to 14 million. Stored pictures are smaller."""
USUAL_IN_FILING = 5
MAX_IN_FILING = 8
MAX_OF_A_SIDE = 10
"""Maximum number of files of the citizen, and of departments, on one request."""
MAX_NAME = 80


class FileState(StrEnum):
    """The state of a file."""

    STORING = "storing"
    """Being written; after some minutes the writer must have crashed."""
    QUARANTINED = "quarantined"
    """Stored, but not scanned yet: it cannot be downloaded."""
    CLEAN = "clean"
    INFECTED = "infected"
    """To be removed from storage and request."""


@dataclass(kw_only=True)
class Attachment(Record):
    """One document of `attachments`; its id is 128 random bits. `owner` is the account that sent it."""

    owner: str = ""
    request: str | None = None
    kind: Kind = "attachment"
    document: str | None = None
    """The code of the charter's document that it is; None for any other file."""
    type: str = ""
    bytes: int = 0
    width: int | None = None
    height: int | None = None
    sha256: str = ""
    sealed_name: str | None = None
    sealed_key: str = ""
    state: FileState = FileState.STORING
    counted: bool = False
    """Whether its bytes count against the owner's quota."""
    created_at: datetime = datetime.min
    due_at: datetime | None = None
    """When the sweep has to process it; None once finished."""
    idempotency_key: str = ""
    body_hash: str = ""

    def entry(self, at: datetime, by: str) -> dict[str, Any]:
        """Its entry in the request."""
        fields = {"id": self.id, "kind": self.kind, "type": self.type, "bytes": self.bytes, "sha256": self.sha256}
        size = {"width": self.width, "height": self.height} if self.width else {}
        document = {"document": self.document} if self.document else {}
        return {**fields, **size, **document, "at": at, "by": by}


def clean_name(text: str | None) -> str | None:
    """A file's name without folders, extension and misleading characters; None if nothing is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", text or ""))[-1]
    stem = last.rpartition(".")[0] or last
    kept = "".join(letter if _harmless(letter) else "_" for letter in stem).strip("_ ")
    return kept[:MAX_NAME].strip("_ ") or None


def disposition(name: str, extension: str) -> str:
    """The Content-Disposition of a download, which is saved and never shown in the browser."""
    return f"attachment; filename=\"attachment.{extension}\"; filename*=UTF-8''{quote(name, safe='')}.{extension}"


def _harmless(letter: str) -> bool:
    return letter in " -_" or unicodedata.category(letter)[0] in "LNM"
