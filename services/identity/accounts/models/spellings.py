"""One spelling for what people write in many: CNIC, name, address.

Each reader gives the normal form, or None when the text is not such a thing.
"""

import re
import unicodedata

from shared.spelling import bare, code_of, says_something

# The first digit is the province; any that NADRA gives out, now or later, is taken: Azad Kashmir has 8.
CNIC = re.compile(r"[1-9][0-9]{12}")

# A name goes out in our messages: a link or a number in it would go out in our name.
UNLIKELY_IN_A_NAME = re.compile(
    r"[<>@{}\[\]|\\/=_$%#*^~`\"]|www\.|https?|[0-9]{3,}"
    r"|\.(?:com|pk|net|org|info|biz|io|co|app|link|xyz|ly|gov|edu|online|site|top|shop|click|dev)\b",
    re.IGNORECASE,
)
JOINERS = "\u200c\u200d"  # Urdu is written with them


def read_cnic(text: str) -> str | None:
    """The 13 digits of a CNIC."""
    digits = bare(text)
    return digits if CNIC.fullmatch(digits) else None


def mask_cnic(digits: str) -> str:
    """A CNIC of which the last three digits can be read."""
    return f"*****-*****{digits[10:12]}-{digits[12]}"


def mask_name(name: str) -> str:
    """A name of which the first letter of each word can be read."""
    return " ".join(f"{word[0]}***" for word in name.split())


def mask_mobile(number: str) -> str:
    """A mobile (E.164) of which the network and the last two digits can be read: tracking asks for the last four."""
    return f"{number[:6]}*****{number[-2:]}"


def clean_text(text: str) -> str:
    """Text on one line: NFC, without control and direction characters, with single spaces."""
    text = unicodedata.normalize("NFC", text)
    kept = (_kept(character) for character in text)
    return " ".join("".join(kept).split())


def _kept(character: str) -> str:
    if character in JOINERS:
        return character
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    return "" if category in ("Cc", "Cf", "Co", "Cn", "Cs") else character


def read_address(text: str) -> str | None:
    """An address on one line; None when nothing is to be read in it, as in one of joiners or signs alone."""
    address = clean_text(text)
    return address if says_something(address) else None


def read_name(text: str) -> str | None:
    """A person's name of 2 to 100 characters with letters in it; None when it holds a link or a long number."""
    name = clean_text(text)
    if not 2 <= len(name) <= 100 or not says_something(name) or UNLIKELY_IN_A_NAME.search(code_of(name)):
        return None
    if any(len(_scripts(word)) > 1 for word in name.split()):
        return None  # a Cyrillic letter that looks like a Latin one
    return name if any(character.isalpha() for character in name) else None


def _scripts(word: str) -> set[str]:
    """The scripts that the letters of a word are of; Arabic apart, whose letters look like no others."""
    letters = (character for character in word if unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lo"))
    return {unicodedata.name(letter, "?").split()[0] for letter in letters} - {"ARABIC"}
