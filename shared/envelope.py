"""An event with its metadata, as the outbox stores it and as messages have it.

The attributes of CloudEvents 1.0 as AMQP 0-9-1 headers (the `ce-` names of Knative's RabbitMQ binding),
with one extension attribute, `seq`: the number of this event among all events of its subject and source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.clock import utc_now, written

MAX_AHEAD = timedelta(days=2)
"""Events dated later are refused: histories show the date, and deadlines count from it."""
FORGOTTEN = b'"forgotten"'
"""The body of an event whose personal data was erased; its number in the sequence stays."""


class MalformedEnvelopeError(ValueError):
    """A message whose headers are not those of a valid CloudEvent."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with its number in the sequence of its subject. `data` is the JSON body."""

    source: str
    type: str
    subject: str
    seq: int
    at: datetime
    data: bytes
    queue: str | None = None
    """A queue that gets a copy, in addition to the queues that are bound to the type."""
    second_queue: str | None = None
    """Another such queue, where an event concerns two departments."""

    @property
    def id(self) -> str:
        """Unique over all sources, and the same each time the event is published."""
        return f"{self.source}/{self.subject}/{self.seq}"

    @property
    def queues(self) -> list[str]:
        """The queues that get a copy."""
        return list(dict.fromkeys(queue for queue in (self.queue, self.second_queue) if queue))

    @property
    def forgotten(self) -> bool:
        """Whether its body was erased."""
        return self.data == FORGOTTEN

    def headers(self) -> dict[str, Any]:
        """The CloudEvents attributes as AMQP headers."""
        return {
            "ce-specversion": "1.0",
            "ce-id": self.id,
            "ce-source": f"/{self.source}",
            "ce-type": self.type,
            "ce-subject": self.subject,
            "ce-time": written(self.at),
            "ce-seq": self.seq,
        }

    @classmethod
    def read(cls, headers: Mapping[str, Any], body: bytes) -> "Envelope":
        """The envelope of a received message. Raises MalformedEnvelopeError."""
        try:
            seq = headers["ce-seq"]
            if type(seq) is not int or seq < 0:
                raise MalformedEnvelopeError("ce-seq")
            at = datetime.fromisoformat(str(headers["ce-time"]))
            if at.tzinfo is None or at > utc_now() + MAX_AHEAD:
                raise MalformedEnvelopeError("ce-time")
            return cls(
                source=str(headers["ce-source"]).lstrip("/"),
                type=str(headers["ce-type"]),
                subject=str(headers["ce-subject"]),
                seq=seq,
                at=at,
                data=body,
            )
        except KeyError as missing:
            raise MalformedEnvelopeError(str(missing)) from None
        except ValueError as error:
            raise MalformedEnvelopeError(type(error).__name__) from None

    def entry(self) -> dict[str, Any]:
        """This event as an entry of the `events` array of its subject's document."""
        entry: dict[str, Any] = {"seq": self.seq, "type": self.type, "at": self.at, "data": self.data.decode()}
        if self.queue:
            entry["queue"] = self.queue
        if self.second_queue:
            entry["second_queue"] = self.second_queue
        return entry

    @classmethod
    def of_entry(cls, source: str, subject: str, entry: Mapping[str, Any]) -> "Envelope":
        """The envelope of an entry of a document's `events` array."""
        return cls(
            source=source,
            type=entry["type"],
            subject=subject,
            seq=entry["seq"],
            at=entry["at"].replace(tzinfo=UTC),
            data=entry["data"].encode(),
            queue=entry.get("queue"),
            second_queue=entry.get("second_queue"),
        )
