"""Tracking numbers: `RB-7F3K-9Q2M-X`, 40 random bits in Crockford's base 32 and a check character.

The alphabet leaves out I, L, O and U; what people type for them is read as 1, 1, 0 and V. The check character is
Luhn's algorithm modulo 32 (ISO/IEC 7812-1, annex B, generalised): any single wrong character is noticed.
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
"""With less too many numbers begin alike."""


def new_number() -> str:
    """A new tracking number; 2^40 of them, from the system's generator of secrets."""
    bits = secrets.randbits(BITS * SYMBOLS)
    return _format("".join(ALPHABET[bits >> BITS * place & 31] for place in range(SYMBOLS)))


def read_number(text: str) -> str | None:
    """The tracking number that somebody typed, in any case and digits, with or without dashes; None if none."""
    typed = bare(text).upper()
    if len(text) > MAX_TYPED or not typed.startswith(PREFIX):
        return None
    symbols = typed[len(PREFIX) :].translate(LOOKALIKES)
    if len(symbols) != SYMBOLS + 1 or any(symbol not in VALUE for symbol in symbols):
        return None
    return _format(symbols[:-1]) if check_character(symbols[:-1]) == symbols[-1] else None


def beginning_of(text: str) -> str | None:
    """How the numbers begin that somebody means who typed this much of one, with or without "RB"; None if none.

    Without "RB" it is one word with a digit: else it is more likely not a number.
    """
    typed = bare(text[:MAX_TYPED]).upper()
    symbols = typed.removeprefix(PREFIX).translate(LOOKALIKES)
    if not MIN_TYPED <= len(symbols) <= SYMBOLS + 1 or any(symbol not in VALUE for symbol in symbols):
        return None
    if not typed.startswith(PREFIX) and (len(text.split()) > 1 or not any(sign.isdigit() for sign in typed)):
        return None
    return "-".join(part for part in (PREFIX, symbols[:4], symbols[4:8], symbols[8:]) if part)


def check_character(symbols: str) -> str:
    """The character that makes `symbols` a number that can be checked."""
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        doubled = VALUE[symbol] * (2 if place % 2 == 0 else 1)
        total += doubled // 32 + doubled % 32
    return ALPHABET[-total % 32]


def _format(symbols: str) -> str:
    return f"{PREFIX}-{symbols[:4]}-{symbols[4:]}-{check_character(symbols)}"
