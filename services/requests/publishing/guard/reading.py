"""A text as the rules read it: one character for each character, so that marks fit the text as it was written."""

import unicodedata

LETTERS = {"ي": "ی", "ى": "ی", "ك": "ک", "ۃ": "ہ", "ه": "ہ", "ة": "ہ", "’": "'", "‘": "'", "–": "-", "—": "-", "‐": "-"}
"""Letters of Arabic keyboards, and typographic signs."""


def readable(text: str) -> str:
    """The text with ASCII digits, the letters of Urdu keyboards, and a space for what nobody sees."""
    return text if text.isascii() else "".join(map(_read, text))


def _read(character: str) -> str:
    if character.isascii():
        return character
    if character in LETTERS:
        return LETTERS[character]
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Cf" | "Zs" | "Zl" | "Zp":
            return " "
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character
