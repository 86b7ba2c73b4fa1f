"""Pictures are decoded and encoded anew, so that of the sender's file nothing is left but the pixels.

With EXIF (where and when, by which device), XMP, ICC profiles, comments and thumbnails goes whatever else was hidden
in the file: a second file at its end, a script in a comment.
"""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from services.requests.checking.kinds import JPEG, PNG, WEBP
from services.requests.checking.refusals import BROKEN, PIXELS

MOST_PIXELS = 40_000_000
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

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class UnfitError(ValueError):
    """The file is not taken; `args[0]` is the reason."""


def encoded_anew(content: bytes, kind: str) -> tuple[bytes, int, int]:
    """The picture as a new file of the same kind, upright, with its width and height. Raises UnfitError."""
    try:
        with Image.open(BytesIO(content), formats=[FORMATS[kind]]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UnfitError(PIXELS)
            if OPENED_AS.get(str(image.format), image.format) != FORMATS[kind]:
                raise UnfitError(BROKEN)
            image.load()
            upright = ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnfitError(PIXELS) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, MemoryError) as error:
        raise UnfitError(error.args[0] if isinstance(error, UnfitError) else BROKEN) from None
    picture = _in_kept_mode(upright, kind)
    # Encoders take profiles, comments and more from here; of all that only a palette's transparency is a pixel.
    picture.info = {name: value for name, value in picture.info.items() if name == "transparency"}
    written = BytesIO()
    picture.save(written, FORMATS[kind], **HOW[kind])
    return written.getvalue(), picture.width, picture.height


def _in_kept_mode(image: Image.Image, kind: str) -> Image.Image:
    if image.mode in KEPT_MODES[kind]:
        return image
    transparent = kind != JPEG and (image.mode.endswith(("A", "a")) or "transparency" in image.info)
    return image.convert("RGBA" if transparent else "RGB")
