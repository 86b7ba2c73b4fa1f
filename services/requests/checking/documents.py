"""PDF files are read whole by their own structure, and refused where anything in them can act.

A PDF is kept as it came: a signature on it would not survive a rewrite. So what could act when somebody opens it
(scripts, programs, files within the file, forms that send) is refused and not taken out.
"""

import zipfile
from io import BytesIO
from typing import Any

import pikepdf

from services.requests.checking.images import UnfitError
from services.requests.checking.refusals import ACTIVE, BROKEN, LOCKED

MOST_OBJECTS = 200_000
DEEPEST = 60
ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
)
ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute"}
)
ACTIVE_KINDS = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
AFTER_END = b"\r\n\t \x00"


def check_document(content: bytes) -> None:
    """Raise UnfitError unless it is a whole PDF that only shows something."""
    end = content.rstrip(AFTER_END)
    if not end.endswith(b"%%EOF") or b"startxref" not in end[-2048:] or zipfile.is_zipfile(BytesIO(content)):
        raise UnfitError(BROKEN)
    try:
        # Without recovery we see the objects that a reader sees, and none that only a repair would find.
        with pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as document:
            if len(document.objects) > MOST_OBJECTS or len(document.pages) < 1:
                raise UnfitError(BROKEN)
            if any(_acts(thing, 0) for thing in (*document.objects, document.trailer)):
                raise UnfitError(ACTIVE)
    except pikepdf.PasswordError:
        raise UnfitError(LOCKED) from None
    except (pikepdf.PdfError, pikepdf.ForeignObjectError, ValueError, RuntimeError, TypeError, MemoryError) as error:
        raise UnfitError(error.args[0] if isinstance(error, UnfitError) else BROKEN) from None


def _acts(thing: Any, depth: int) -> bool:
    """Whether an object, or one that stands within it, can act. What it refers to is looked at by itself."""
    if depth > DEEPEST:
        raise UnfitError(BROKEN)
    if isinstance(thing, pikepdf.Array):
        return any(_acts(part, depth + 1) for part in _direct(thing))
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return False
    names = set(thing.keys())
    if names & ACTIVE_KEYS or _named(thing, "/S") in ACTIVE_ACTIONS or _named(thing, "/Subtype") in ACTIVE_KINDS:
        return True
    return any(_acts(part, depth + 1) for part in _direct(thing[name] for name in names))


def _direct(parts: Any) -> list[Any]:
    return [part for part in parts if isinstance(part, pikepdf.Object) and not part.is_indirect]


def _named(thing: Any, key: str) -> str:
    value = thing.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""
