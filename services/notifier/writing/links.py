"""Changes a text so that a phone makes no links of it, and every word stays.

A phone makes a link of `www.`, of `://`, of an IP address, and of a name with a dot before a top-level domain. People
would trust a link in a message from government, whoever wrote it. A space after the dot or the slashes prevents that;
every dot between words gets one, so that no list of domains is needed. Email addresses stay.
"""

import re

LOCAL = r"(?<![\w.%+-])[\w%+-]+(?:\.[\w%+-]+)*"
LINK = re.compile(
    rf"(?P<email>{LOCAL}@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{{2,}})(?!\w)"
    r"|(?<=[a-z0-9])://(?=\S)"
    r"|(?<!\w)www\.(?=\w)"
    r"|(?<![\w-])(?<!\d\.)(?P<machine>(?:[0-9]{1,3}\.){3})(?=[0-9]{1,3}(?!\d|\.\d))"
    "|(?<=[\\w\u200c\u200d-])[.．。｡](?=[^\\W\\d_]{2}|xn--)",
    re.IGNORECASE,
)


def defused(text: str) -> str:
    """The text with a space in each web address."""
    return LINK.sub(_apart, text)


def _apart(found: re.Match[str]) -> str:
    if found["email"]:
        return found[0]
    return found[0].replace(".", ". ") if found["machine"] else f"{found[0]} "
