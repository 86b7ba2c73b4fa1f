"""A JPEG without what is not the picture: EXIF (where, when, by whose device), XMP, comments, and what hangs behind it.

Nothing is decoded. For pictures inside PDF files: a telephone's scan keeps its EXIF there.
"""

import re
from collections.abc import Iterator

START, END, SCAN = 0xD8, 0xD9, 0xDA
KEPT_APPS = frozenset({0xE0, 0xEE})
"""JFIF, and Adobe's note of how colours are written; other applications' segments and comments go."""
GOES = frozenset({*range(0xE0, 0xF0), 0xFE}) - KEPT_APPS
AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)


def bare(jpeg: bytes) -> bytes:
    """The same picture with only the segments that draw it. Raises ValueError for what is not a whole JPEG."""
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
