"""Pictures are decoded and encoded anew, so that of the sender's file nothing is left but the pixels.

With EXIF (where and when, by which device), XMP, ICC profiles, comments and thumbnails goes whatever else was hidden
in the file: a second file at its end, a script in a comment.

A picture with more pixels than are kept is made smaller, and not refused. The decoder of a JPEG does most of that
itself, so that the 200 megapixels of a telephone are never in memory.
"""

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from math import sqrt

from PIL import Image, ImageOps

from services.requests.files.checking.kinds import BROKEN, JPEG, PIXELS, PNG, WEBP

MAX_PIXELS = 13_000_000
"""Pixels that are kept: those of a telephone's usual photo. A page of A4 then has 360 to the inch."""
MAX_DECODED = {JPEG: 250_000_000, PNG: 64_000_000, WEBP: 40_000_000}
"""Pixels that are read. A decoder that holds the whole picture needs four bytes for each, several times."""
A_BYTE_OF_JPEG = 1000
"""More pixels than a byte of a JPEG can encode: a file that claims more is cut off, or made to fill memory."""
NEAR_ENOUGH = 0.9
"""Of each side. The JPEG decoder can only halve: 50 megapixels become 12.5 by it, and are not decoded whole for 13."""
SCALABLE = ("L", "LA", "RGB", "RGBA")
FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
# Telephones put several pictures into one JPEG; the first of them is the picture.
OPENED_AS = {"MPO": "JPEG"}
KEPT_MODES = {
    JPEG: ("L", "RGB"),
    PNG: ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    WEBP: ("RGB", "RGBA"),
}
HOW: dict[str, dict[str, int | bool]] = {
    JPEG: {"quality": 88, "progressive": True},
    PNG: {"compress_level": 6},
    WEBP: {"quality": 85, "method": 2},
}

Image.MAX_IMAGE_PIXELS = max(MAX_DECODED.values())
warnings.simplefilter("error", Image.DecompressionBombWarning)


class UnfitError(ValueError):
    """The file is not taken; `args[0]` is the reason."""


def encoded_anew(content: bytes, kind: str) -> tuple[bytes, int, int]:
    """The picture as a new file of the same kind, upright, with its width and height. Raises UnfitError."""
    try:
        with Image.open(BytesIO(content), formats=[FORMATS[kind]]) as image:
            if image.width * image.height > MAX_DECODED[kind]:
                raise UnfitError(PIXELS)
            if kind == JPEG and image.width * image.height > len(content) * A_BYTE_OF_JPEG:
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
    # Encoders take profiles, comments and more from here; of all that only a palette's transparency is a pixel.
    picture.info = {name: value for name, value in picture.info.items() if name == "transparency"}
    written = BytesIO()
    picture.save(written, FORMATS[kind], **HOW[kind])
    return written.getvalue(), picture.width, picture.height


def _small_enough(image: Image.Image) -> Image.Image:
    """The picture, decoded, with no more pixels than are kept."""
    if image.width * image.height > MAX_PIXELS:
        image.draft(None, _scaled(image, NEAR_ENOUGH))  # other decoders than that of JPEG take no notice
    image.load()
    if image.width * image.height <= MAX_PIXELS:
        return image
    smaller = (image if image.mode in SCALABLE else _in_kept_mode(image, WEBP)).resize(_scaled(image))
    smaller.info = image.info
    return smaller


def _scaled(image: Image.Image, of_it: float = 1.0) -> tuple[int, int]:
    """The size at which the picture has as many pixels as are kept; of each side so much."""
    scale = sqrt(MAX_PIXELS / (image.width * image.height)) * of_it
    return max(1, int(image.width * scale)), max(1, int(image.height * scale))


def _in_kept_mode(image: Image.Image, kind: str) -> Image.Image:
    if image.mode in KEPT_MODES[kind]:
        return image
    transparent = kind != JPEG and (image.mode.endswith(("A", "a")) or "transparency" in image.info)
    return image.convert("RGBA" if transparent else "RGB")


START, END, SCAN = 0xD8, 0xD9, 0xDA
KEPT_APPS = frozenset({0xE0, 0xEE})
"""JFIF, and Adobe's note of how colours are written; other applications' segments and comments go."""
GOES = frozenset({*range(0xE0, 0xF0), 0xFE}) - KEPT_APPS
AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)


def bare(jpeg: bytes) -> bytes:
    """The same JPEG with only the segments that draw it; nothing is decoded. Raises ValueError for a broken one.

    For pictures inside PDF files: a telephone's scan keeps its EXIF there.
    """
    return b"".join(_kept(jpeg))


def _kept(jpeg: bytes) -> Iterator[bytes]:
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("no start")
    yield jpeg[:2]
    place = 2
    while True:
        while jpeg[place : place + 2] == b"\xff\xff":  # filling
            place += 1
        if len(jpeg) < place + 4 and jpeg[place : place + 2] != b"\xff\xd9":
            raise ValueError("no end")
        if jpeg[place] != 0xFF:
            raise ValueError("no marker")
        marker = jpeg[place + 1]
        if marker == END:
            yield b"\xff\xd9"
            return
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
        if end < place + 4:
            raise ValueError("no segment")
        if marker == SCAN:
            following = AFTER_SCAN.search(jpeg, end)
            if following is None:
                raise ValueError("no end")
            end = following.end() - 2
        if marker not in GOES:
            yield jpeg[place:end]
        place = end
