"""Pictures are decoded and re-encoded, so that only the pixels of the sender's file remain.

That removes EXIF (place, time, device), XMP, ICC profiles, comments, thumbnails, and anything hidden in the file.

Larger pictures are scaled down, not refused. The JPEG decoder does most of that while decoding, so that 200 megapixels
are never in memory.
"""

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from math import sqrt

from PIL import Image, ImageOps

from services.requests.files.checking.kinds import BROKEN, JPEG, PIXELS, PNG, WEBP

MAX_PIXELS = 13_000_000
"""Pixels of a stored picture: those of a usual phone photo, or 360 per inch of an A4 page."""
MAX_DECODED = {JPEG: 250_000_000, PNG: 64_000_000, WEBP: 40_000_000}
"""Pixels of an uploaded picture. A decoder may need four bytes for each, several times."""
MAX_PIXELS_PER_JPEG_BYTE = 1000
"""A JPEG that claims more is truncated, or made to fill memory."""
NEAR_ENOUGH = 0.9
"""Of each side. The JPEG decoder can only halve sides: 50 megapixels become 12.5, which is accepted in at of 13."""
SCALABLE = ("L", "LA", "RGB", "RGBA")
FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
# Phones put several pictures into one JPEG; the first one is used.
OPENED_AS = {"MPO": "JPEG"}
KEPT_MODES = {JPEG: ("L", "RGB"), PNG: ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), WEBP: ("RGB", "RGBA")}
HOW: dict[str, dict[str, int | bool]] = {
    JPEG: {"quality": 88, "progressive": True},
    PNG: {"compress_level": 6},
    WEBP: {"quality": 85, "method": 2},
}

Image.MAX_IMAGE_PIXELS = max(MAX_DECODED.values())
warnings.simplefilter("error", Image.DecompressionBombWarning)


class UnfitError(ValueError):
    """The file is refused; `args[0]` is the reason."""


def encoded_anew(content: bytes, kind: str) -> tuple[bytes, int, int]:
    """The picture as a new file of the same kind, upright, with its width and height. Raises UnfitError."""
    try:
        with Image.open(BytesIO(content), formats=[FORMATS[kind]]) as image:
            if image.width * image.height > MAX_DECODED[kind]:
                raise UnfitError(PIXELS)
            if kind == JPEG and image.width * image.height > len(content) * MAX_PIXELS_PER_JPEG_BYTE:
                raise UnfitError(BROKEN)
            if OPENED_AS.get(str(image.format), image.format) != FORMATS[kind]:
                raise UnfitError(BROKEN)
            upright = ImageOps.exif_transpose(_small_enough(image))
    except MemoryError:
        raise UnfitError(PIXELS) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnfitError(PIXELS) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError) as error:
        raise UnfitError(error.args[0] if isinstance(error, UnfitError) else BROKEN) from None
    picture = _in_kept_mode(upright, kind)
    # Encoders take profiles and comments from here; only a palette's transparency belongs to the pixels.
    picture.info = {name: value for name, value in picture.info.items() if name == "transparency"}
    written = BytesIO()
    picture.save(written, FORMATS[kind], **HOW[kind])
    return written.getvalue(), picture.width, picture.height


def _small_enough(image: Image.Image) -> Image.Image:
    """The decoded picture with at most MAX_PIXELS."""
    if image.width * image.height > MAX_PIXELS:
        image.draft(None, _scaled(image, NEAR_ENOUGH))  # only the JPEG decoder does this
    image.load()
    if image.width * image.height <= MAX_PIXELS:
        return image
    smaller = (image if image.mode in SCALABLE else _in_kept_mode(image, WEBP)).resize(_scaled(image))
    smaller.info = image.info
    return smaller


def _scaled(image: Image.Image, factor: float = 1.0) -> tuple[int, int]:
    """The size at which the picture has MAX_PIXELS, with each side multiplied by `factor`."""
    scale = sqrt(MAX_PIXELS / (image.width * image.height)) * factor
    return max(1, int(image.width * scale)), max(1, int(image.height * scale))


def _in_kept_mode(image: Image.Image, kind: str) -> Image.Image:
    if image.mode in KEPT_MODES[kind]:
        return image
    transparent = kind != JPEG and (image.mode.endswith(("A", "a")) or "transparency" in image.info)
    return image.convert("RGBA" if transparent else "RGB")


START, END, SCAN = 0xD8, 0xD9, 0xDA
KEPT_APPS = frozenset({0xE0, 0xEE})
"""JFIF and Adobe's colour encoding; other applications' segments and comments are removed."""
REMOVED = frozenset({*range(0xE0, 0xF0), 0xFE}) - KEPT_APPS
AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)


def bare(jpeg: bytes) -> bytes:
    """The same JPEG with only the segments that are needed to draw it, without decoding. Raises ValueError.

    For pictures inside PDF files: scans made with a phone contain EXIF data.
    """
    return b"".join(_kept(jpeg))


def _kept(jpeg: bytes) -> Iterator[bytes]:
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("no start")
    yield jpeg[:2]
    at = 2
    while True:
        while jpeg[at : at + 2] == b"\xff\xff":  # filling
            at += 1
        if len(jpeg) < at + 4 and jpeg[at : at + 2] != b"\xff\xd9":
            raise ValueError("no end")
        if jpeg[at] != 0xFF:
            raise ValueError("no marker")
        marker = jpeg[at + 1]
        if marker == END:
            yield b"\xff\xd9"
            return
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if end < at + 4:
            raise ValueError("no segment")
        if marker == SCAN:
            following = AFTER_SCAN.search(jpeg, end)
            if following is None:
                raise ValueError("no end")
            end = following.end() - 2
        if marker not in REMOVED:
            yield jpeg[at:end]
        at = end
