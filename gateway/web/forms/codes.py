"""Codes of six digits, as people type or paste them."""

import re

from shared import spelling

SIX = re.compile(r"(?<!\d)(?:\d[ -]?){5}\d(?!\d)")
"""Six digits, also where a phone has grouped them."""
LONGEST = 20


def code_of(text: str) -> str:
    """The code in what somebody typed or pasted, which may be the whole message."""
    plain = spelling.code_of(text)
    found = SIX.search(plain)
    return found[0] if found else plain[:LONGEST]
