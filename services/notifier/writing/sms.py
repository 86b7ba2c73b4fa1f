"""How long a text is as SMS (3GPP 23.038: GSM's own alphabet, or UCS-2), and how to write it in fewer."""

import re
from typing import Literal

MAX_PARTS = 3
Alphabet = Literal["GSM-7", "UCS-2"]
PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("\f^{}\\[~]|€")
"""Of GSM's alphabet, but written as two units, which stay together in one part."""
GSM = PLAIN | DOUBLE
OTHERWISE = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\t\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060", ""),
        **{"…": "...", "•": "-", "·": "-"},
    }
)
"""How signs that only look better are written in GSM's alphabet."""
URDU = re.compile("[\u0600-\u06ff]")


def plainly(text: str) -> str:
    """The text in GSM's alphabet where plain quotes, dashes and spaces are all that it takes; otherwise as it is."""
    if (text.isascii() and "`" not in text) or URDU.search(text):
        return text
    plain = text.translate(OTHERWISE)
    return plain if GSM.issuperset(plain) else text


def alphabet(text: str) -> Alphabet:
    """The alphabet that a text needs."""
    return "GSM-7" if GSM.issuperset(text) else "UCS-2"


def parts(text: str) -> int:
    """How many SMS it takes."""
    characters = set(text)
    if characters <= PLAIN:
        return _equal(len(text), 160, 153)
    if characters <= GSM:
        return _of_sizes([1 + (character in DOUBLE) for character in text], 160, 153)
    if max(characters) <= "\uffff":
        return _equal(len(text), 70, 67)
    return _of_sizes([1 + (character > "\uffff") for character in text], 70, 67)


def _equal(length: int, single: int, each: int) -> int:
    return 1 if length <= single else -(-length // each)


def _of_sizes(sizes: list[int], single: int, each: int) -> int:
    """The same for characters of one or two units: none is cut in two."""
    if sum(sizes) <= single:
        return 1
    count, free = 1, each
    for size in sizes:
        if size > free:
            count, free = count + 1, each
        free -= size
    return count
