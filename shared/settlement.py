"""Settlement: finds what was confirmed by the broker and still never arrived (a queue lost, a broker wiped).

Some minutes after the broker's confirm a source asks each consumer of the stream about a range of records, in the
order of their stamps (`delivery.asked.v1`, straight to the consumer's queue). The consumer answers with those that it
lacks events of (`delivery.told.v1`), usually none, and the consumer's watermark moves: one write for the range. What
it lacks is relayed again from the document, same ids, so that nothing counts twice. An unanswered question is asked
again. docs/adr/0039.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

import structlog
from prometheus_client import Counter, Gauge
from pydantic import BaseModel, ValidationError

from shared.bus import DONE, Delivery, Message, Outcome, Publisher, outcome_of
from shared.events import CONSUMERS
from shared.records import Outbox

ASKED: Literal["delivery.asked.v1"] = "delivery.asked.v1"
TOLD: Literal["delivery.told.v1"] = "delivery.told.v1"
ASK_AT_ONCE = 500
DRIVEN_AGAIN = Counter(
    "rabta_settlement_driven_again_total",
    "Records whose events a consumer lacked though the broker had confirmed them, sent again",
    ["stream", "consumer"],
)
LAG = Gauge(
    "rabta_settlement_lag_seconds",
    "For how long the oldest record that a consumer has not answered for has been due",
    ["stream", "consumer"],
)

log = structlog.get_logger(__name__)


class Asked(BaseModel):
    """ "What have you taken in of these?" For each record the seq that is settled and the types of the later ones.

    The records are those stamped after `since` and up to `upto`, and `more` says that others follow at once.
    """

    source: str
    stream: str
    records: dict[str, tuple[int, list[str]]]
    since: datetime | None = None
    upto: datetime | None = None
    more: bool = False


class Told(BaseModel):
    """ "Of these I lack something, and have all of the others." For each the last seq taken in with all before it.

    The answer to a question without a range (of an earlier version) names every record that was asked for.
    """

    consumer: str
    stream: str
    records: dict[str, int]
    since: datetime | None = None
    upto: datetime | None = None
    more: bool = False


Seen = Callable[[Asked], Awaitable[Mapping[str, int]]]


class Settlement:
    """Asks for the records of a service's stores, answers for the service, notes what the others answered.

    `outboxes` are the stores by the stream that they say, `seen` what the service has taken in by stream.
    """

    def __init__(
        self,
        service: str,
        publisher: Publisher,
        *,
        every: float,
        outages: tuple[type[BaseException], ...],
        outboxes: Mapping[str, Outbox],
        seen: Mapping[str, Seen],
        on_behind: Callable[[], None] = lambda: None,
    ) -> None:
        self._service = service
        self._publisher = publisher
        self._every = every
        self._outages = outages
        self._outboxes = outboxes
        self._seen = seen
        self._on_behind = on_behind
        self._pairs = [(stream, consumer) for stream in outboxes for consumer in CONSUMERS.get(stream, ())]
        self._more: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        """Whom to ask again at once, since there was more than fits one question."""
        self.driven_again = 0
        for pair in self._pairs:
            DRIVEN_AGAIN.labels(*pair)
            LAG.labels(*pair)

    async def run(self) -> None:
        """Ask every `every` seconds for what is due, and whoever has more to be asked for at once; until cancelled."""
        loop = asyncio.get_running_loop()
        following = loop.time() + self._every
        while True:
            try:
                async with asyncio.timeout_at(following):
                    pair = await self._more.get()
                await self._ask(*pair)
            except TimeoutError:
                await self.ask_all()
                following = loop.time() + self._every

    def filter(
        self, handle: Callable[[Sequence[Delivery]], Awaitable[list[Outcome]]]
    ) -> Callable[[Sequence[Delivery]], Awaitable[list[Outcome]]]:
        """`handle` for events, with questions and answers of settlement taken out of the batch."""

        async def take(deliveries: Sequence[Delivery]) -> list[Outcome]:
            events = [d for d in deliveries if d.headers.get("ce-type") not in (ASKED, TOLD)]
            outcomes = dict(zip(map(id, events), await handle(events) if events else [], strict=True))
            for delivery in deliveries:
                if id(delivery) not in outcomes:
                    outcomes[id(delivery)] = await self._talk(delivery)
            return [outcomes[id(delivery)] for delivery in deliveries]

        return take

    async def ask_all(self) -> None:
        """One round: ask every consumer for what is due, and forget what all have and nobody may know any more."""
        for pair in self._pairs:
            await self._ask(*pair)
        for stream, outbox in self._outboxes.items():
            async with self._going_on():
                await outbox.forget_settled(CONSUMERS.get(stream, ()))

    async def _ask(self, stream: str, consumer: str) -> None:
        outbox = self._outboxes[stream]
        async with self._going_on():
            if asked := await outbox.next_range(consumer, ASK_AT_ONCE):
                question = Asked(
                    source=self._service,
                    stream=stream,
                    records=asked.records,
                    since=asked.since,
                    upto=asked.upto,
                    more=asked.full,
                )
                await self._publisher.publish([self._message(consumer, ASKED, question)])
            LAG.labels(stream, consumer).set(await outbox.lag(consumer))

    @asynccontextmanager
    async def _going_on(self) -> AsyncIterator[None]:
        """Whatever is wrong with the store or with ourselves: the next round tries again."""
        try:
            yield
        except self._outages as error:
            log.warning("settlement.store_away", error=type(error).__name__)
        except Exception as error:
            log.error("settlement.failed", error=type(error).__name__)

    async def _talk(self, delivery: Delivery) -> Outcome:
        try:
            if delivery.headers.get("ce-type") == ASKED:
                return await self._answer(Asked.model_validate_json(delivery.body))
            return await self._note(Told.model_validate_json(delivery.body))
        except ValidationError as error:
            return outcome_of(error)

    async def _answer(self, asked: Asked) -> Outcome:
        seen = await self._seen[asked.stream](asked) if asked.stream in self._seen else {}
        records = {key: seen.get(key, 0) for key in asked.records}
        if asked.upto is not None:
            last = {key: settled + len(types) for key, (settled, types) in asked.records.items()}
            records = {key: seq for key, seq in records.items() if seq < last[key]}
        told = Told(
            consumer=self._service,
            stream=asked.stream,
            records=records,
            since=asked.since,
            upto=asked.upto,
            more=asked.more,
        )
        # An answer that is lost costs nothing: the question comes again.
        await self._publisher.publish([self._message(asked.source, TOLD, told)])
        return DONE

    async def _note(self, told: Told) -> Outcome:
        outbox = self._outboxes.get(told.stream)
        if outbox is None:
            return Outcome("dead", "NothingAsked")
        if told.since is None or told.upto is None:
            return DONE  # by an earlier version of the consumer; it is asked again, until one of ours answers
        behind = await outbox.send_again(told.records, told.upto)
        # Only then may the watermark move: what crashes between is asked for again.
        if await outbox.move_watermark(told.consumer, told.since, told.upto) and told.more:
            self._more.put_nowait((told.stream, told.consumer))
        if behind:
            self.driven_again += behind
            DRIVEN_AGAIN.labels(told.stream, told.consumer).inc(behind)
            log.warning("settlement.driven_again", records=behind, consumer=told.consumer)
            self._on_behind()
        return DONE

    @staticmethod
    def _message(queue: str, kind: Literal["delivery.asked.v1", "delivery.told.v1"], body: BaseModel) -> Message:
        message_id = f"{kind}/{secrets.token_hex(8)}"
        return Message("", queue, body.model_dump_json().encode(), message_id, {"ce-type": kind, "ce-id": message_id})
