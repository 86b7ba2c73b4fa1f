"""Tracking numbers: `RB-7F3K-9Q2M-X`, 40 random bits in Crockford's base 32 and a check character.

The alphabet leaves out I, L, O and U; typed letters are read as 1, 1, 0 and V. The check character is
Luhn's algorithm modulo 32 (ISO/IEC 7812-1, annex B, generalised): it detects any single wrong character.
"""

import secrets

from shared.spelling import bare

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUE = {character: value for value, character in enumerate(ALPHABET)}
LOOKALIKES = str.maketrans("ILOU", "110V")
PREFIX = "RB"
SYMBOLS = 8
BITS = 5
MIN_TYPED, MAX_TYPED = 3, 40
"""Fewer characters are the beginning of too many numbers."""


def new_number() -> str:
    """A new tracking number: one of 2^40, from the system's generator of secrets."""
    bits = secrets.randbits(BITS * SYMBOLS)
    return _format("".join(ALPHABET[bits >> BITS * index & 31] for index in range(SYMBOLS)))


def read_number(text: str) -> str | None:
    """The tracking number in a text typed in any case and digits, with or without dashes; None if it is none."""
    typed = bare(text).upper()
    if len(text) > MAX_TYPED or not typed.startswith(PREFIX):
        return None
    symbols = typed[len(PREFIX) :].translate(LOOKALIKES)
    if len(symbols) != SYMBOLS + 1 or any(symbol not in VALUE for symbol in symbols):
        return None
    return _format(symbols[:-1]) if check_character(symbols[:-1]) == symbols[-1] else None


def beginning_of(text: str) -> str | None:
    """The beginning of a number that was typed in part, with or without "RB"; None if it is none.

    Without "RB" it must be one word with a digit: anything else is more likely not a number.
    """
    typed = bare(text[:MAX_TYPED]).upper()
    symbols = typed.removeprefix(PREFIX).translate(LOOKALIKES)
    if not MIN_TYPED <= len(symbols) <= SYMBOLS + 1 or any(symbol not in VALUE for symbol in symbols):
        return None
    if not typed.startswith(PREFIX) and (len(text.split()) > 1 or not any(sign.isdigit() for sign in typed)):
        return None
    return "-".join(part for part in (PREFIX, symbols[:4], symbols[4:8], symbols[8:]) if part)


def check_character(symbols: str) -> str:
    """The check character for `symbols`."""
    total = 0
    for index, symbol in enumerate(reversed(symbols)):
        doubled = VALUE[symbol] * (2 if index % 2 == 0 else 1)
        total += doubled // 32 + doubled % 32
    return ALPHABET[-total % 32]


def _format(symbols: str) -> str:
    return f"{PREFIX}-{symbols[:4]}-{symbols[4:]}-{check_character(symbols)}"
