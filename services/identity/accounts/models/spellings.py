"""Normal forms of what people type in many ways: CNIC, name, address. Each reader returns None for anything else."""

import re
import unicodedata

from shared.spelling import bare, code_of, has_letter_or_digit

# The first digit is the province. All digits are accepted: Azad Kashmir has 8, and NADRA may add others.
CNIC = re.compile(r"[1-9][0-9]{12}")

# Names are part of messages: a link or a number in one would look as if the portal had sent it.
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
    """A CNIC that shows only its last three digits."""
    return f"*****-*****{digits[10:12]}-{digits[12]}"


def mask_name(name: str) -> str:
    """A name that shows only the first letter of each word."""
    return " ".join(f"{word[0]}***" for word in name.split())


def mask_mobile(number: str) -> str:
    """A mobile (E.164) that shows only network and last two digits: tracking asks for the last four."""
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
    """An address on one line; None if it has no letter or digit."""
    address = clean_text(text)
    return address if has_letter_or_digit(address) else None


def read_name(text: str) -> str | None:
    """A person's name of 2 to 100 characters with letters; None if it contains a link or a long number."""
    name = clean_text(text)
    if not 2 <= len(name) <= 100 or not has_letter_or_digit(name) or UNLIKELY_IN_A_NAME.search(code_of(name)):
        return None
    if any(len(_scripts(word)) > 1 for word in name.split()):
        return None  # for example a Cyrillic letter that looks like a Latin one
    return name if any(character.isalpha() for character in name) else None


def _scripts(word: str) -> set[str]:
    """The scripts of a word's letters, except Arabic, which looks like no other script."""
    letters = (character for character in word if unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lo"))
    return {unicodedata.name(letter, "?").split()[0] for letter in letters} - {"ARABIC"}
