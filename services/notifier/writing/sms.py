"""The length of a text in SMS (3GPP 23.038: GSM alphabet or UCS-2), and how to shorten it."""

import re
from typing import Literal

MAX_PARTS = 3
Alphabet = Literal["GSM-7", "UCS-2"]
PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("\f^{}\\[~]|€")
"""Characters of the GSM alphabet that take two units, which stay in one part."""
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
"""Typographic characters and their replacements in the GSM alphabet."""
URDU = re.compile("[\u0600-\u06ff]")


def plainly(text: str) -> str:
    """The text with plain quotes, dashes and spaces, if it then fits the GSM alphabet; otherwise unchanged."""
    if (text.isascii() and "`" not in text) or URDU.search(text):
        return text
    plain = text.translate(OTHERWISE)
    return plain if GSM.issuperset(plain) else text


def alphabet(text: str) -> Alphabet:
    """The alphabet that a text needs."""
    return "GSM-7" if GSM.issuperset(text) else "UCS-2"


def parts(text: str) -> int:
    """The number of SMS of a text."""
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
    """The number of SMS for characters of these sizes; none is split."""
    if sum(sizes) <= single:
        return 1
    count, free = 1, each
    for size in sizes:
        if size > free:
            count, free = count + 1, each
        free -= size
    return count
