"""The port: what is asked of an antivirus, which one a setting names, and doing without where that is accepted."""

from typing import Protocol

from services.requests.files.scanning.clamd import Clamd
from services.requests.files.scanning.verdict import Verdict

DEMO, ACCEPTED = "none", "none-accepted"


class Scanner(Protocol):
    """Looks at a file."""

    async def scan(self, content: bytes) -> Verdict:
        """What is to be said of the content. Never raises: who cannot be asked gives no verdict."""


class Unscanned:
    """Lets every file pass: for demo and tests, or where somebody has said in so many words that it is accepted."""

    async def scan(self, content: bytes) -> Verdict:
        """Let it pass."""
        return Verdict.CLEAN


def scanner_of(setting: str, seconds: float, *, production: bool) -> Scanner:
    """The scanner that a setting names: `tcp://host:port`, `unix:///path`, `none` or `none-accepted`.

    Raises ValueError for anything else, and for `none` in production.
    """
    if setting == ACCEPTED or (setting == DEMO and not production):
        return Unscanned()
    if setting == DEMO:
        raise ValueError(
            "RABTA_SCANNER must name a clamd (tcp://host:port or unix:///path) in production; "
            "`none-accepted` says that attachments of strangers are handed on unscanned"
        )
    return Clamd(setting, seconds)
