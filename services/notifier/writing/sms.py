"""How long a text is as SMS: GSM 03.38 (160 characters, 153 in each of many) or UCS-2 (70, 67)."""

MOST_PARTS = 3
PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("\f^{}\\[~]|€")


def units(text: str) -> tuple[int, int, int]:
    """The length in the units of its alphabet, and how many fit into a single message and into a part of many."""
    characters = set(text)
    if characters <= PLAIN:
        return len(text), 160, 153
    if characters <= PLAIN | DOUBLE:
        return len(text) + sum(character in DOUBLE for character in text), 160, 153
    return len(text.encode("utf-16-le")) // 2, 70, 67


def parts(text: str) -> int:
    """How many SMS it takes."""
    length, single, each = units(text)
    return 1 if length <= single else -(-length // each)
