"""PDF files are written again with the visible content of their pages only, without metadata."""

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.requests.files.checking.documents import cleaned
from services.requests.files.checking.images import UnfitError, bare
from services.requests.files.checking.worker import check
from tests.unit.requests.nasty_files import SECRET, packed_pdf, pdf, picture, told_where

XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description>{SECRET}</rdf:Description></rdf:RDF></x:xmpmeta>'
WORDS = "The lamp by the school is dark"


def a_letter() -> bytes:
    """A PDF like an office program's, with the author in three places and in the EXIF of a photo."""
    letter = FPDF()
    letter.set_author(SECRET)
    letter.set_title(SECRET)
    letter.set_creator(SECRET)
    letter.set_xmp_metadata(XMP)
    letter.add_page()
    letter.set_font("helvetica")
    letter.cell(text=WORDS)
    letter.image(BytesIO(told_where()))
    return bytes(letter.output())


def changed(content: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """A PDF with additional content."""
    written = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        change(document)
        document.save(written, fix_metadata_version=False, compress_streams=False)
    return written.getvalue()


def noted(document: pikepdf.Pdf) -> None:
    """A comment on the page, and a form field."""
    note = {"Type": "Annot", "Subtype": "Text", "Rect": [0, 0, 9, 9], "Contents": "Look here", "T": SECRET}
    field = {"Type": "Annot", "Subtype": "Widget", "Rect": [0, 0, 9, 9], "FT": "Tx", "T": "surname", "V": "Khan"}
    made = [document.make_indirect(a_dictionary(one)) for one in (note, field)]
    document.pages[0].Annots = pikepdf.Array(made)
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(made[1:]))


def a_dictionary(fields: dict[str, Any]) -> pikepdf.Dictionary:
    """A dictionary of a PDF."""
    names = {"Type", "Subtype", "FT"}
    return pikepdf.Dictionary({f"/{k}": pikepdf.Name(f"/{v}") if k in names else v for k, v in fields.items()})


def everywhere(document: pikepdf.Pdf) -> None:
    """Private data of programs on the page, on a picture, and in an unreferenced object."""
    stream = document.make_stream(SECRET.encode())
    document.pages[0].obj.Metadata = stream
    document.pages[0].obj.PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(Private=SECRET))
    document.pages[0].obj.Thumb = stream
    document.trailer["/Owner"] = SECRET


def unpacked(content: bytes) -> bytes:
    """All bytes of a PDF, with its streams decompressed."""
    written = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        document.save(
            written,
            fix_metadata_version=False,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.specialized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return written.getvalue()


@pytest.mark.parametrize("more", [lambda _: None, noted, everywhere], ids=["letter", "notes", "everywhere"])
def test_author_metadata_is_removed(more: Callable[[pikepdf.Pdf], None]) -> None:
    sent = changed(a_letter(), more)
    assert unpacked(sent).count(SECRET.encode()) >= 6
    kept = cleaned(sent)
    assert SECRET.encode() not in unpacked(kept)
    with pikepdf.open(BytesIO(kept)) as document:
        assert "/Info" not in document.trailer
        assert "/Metadata" not in document.Root
        assert len(document.pages) == 1


def test_visible_content_of_a_pdf_is_kept() -> None:
    kept = cleaned(changed(a_letter(), noted))
    assert f"({WORDS})".encode() in unpacked(kept)
    with pikepdf.open(BytesIO(kept)) as document:
        note, field = document.pages[0].Annots
        assert (str(note.Contents), str(field.T), str(field.V)) == ("Look here", "surname", "Khan")
        assert "/T" not in note
        [image] = [one for one in document.objects if isinstance(one, pikepdf.Stream) and one.get("/Width")]
        assert pikepdf.PdfImage(image).as_pil_image().size == (64, 48)


def test_earlier_deletions_are_finished() -> None:
    first = changed(pdf(), lambda document: document.Root.__setattr__("Gone", pikepdf.String(SECRET)))
    start = first.rindex(b"startxref")
    with pikepdf.open(BytesIO(pdf())) as document:
        pages = document.Root.Pages.objgen[0]
    with pikepdf.open(BytesIO(first)) as document:
        root, size = document.Root.objgen[0], len(document.objects) + 1
    again = b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R >>\nendobj\n" % (root, pages)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (root, len(first))
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %s >>" % (size, root, first[start:].split()[1])
    sent = first + again + table + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % (len(first) + len(again))
    assert SECRET.encode() in sent
    assert SECRET.encode() not in unpacked(cleaned(sent))


def test_it_is_written_the_same_each_time_and_nothing_hangs_behind_it() -> None:
    kept = cleaned(a_letter())
    assert kept == cleaned(a_letter())
    assert kept == cleaned(kept)
    assert cleaned(a_letter() + b"\n\n\x00\x00") == kept


def test_signed_pdf_is_stored_unchanged() -> None:
    signature = b"<< /Type /Sig /ByteRange [0 10 20 30] /Contents <00> >>"
    sent = changed(pdf(Signed=signature), lambda document: document.docinfo.__setitem__("/Author", SECRET))
    assert cleaned(sent) == sent


def test_signed_pdf_with_active_content_is_refused() -> None:
    signature = b"<< /Type /Sig /ByteRange [0 10 20 30] /Contents <00> >>"
    with pytest.raises(UnfitError, match="file-active"):
        cleaned(pdf(Signed=signature, OpenAction=b"<< /S /JavaScript /JS (1) >>"))


def test_a_photograph_packed_once_more_is_taken() -> None:
    assert cleaned(packed_pdf(zlib.compress(picture()), "FlateDecode", "DCTDecode"))


@pytest.mark.parametrize("how", [{}, {"progressive": True}], ids=["baseline", "progressive"])
def test_jpeg_without_metadata_is_the_same_picture(how: dict[str, Any]) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    sent = picture(size=(200, 120), exif=exif.tobytes(), comment=SECRET.encode(), **how)
    kept = bare(sent + b"MZ hidden behind")
    assert SECRET.encode() not in kept
    assert kept.endswith(b"\xff\xd9")
    assert b"hidden" not in kept
    before, after = (Image.open(BytesIO(one)).convert("RGB").tobytes() for one in (sent, kept))
    assert before == after


@given(st.binary(max_size=200), st.integers(0, 500))
def test_damaged_jpeg_is_refused_or_complete(noise: bytes, place: int) -> None:
    content = picture()
    broken = content[:place] + noise + content[place + len(noise) :]
    try:
        kept = bare(broken)
    except ValueError:
        return
    assert kept.startswith(b"\xff\xd8")
    assert kept.endswith(b"\xff\xd9")
    assert len(kept) <= len(broken)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=40))
def test_lone_surrogate_does_not_break_the_verification(place: int, noise: bytes) -> None:
    content = LETTER[:place] + noise + LETTER[place + len(noise) :]
    told, kept = check(content)
    assert ("reason" in told) != (told.get("type") == "application/pdf")
    assert bool(kept) == ("type" in told)


LETTER = a_letter()
