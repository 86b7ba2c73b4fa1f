"""PDF files are parsed completely, refused if they have active content, and rewritten.

Active content (scripts, programs, embedded files, forms that submit) is refused and not removed. Rewriting drops the
author, dates, software and deleted objects. A signed PDF is kept unchanged, since its signature would break.
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
"""Entries and elements of all objects together: a few kilobytes can encode millions."""
MAX_NESTING = 60
MAX_UNPACKED = 500_000_000
"""Bytes of all streams together after decompression, which a reader has to hold in memory."""
GROWTH = 2
"""How many times larger the rewritten file may be."""
MAX_IN_STREAM = 150_000_000
MAX_FILTERS = 4
ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
)
ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute"}
)
ACTIVE_KINDS = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
METADATA = frozenset({"/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/SpiderInfo"})
"""Author, time, software and an earlier thumbnail, anywhere in the file."""
NOTE_METADATA = frozenset({"/T", "/M", "/CreationDate", "/NM"})
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
    """The PDF to store. Raises UnfitError unless it is complete and passive."""
    end = content.rstrip(AFTER_END)
    if not end.endswith(b"%%EOF") or b"startxref" not in end[-2048:] or zipfile.is_zipfile(BytesIO(content)):
        raise UnfitError(BROKEN)
    try:
        # Without recovery we see the same objects as a reader, and none that only a repair would find.
        with pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as document:
            if document.is_encrypted:
                raise UnfitError(LOCKED)
            if not _stripped(document):
                return _written(document, GROWTH * len(content))
            if document.get_warnings():  # another reader may parse it differently
                raise UnfitError(BROKEN)
            return content
    except pikepdf.PasswordError:
        raise UnfitError(LOCKED) from None
    except MemoryError:
        raise UnfitError(HEAVY) from None
    except (pikepdf.PdfError, pikepdf.ForeignObjectError, ValueError, RuntimeError, TypeError) as error:
        raise UnfitError(error.args[0] if isinstance(error, UnfitError) else BROKEN) from None


def _stripped(document: pikepdf.Pdf) -> bool:
    """Check all objects and remove personal metadata; returns whether the PDF is signed. Raises UnfitError."""
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
            if _is_active(entries):
                raise UnfitError(ACTIVE)
            signed = signed or {"/ByteRange", "/Contents"} <= entries.keys()
            _strip_metadata(part, entries)
        if isinstance(thing, pikepdf.Stream):
            unpacked += _unpacked(document, thing)
            if unpacked > MAX_UNPACKED:
                raise UnfitError(HEAVY)
            _bare(thing)
    return signed


def _containers(thing: Any, depth: int) -> Iterator[tuple[Any, dict[Any, Any]]]:
    """An object and its direct children, with their entries; indirect ones are visited separately."""
    if depth > MAX_NESTING:
        raise UnfitError(HEAVY)
    if isinstance(thing, pikepdf.Array):
        if len(thing) > MAX_PARTS:  # before it is converted
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


def _is_active(entries: Mapping[Any, Any]) -> bool:
    """Whether opening the file could start something."""
    return (
        not ACTIVE_KEYS.isdisjoint(entries)
        or _name(entries, "/S") in ACTIVE_ACTIONS
        or _name(entries, "/Subtype") in ACTIVE_KINDS
    )


def _strip_metadata(thing: Any, entries: Mapping[Any, Any]) -> None:
    """Remove author, dates and software."""
    personal = METADATA | NOTE_METADATA if _name(entries, "/Subtype") in NOTES else METADATA
    for name in personal.intersection(entries):
        del thing[name]


def _unpacked(document: pikepdf.Pdf, stream: Any) -> int:
    """The size of a stream after decompression, without picture codecs."""
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
    """Remove metadata from a photograph within the file."""
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
    """The document as a new file, with reachable objects only, the same bytes each time."""
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
