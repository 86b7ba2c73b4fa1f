"""Writes digests just before they are sent, because steps may be added until then.

An SMS contains as many requests as fit, an email all of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from services.notifier.models.contact import Reach
from services.notifier.models.delivery import attempted
from services.notifier.models.following import DIGEST, newest
from services.notifier.models.message import SMS, MessageSpec
from services.notifier.models.notification import WAITING, DeliveryState, Notification
from services.notifier.store.notifications import NotificationStore
from services.notifier.writing import templates
from services.notifier.writing.composing import channel_of, write
from services.notifier.writing.sms import MAX_PARTS, parts
from shared.seal import KeyRing

LONG = "followed.digest.long"
"""The template that says how many more there are."""
MAX_LINES = 50
"""More than fit into three SMS. With thousands of requests, removing one after the other would take seconds."""

log = structlog.get_logger(__name__)


async def write_digests(
    store: NotificationStore, due: Sequence[Notification], reaches: Mapping[str, Reach], keys: KeyRing, now: datetime
) -> None:
    """Write the digests among due messages; cancel those without steps."""
    digests = [one for one in due if one.template == DIGEST and one.words is None and one.state in WAITING]
    if not digests:
        return
    steps = await store.steps_of({digest.id for digest in digests})
    for digest in digests:
        reach, lines = reaches.get(digest.citizen_id), newest(steps[digest.id])
        if lines and reach is not None and not reach.erased:
            _write(digest, lines, reach, keys, now)
        else:
            digest.cancel()


def _write(digest: Notification, lines: Sequence[tuple[str, str]], reach: Reach, keys: KeyRing, now: datetime) -> None:
    message = MessageSpec(digest.citizen_id, DIGEST, {})
    try:
        digest.channel = channel_of(message, digest.channel, reach, keys)
        write(digest, message, reach, keys, digest_words(lines, reach.language, digest.channel))
    except Exception as error:  # one that cannot be written must not delay the others
        log.error("message.unwritable", id=digest.id, error=type(error).__name__)
        attempted(digest, DeliveryState.TECHNICAL_FAILURE, now)


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
