"""PDF files are read whole by their own structure, refused where anything in them can act, and written anew.

What could act when somebody opens it (scripts, programs, files within the file, forms that send) is refused and not
taken out. Written anew means: without who made it, when and with what, and without what was deleted before and is
still there. Only a signed PDF is kept as it came, since its signature would break and it would look forged.
"""

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pikepdf

from services.requests.files.checking.images import UnfitError, bare
from services.requests.files.checking.kinds import ACTIVE, BROKEN, HEAVY, LOCKED

MAX_OBJECTS = 100_000
MAX_PARTS = 500_000
"""Entries and elements of all objects together: a few kilobytes can stand for millions."""
DEEPEST = 60
MAX_UNPACKED = 500_000_000
"""Bytes that all streams together may have once they are unpacked; whoever opens the file has to hold them."""
GROWTH = 2
"""A file written anew may be so many times as large, and not more."""
MAX_IN_STREAM = 150_000_000
MAX_FILTERS = 4
ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
)
ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute"}
)
ACTIVE_KINDS = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
TELLING = frozenset({"/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/SpiderInfo"})
"""Author, time, software and an earlier thumbnail, anywhere in the file."""
TELLING_OF_NOTES = frozenset({"/T", "/M", "/CreationDate", "/NM"})
NOTES = frozenset(
    f"/{kind}"
    for kind in (
        "Text", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly",
        "StrikeOut", "Stamp", "Caret", "Ink", "Popup", "Redact",
    )
)  # fmt: skip
"""Annotations that people make: their `/T` is the author. In a form's field it is the field's name."""
PICTURES = frozenset({"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/DCT", "/CCF"})
AFTER_END = b"\r\n\t \x00"


pikepdf.settings.set_qpdf_limits(
    parser_max_nesting=100,
    max_stream_filters=MAX_FILTERS,
    flate_max_memory=MAX_IN_STREAM,
    run_length_max_memory=MAX_IN_STREAM,
    png_max_memory=MAX_IN_STREAM,
    tiff_max_memory=MAX_IN_STREAM,
)


def cleaned(content: bytes) -> bytes:
    """The PDF as it is kept. Raises UnfitError unless it is a whole one that only shows something."""
    end = content.rstrip(AFTER_END)
    if not end.endswith(b"%%EOF") or b"startxref" not in end[-2048:] or zipfile.is_zipfile(BytesIO(content)):
        raise UnfitError(BROKEN)
    try:
        # Without recovery we see the objects that a reader sees, and none that only a repair would find.
        with pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as document:
            if document.is_encrypted:
                raise UnfitError(LOCKED)
            if not _stripped(document):
                return _written(document, GROWTH * len(content))
            if document.get_warnings():  # another reader may find in it what we did not
                raise UnfitError(BROKEN)
            return content
    except pikepdf.PasswordError:
        raise UnfitError(LOCKED) from None
    except MemoryError:
        raise UnfitError(HEAVY) from None
    except (pikepdf.PdfError, pikepdf.ForeignObjectError, ValueError, RuntimeError, TypeError) as error:
        raise UnfitError(error.args[0] if isinstance(error, UnfitError) else BROKEN) from None


def _stripped(document: pikepdf.Pdf) -> bool:
    """Look at all there is and take out what tells of people; whether it is signed. Raises UnfitError."""
    if len(document.objects) > MAX_OBJECTS:
        raise UnfitError(HEAVY)
    if len(document.pages) < 1:
        raise UnfitError(BROKEN)
    signed, unpacked, parts = False, 0, 0
    for thing in (*document.objects, document.trailer):
        for part, entries in _containers(thing, 0):
            parts += 1 + len(entries)
            if parts > MAX_PARTS:
                raise UnfitError(HEAVY)
            if _acts(entries):
                raise UnfitError(ACTIVE)
            signed = signed or {"/ByteRange", "/Contents"} <= entries.keys()
            _forget(part, entries)
        if isinstance(thing, pikepdf.Stream):
            unpacked += _unpacked(document, thing)
            if unpacked > MAX_UNPACKED:
                raise UnfitError(HEAVY)
            _bare(thing)
    return signed


def _containers(thing: Any, depth: int) -> Iterator[tuple[Any, dict[Any, Any]]]:
    """An object and those that stand within it, with what each holds; what it refers to comes by itself."""
    if depth > DEEPEST:
        raise UnfitError(HEAVY)
    if isinstance(thing, pikepdf.Array):
        if len(thing) > MAX_PARTS:  # before there is an object of ours for each
            raise UnfitError(HEAVY)
        entries: dict[Any, Any] = dict(enumerate(thing))
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        entries = dict(thing.items())
    else:
        return
    yield thing, entries
    for part in entries.values():
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            yield from _containers(part, depth + 1)


def _acts(entries: Mapping[Any, Any]) -> bool:
    """Whether somebody who opens the file starts something by it."""
    return (
        not ACTIVE_KEYS.isdisjoint(entries)
        or _name(entries, "/S") in ACTIVE_ACTIONS
        or _name(entries, "/Subtype") in ACTIVE_KINDS
    )


def _forget(thing: Any, entries: Mapping[Any, Any]) -> None:
    """Take out who made it, when and with what."""
    telling = TELLING | TELLING_OF_NOTES if _name(entries, "/Subtype") in NOTES else TELLING
    for name in telling.intersection(entries):
        del thing[name]


def _unpacked(document: pikepdf.Pdf, stream: Any) -> int:
    """How many bytes a stream has once it is unpacked, as far as that is not a picture's own way of writing."""
    filters = _filters(stream)
    leading = [name for name in filters if name not in PICTURES]
    if not leading:
        return 0
    if len(leading) < len(filters):
        packed = document.make_stream(stream.read_raw_bytes())
        packed.Filter = pikepdf.Array([pikepdf.Name(name) for name in leading])
        stream = packed
    try:
        return len(stream.read_bytes(decode_level=pikepdf.StreamDecodeLevel.specialized))
    except (pikepdf.PdfError, RuntimeError) as error:  # damaged, or beyond the library's limits
        over = "limit" in str(error) or len(leading) > MAX_FILTERS
        raise UnfitError(HEAVY if over else BROKEN) from None


def _bare(stream: Any) -> None:
    """Leave of a photograph within the file only the picture."""
    if _filters(stream) in (["/DCTDecode"], ["/DCT"]):
        try:
            picture = bare(stream.read_raw_bytes())
        except ValueError:
            raise UnfitError(BROKEN) from None
        more = {"decode_parms": stream.DecodeParms} if "/DecodeParms" in stream else {}
        stream.write(picture, filter=pikepdf.Name("/DCTDecode"), **more)


def _filters(stream: Any) -> list[str]:
    given = stream.get("/Filter")
    if given is None:
        return []
    return [str(name) for name in given] if isinstance(given, pikepdf.Array) else [str(given)]


def _written(document: pikepdf.Pdf, most: int) -> bytes:
    """The document as a new file: what its pages lead to and nothing else, the same bytes each time."""
    for name in {*document.trailer.keys()} - {"/Root", "/Size"}:
        del document.trailer[name]
    written = BytesIO()
    document.save(
        written,
        preserve_pdfa=False,
        fix_metadata_version=False,
        compress_streams=True,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        deterministic_id=True,
    )
    if written.tell() > most:
        raise UnfitError(HEAVY)
    return written.getvalue()


def _name(entries: Mapping[Any, Any], key: str) -> str:
    value = entries.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""
