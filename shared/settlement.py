"""Settlement: finds events that the broker confirmed and that never arrived, such as after the loss of a queue.

Some minutes after the broker's confirm a source asks each consumer of the stream about a range of records, in the
order of `sent_at` (`delivery.asked.v1`, directly to the consumer's queue). The consumer answers with the records whose
events it does not have (`delivery.told.v1`), usually none, and its watermark moves: one write for the range. Missing
events are relayed again with the same ids, so that they are applied once. An unanswered question is asked again.
See docs/adr/0039.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import Literal

import structlog
from prometheus_client import Counter, Gauge
from pydantic import BaseModel, ValidationError

from shared.bus import DONE, Delivery, Message, Outcome, Publisher, outcome_of
from shared.events import CONSUMERS
from shared.records import Outbox

QUESTION: Literal["delivery.asked.v1"] = "delivery.asked.v1"
ANSWER: Literal["delivery.told.v1"] = "delivery.told.v1"
ASK_BATCH = 500
DRIVEN_AGAIN = Counter(
    "rabta_settlement_driven_again_total",
    "Records sent again because a consumer lacked events that the broker had confirmed",
    ["stream", "consumer"],
)
LAG = Gauge(
    "rabta_settlement_lag_seconds",
    "For how long a consumer's oldest unsettled record has been due",
    ["stream", "consumer"],
)

log = structlog.get_logger(__name__)


class DeliveryQuestion(BaseModel):
    """A question: which events of these records have you applied? Each with its settled seq and the later types.

    The records are those with `sent_at` after `since` and up to `upto`; `more`: another question follows at once.
    """

    source: str
    stream: str
    records: dict[str, tuple[int, list[str]]]
    since: datetime | None = None
    upto: datetime | None = None
    more: bool = False


class DeliveryAnswer(BaseModel):
    """An answer: the records with missing events, each with the last seq that was applied without a gap.

    The answer to a question without a range (of an earlier version) has every record of the question.
    """

    consumer: str
    stream: str
    records: dict[str, int]
    since: datetime | None = None
    upto: datetime | None = None
    more: bool = False


Seen = Callable[[DeliveryQuestion], Awaitable[Mapping[str, int]]]


@dataclass(eq=False)
class Settlement:
    """Asks consumers about the records of a service's stores, and answers the questions of other services.

    `outboxes` are the stores by their stream; `seen` finds what the service has applied of a stream.
    """

    service: str
    publisher: Publisher
    _: KW_ONLY
    every: float
    outages: tuple[type[BaseException], ...]
    outboxes: Mapping[str, Outbox]
    seen: Mapping[str, Seen]
    driven_again: int = 0
    _more: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)
    """Streams and consumers to ask again at once, as one question did not cover all due records."""

    def __post_init__(self) -> None:
        self._pairs = [(stream, consumer) for stream in self.outboxes for consumer in CONSUMERS.get(stream, ())]
        for pair in self._pairs:
            DRIVEN_AGAIN.labels(*pair)
            LAG.labels(*pair)

    async def run(self) -> None:
        """Ask about due records every `every` seconds, and at once where there are more; until cancelled."""
        loop = asyncio.get_running_loop()
        following = loop.time() + self.every
        while True:
            try:
                async with asyncio.timeout_at(following):
                    pair = await self._more.get()
                await self._ask(*pair)
            except TimeoutError:
                await self.ask_all()
                following = loop.time() + self.every

    def filter(
        self, handle: Callable[[Sequence[Delivery]], Awaitable[list[Outcome]]]
    ) -> Callable[[Sequence[Delivery]], Awaitable[list[Outcome]]]:
        """A handler that processes questions and answers of settlement itself and passes events to `handle`."""

        async def take(deliveries: Sequence[Delivery]) -> list[Outcome]:
            events = [d for d in deliveries if d.headers.get("ce-type") not in (QUESTION, ANSWER)]
            outcomes = dict(zip(map(id, events), await handle(events) if events else [], strict=True))
            for delivery in deliveries:
                if id(delivery) not in outcomes:
                    outcomes[id(delivery)] = await self._handle(delivery)
            return [outcomes[id(delivery)] for delivery in deliveries]

        return take

    async def ask_all(self) -> None:
        """One round: ask every consumer about due records, then erase the bodies that are to be forgotten."""
        for pair in self._pairs:
            await self._ask(*pair)
        for stream, outbox in self.outboxes.items():
            async with self._logging_errors():
                await outbox.forget_settled(CONSUMERS.get(stream, ()))

    async def _ask(self, stream: str, consumer: str) -> None:
        outbox = self.outboxes[stream]
        async with self._logging_errors():
            lag = await outbox.lag(consumer)
            LAG.labels(stream, consumer).set(lag)
            if lag and (due := await outbox.next_range(consumer, ASK_BATCH)):
                question = DeliveryQuestion(
                    source=self.service,
                    stream=stream,
                    records=due.records,
                    since=due.since,
                    upto=due.upto,
                    more=due.full,
                )
                await self.publisher.publish([self._message(consumer, QUESTION, question)])

    @asynccontextmanager
    async def _logging_errors(self) -> AsyncIterator[None]:
        """Log any error; the next round tries again."""
        try:
            yield
        except self.outages as error:
            log.warning("settlement.store_away", error=type(error).__name__)
        except Exception as error:
            log.error("settlement.failed", error=type(error).__name__)

    async def _handle(self, delivery: Delivery) -> Outcome:
        try:
            if delivery.headers.get("ce-type") == QUESTION:
                return await self._answer(DeliveryQuestion.model_validate_json(delivery.body))
            return await self._receive(DeliveryAnswer.model_validate_json(delivery.body))
        except ValidationError as error:
            return outcome_of(error)

    async def _answer(self, question: DeliveryQuestion) -> Outcome:
        seen = await self.seen[question.stream](question) if question.stream in self.seen else {}
        records = {key: seen.get(key, 0) for key in question.records}
        if question.upto is not None:
            last = {key: settled + len(types) for key, (settled, types) in question.records.items()}
            records = {key: seq for key, seq in records.items() if seq < last[key]}
        answer = DeliveryAnswer(
            consumer=self.service,
            stream=question.stream,
            records=records,
            since=question.since,
            upto=question.upto,
            more=question.more,
        )
        # A lost answer does no harm: the question is asked again.
        await self.publisher.publish([self._message(question.source, ANSWER, answer)])
        return DONE

    async def _receive(self, answer: DeliveryAnswer) -> Outcome:
        outbox = self.outboxes.get(answer.stream)
        if outbox is None:
            return Outcome("dead", "NothingAsked")
        if answer.since is None or answer.upto is None:
            return DONE  # from an earlier version of the consumer; it is asked again until a newer one answers
        behind = await outbox.send_again(answer.records, answer.upto)
        # The watermark moves last: after a crash before this, the range is asked for again.
        if await outbox.move_watermark(answer.consumer, answer.since, answer.upto) and answer.more:
            self._more.put_nowait((answer.stream, answer.consumer))
        if behind:
            self.driven_again += behind
            DRIVEN_AGAIN.labels(answer.stream, answer.consumer).inc(behind)
            log.warning("settlement.driven_again", records=behind, consumer=answer.consumer)
        return DONE

    @staticmethod
    def _message(queue: str, kind: Literal["delivery.asked.v1", "delivery.told.v1"], body: BaseModel) -> Message:
        message_id = f"{kind}/{secrets.token_hex(8)}"
        return Message("", queue, body.model_dump_json().encode(), message_id, {"ce-type": kind, "ce-id": message_id})
