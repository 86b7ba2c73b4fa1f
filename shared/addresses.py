"""Reading mobile numbers, email addresses and one-time codes as people type them.

Each reader returns the normal form, or None where the text is not one.
"""

import re

from shared.spelling import bare, code_of

BRACKETS = re.compile(r"[().]")
# Ten digits starting with 3, of any operator.
MOBILE = re.compile(r"(?:(?:\+|00)?92)?0?(3[0-9]{9})")
CODE = re.compile(r"[0-9]{6}")
EMAIL_LENGTH = 254
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
EMAIL_LOCAL = 64


def read_mobile(text: str) -> str | None:
    """A Pakistani mobile number as E.164, +923 and nine digits."""
    digits = BRACKETS.sub("", bare(text))
    found = MOBILE.fullmatch(digits)
    return f"+92{found[1]}" if found else None


def read_email(text: str) -> str | None:
    """An email address, with its domain in lower case."""
    text = code_of(text)
    local, _, domain = text.rpartition("@")
    if len(text) > EMAIL_LENGTH or len(local) > EMAIL_LOCAL or not EMAIL.fullmatch(text):
        return None
    return f"{local}@{domain.lower()}"


def read_code(text: str) -> str | None:
    """A one-time code of six digits."""
    code = bare(text)
    return code if CODE.fullmatch(code) else None
