"""The words of a digest: of an SMS as many requests as fit into it, of an email all of them."""

from collections.abc import Sequence

from services.notifier.models.following import DIGEST
from services.notifier.models.message import SMS
from services.notifier.writing import templates
from services.notifier.writing.sms import MAX_PARTS, parts

LONG = "followed.digest.long"
"""The text that says how many more there are."""
MAX_LINES = 50
"""More than three SMS hold. Somebody may follow thousands: to leave out one after the other would take seconds."""


def digest_words(steps: Sequence[tuple[str, str]], language: str, channel: str) -> str:
    """The words for requests and the names of their newest steps, of which there is at least one."""
    lines = [f"{number}: {templates.texts().names[step][language]}" for number, step in steps]
    text = _filled(lines, 0, language, channel)
    count = len(lines)
    while channel == SMS and parts(text) > MAX_PARTS and count > 1:
        count = min(count - 1, MAX_LINES)
        text = _filled(lines[:count], len(lines) - count, language, channel)
    return text


def _filled(lines: Sequence[str], more: int, language: str, channel: str) -> str:
    values = {"requests": "\n".join(lines), **({"more": str(more)} if more else {})}
    return templates.written(templates.texts().templates[LONG if more else DIGEST], language, channel, values, ())
