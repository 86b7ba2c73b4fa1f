"""How a personal value may be written where it should not be: bare, in other digits, packed, coded, hashed."""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

URDU, ARABIC = (str.maketrans("0123456789", digits) for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"))
PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
MAX_UNPACKED = 1_000_000


def spellings(value: str) -> dict[str, bytes]:
    """What to look for in bytes that were made small letters, by the way it is written."""
    raw = value.encode()
    plain = {
        "plain": value,
        "escaped": value.encode("unicode_escape").decode(),
        "in an address": quote(value, safe=""),
        "in a query": quote_plus(value),
        "in Urdu digits": value.translate(URDU),
        "in Arabic digits": value.translate(ARABIC),
        "in hex": raw.hex(),
        **{f"its {kind}": hashlib.new(kind, raw).hexdigest() for kind in ("md5", "sha1", "sha256", "sha512")},
        "its SHA-256 in base64": base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("="),
        "its SHA-256 in base64url": base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("="),
    }
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        plain[f"in base64, {shift}"] = coded[(0, 2, 3)[shift] : len(coded) - (0, 4, 4)[-(shift + len(raw)) % 3]]
    written = {how: text.encode().lower() for how, text in plain.items()}
    return written | {"in UTF-16": value.lower().encode("utf-16-le")}


def unpacked(blob: bytes) -> Iterator[bytes]:
    """The blob, and whatever gzip or zlib holds in it."""
    yield blob
    for match in PACKED.finditer(blob):
        try:
            if inside := zlib.decompressobj(47).decompress(blob[match.start() :], MAX_UNPACKED):
                yield inside
        except zlib.error:
            continue
