"""Writes digests just before they are sent, because steps may be added until then."""

from collections.abc import Mapping, Sequence

import structlog

from services.notifier.models.contact import Reach
from services.notifier.models.delivery import attempted
from services.notifier.models.following import DIGEST, newest
from services.notifier.models.message import MessageSpec
from services.notifier.models.notification import WAITING, DeliveryState, Notification
from services.notifier.store.notifications import NotificationStore
from services.notifier.writing.composing import channel_of, write
from services.notifier.writing.digests import digest_words
from shared.clock import Clock
from shared.seal import KeyRing

log = structlog.get_logger(__name__)


class Digests:
    """Writes the text of digests."""

    def __init__(self, notifications: NotificationStore, keys: KeyRing, clock: Clock) -> None:
        self._notifications = notifications
        self._keys = keys
        self._clock = clock

    async def write(self, due: Sequence[Notification], reaches: Mapping[str, Reach]) -> None:
        """Write the digests among due messages; cancel those without steps."""
        digests = [one for one in due if one.template == DIGEST and one.words is None and one.state in WAITING]
        if not digests:
            return
        steps = await self._notifications.steps_of({digest.id for digest in digests})
        for digest in digests:
            reach, lines = reaches.get(digest.citizen_id), newest(steps[digest.id])
            if lines and reach is not None and not reach.erased:
                self._try_to_write(digest, lines, reach)
            else:
                digest.cancel()

    def _try_to_write(self, digest: Notification, lines: Sequence[tuple[str, str]], reach: Reach) -> None:
        try:
            self._write(digest, lines, reach)
        except Exception as error:  # one that cannot be written must not delay the others
            log.error("message.unwritable", id=digest.id, error=type(error).__name__)
            attempted(digest, DeliveryState.TECHNICAL_FAILURE, self._clock())

    def _write(self, digest: Notification, lines: Sequence[tuple[str, str]], reach: Reach) -> None:
        message = MessageSpec(digest.citizen_id, DIGEST, {})
        digest.channel = channel_of(message, digest.channel, reach, self._keys)
        words = digest_words(lines, reach.language, digest.channel)
        write(digest, message, reach, self._keys, words)
