"""Codes of six digits, as people type or paste them."""

import re

SIX = re.compile(r"(?<!\d)(?:\d[ -]?){5}\d(?!\d)")
"""Six digits of any script, also where a phone has grouped them."""
LONGEST = 20


def code_of(text: str) -> str:
    """The code in what somebody typed or pasted, which may be the whole message."""
    found = SIX.search(text)
    return found[0] if found else text[:LONGEST]
