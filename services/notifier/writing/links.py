"""Text in which a phone finds no web address to tap, though every word of it stays.

A phone makes a link of `www.`, of `://`, of an internet address, and of a name that ends in a top-level domain. In a
message from government it would be believed, whoever wrote it; a space behind the dot or the slashes makes plain words
of it. Email addresses, file numbers, versions and abbreviations are no links to a phone and stay as they were written.
"""

import re
from functools import cache
from pathlib import Path

LOCAL = r"(?<![\w.%+-])[\w%+-]+(?:\.[\w%+-]+)*"
NAME = "\\w[\\w\u200c\u200d-]{0,62}"
PARTS = re.compile(
    rf"(?P<email>{LOCAL}@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{{2,}})(?!\w)"
    r"|(?<=[a-z0-9])(?P<scheme>://)(?=\S)"
    r"|(?<!\w)(?P<www>www\.)(?=\w)"
    r"|(?<![\w-])(?<!\d\.)(?P<machine>(?:[0-9]{1,3}\.){3})(?=[0-9]{1,3}(?!\d|\.\d))"
    rf"|(?P<name>{NAME})(?P<dot>[.．。｡])(?=(?P<ending>xn--[a-z0-9-]+|[^\W\d_]{{2,}})(?![^\W_]))",
    re.IGNORECASE,
)
NUMBER = "no"
"""After this and a dot comes the number of a letter or a file, such as `No.SO/2025/114`."""
ABBREVIATIONS = ("No", "NO", "Sc")
"""Top-level domains that people write like this in abbreviations such as `F.No.12` and `M.Sc`."""
LONGEST_ABBREVIATED = 3
"""Letters before such a one, as in `Ref.No`; what is longer may be a web address, which a space takes nothing from."""


@cache
def endings() -> frozenset[str]:
    """The top-level domains (IANA, October 2026), in their own letters too."""
    names = (Path(__file__).parent / "top_level_domains.txt").read_text(encoding="ascii").split()
    return frozenset(names) | {name.encode().decode("idna") for name in names if name.startswith("xn--")}


def defused(text: str) -> str:
    """The text with a space in each web address."""
    return PARTS.sub(_apart, text)


def _apart(part: re.Match[str]) -> str:
    if part["scheme"] or part["www"]:
        return f"{part[0]} "
    if part["machine"]:
        return part[0].replace(".", ". ")
    return f"{part[0]} " if part["name"] and _ends_an_address(part["name"], part["ending"]) else part[0]


def _ends_an_address(name: str, ending: str) -> bool:
    numbered = name.lower() == NUMBER and ending.isupper()
    abbreviated = ending in ABBREVIATIONS and len(name) <= LONGEST_ABBREVIATED
    return ending.lower() in endings() and not (numbered or abbreviated)
