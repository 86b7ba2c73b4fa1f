"""The text of a digest: an SMS contains as many requests as fit, an email all of them."""

from collections.abc import Sequence

from services.notifier.models.following import DIGEST
from services.notifier.models.message import SMS
from services.notifier.writing import templates
from services.notifier.writing.sms import MAX_PARTS, parts

LONG = "followed.digest.long"
"""The template that says how many more there are."""
MAX_LINES = 50
"""More than fit into three SMS. With thousands of requests, removing one after the other would take seconds."""


def digest_words(steps: Sequence[tuple[str, str]], language: str, channel: str) -> str:
    """The text for at least one request, given with the name of its newest step."""
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
