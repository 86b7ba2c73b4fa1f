"""An attachment: a picture or a PDF that belongs to a request, or will once its filer names it.

The file itself stands elsewhere, in sealed pieces (`pieces.py`). Here is what is known of it, the key to it, and when
something has to be done about it next.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from shared.records import Record

Kind = Literal["attachment", "evidence"]
MAX_BYTES = 15_000_000
"""Bytes of a file as it is sent: a telephone's photo of 50 megapixels has 8 to 14 million. A picture keeps fewer."""
USUAL_IN_FILING = 5
MAX_IN_FILING = 8
MAX_OF_A_SIDE = 10
"""How many the citizen, and how many departments, may have on one request."""
LONGEST_NAME = 80


class FileState(StrEnum):
    """What may be done with the file."""

    STORING = "storing"
    """Being written; found so after a while, the writer has died."""
    QUARANTINED = "quarantined"
    """Whole, and not yet seen by the antivirus: nobody gets it."""
    CLEAN = "clean"
    INFECTED = "infected"
    """To be removed, with every mention of it."""


@dataclass(kw_only=True)
class Attachment(Record):
    """One document of `attachments`; its id is 128 random bits. `owner` is the account that sent it."""

    source: ClassVar[str] = "requests"

    owner: str = ""
    request: str | None = None
    kind: Kind = "attachment"
    document: str | None = None
    """Which document of a service's charter it is, by its code; None for any other file."""
    type: str = ""
    bytes: int = 0
    width: int | None = None
    height: int | None = None
    sha256: str = ""
    sealed_name: str | None = None
    sealed_key: str = ""
    state: FileState = FileState.STORING
    counted: bool = False
    """Whether its bytes stand against the owner's quota."""
    created_at: datetime = datetime.min
    due_at: datetime | None = None
    """When the sweep has to look at it; None once nothing is left to do."""
    idempotency_key: str = ""
    body_hash: str = ""

    def entry(self, at: datetime, by: str) -> dict[str, Any]:
        """What the request that it belongs to keeps of it."""
        known = {"id": self.id, "kind": self.kind, "type": self.type, "bytes": self.bytes, "sha256": self.sha256}
        size = {"width": self.width, "height": self.height} if self.width else {}
        document = {"document": self.document} if self.document else {}
        return {**known, **size, **document, "at": at, "by": by}


def clean_name(text: str | None) -> str | None:
    """The readable part of a file's name, without folders, extension, and what could mislead; None if none is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", text or ""))[-1]
    stem = last.rpartition(".")[0] or last
    kept = "".join(letter if _harmless(letter) else "_" for letter in stem).strip("_ ")
    return kept[:LONGEST_NAME].strip("_ ") or None


def disposition(name: str, extension: str) -> str:
    """The Content-Disposition under which a file is handed out: always to be saved, never to be shown in place."""
    return f"attachment; filename=\"attachment.{extension}\"; filename*=UTF-8''{quote(name, safe='')}.{extension}"


def _harmless(letter: str) -> bool:
    return letter in " -_" or unicodedata.category(letter)[0] in "LNM"
