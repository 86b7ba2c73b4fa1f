"""Publishes routing's events: those for a department get their number in its feed first.

A crash between the two leaves a numbered message that nobody has; the outbox publishes the event again, and it finds
the same number.
"""

import json
from collections.abc import Sequence

import structlog

from services.routing.directory import Directory
from services.routing.feed.bodies import message_of
from services.routing.feed.models import FeedEntry
from services.routing.feed.store import FeedStore
from shared.bus import Message, Publisher
from shared.bus.publisher import event_message
from shared.changing import ContendedError
from shared.department_users import PREFIX
from shared.envelope import Envelope
from shared.events import RequestErased
from shared.mongo import OUTAGES

STORE_ERRORS: tuple[type[BaseException], ...] = (*OUTAGES, ContendedError)

log = structlog.get_logger(__name__)


class FeedPublisher:
    """The publisher of routing's outbox."""

    def __init__(self, publisher: Publisher, feed: FeedStore, directory: Directory) -> None:
        self._publisher = publisher
        self._feed = feed
        self._directory = directory

    async def publish_events(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Publish to all bound queues, and to those of each event's department; True where all have it."""
        try:
            entries = await self._numbered(envelopes)
        except STORE_ERRORS as error:
            log.warning("feed.not_numbered", error=type(error).__name__, events=len(envelopes))
            return [False] * len(envelopes)
        except Exception as error:  # the relay must keep running
            log.error("feed.failed", error=type(error).__name__, events=len(envelopes))
            return [False] * len(envelopes)
        groups = [self._messages(envelope, entries) for envelope in envelopes]
        confirmed = iter(await self._publisher.publish([message for group in groups for message in group]))
        return [all([next(confirmed) for _ in group]) for group in groups]  # noqa: C419  # each is taken from the iterator

    async def _numbered(self, envelopes: Sequence[Envelope]) -> dict[str, list[FeedEntry]]:
        """The entries of the events that departments get, by event id; one for each department."""
        wanted = [envelope for envelope in envelopes if envelope.queues and not envelope.forgotten]
        messages = [message_of(one, queue.removeprefix(PREFIX)) for one in wanted for queue in one.queues]
        entries = await self._feed.append(messages) if messages else []
        for envelope in wanted:
            if envelope.type == RequestErased.type:
                await self._feed.forget_citizen(envelope.subject, json.loads(envelope.data)["citizen_id"])
        found: dict[str, list[FeedEntry]] = {}
        for entry in entries:
            found.setdefault(entry.message.event_id, []).append(entry)
        return found

    def _messages(self, envelope: Envelope, entries: dict[str, list[FeedEntry]]) -> list[Message]:
        told = entries.get(envelope.id, [])
        copies = [copy_for(queue, entry) for entry in told for queue in self._queues(entry.department)]
        return [event_message(envelope), *copies]

    def _queues(self, department: str) -> list[str]:
        """The department's own queue, and its further ones that get real messages."""
        record = self._directory.departments.get(department)
        further = [] if record is None else [one.queue for one in record.further_queues if one.kind == "production"]
        return [PREFIX + department, *further]


def copy_for(queue: str, entry: FeedEntry) -> Message:
    """The message of an entry for one queue; the same each time it is sent."""
    message = entry.message
    return Message("", queue, message.body, f"{message.event_id}>{queue}", entry.headers, message.subject)
