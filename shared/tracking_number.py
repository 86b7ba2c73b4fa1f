"""Tracking numbers: `RB-7F3K-9Q2M-X`, 40 random bits in Crockford's base 32 and a check character.

The alphabet leaves out I, L, O and U; typed letters are read as 1, 1, 0 and V. The check character is
Luhn's algorithm modulo 32 (ISO/IEC 7812-1, annex B, generalised): it detects any single wrong character.
"""

import secrets

from shared.spelling import bare

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUE = {character: value for value, character in enumerate(ALPHABET)}
LOOKALIKES = str.maketrans("ILOU", "110V")
PREFIX, PUBLIC_PREFIX = "RB", "RP"
SYMBOLS = 8
BITS = 5
MIN_TYPED, MAX_TYPED = 3, 40
"""Lengths of a typed number; a beginning of fewer characters would match too many numbers."""


def new_number() -> str:
    """A new random tracking number."""
    bits = secrets.randbits(BITS * SYMBOLS)
    return _format("".join(ALPHABET[bits >> BITS * index & 31] for index in range(SYMBOLS)))


def new_public_id() -> str:
    """A new random id under which a request is published, in the form of a tracking number that nobody can track."""
    return PUBLIC_PREFIX + new_number().removeprefix(PREFIX)


def read_public_id(text: str) -> str | None:
    """The id of a published request in a text; that of one that a partner filed is its tracking number."""
    typed = bare(text).upper()
    if not typed.startswith(PUBLIC_PREFIX):
        return read_number(text)
    number = read_number(PREFIX + typed.removeprefix(PUBLIC_PREFIX))
    return number and PUBLIC_PREFIX + number.removeprefix(PREFIX)


def read_number(text: str) -> str | None:
    """The tracking number in a typed text, in any case and digits, with or without dashes; None if it is not one."""
    typed = bare(text).upper()
    if len(text) > MAX_TYPED or not typed.startswith(PREFIX):
        return None
    symbols = typed[len(PREFIX) :].translate(LOOKALIKES)
    if len(symbols) != SYMBOLS + 1 or any(symbol not in VALUE for symbol in symbols):
        return None
    return _format(symbols[:-1]) if check_character(symbols[:-1]) == symbols[-1] else None


def beginning_of(text: str) -> str | None:
    """The beginning of a tracking number, with or without "RB"; None if the text is not one.

    Without "RB" it must be one word with a digit, as other words are probably not numbers.
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
