"""Settlement: finds what was confirmed by the broker and still never arrived (a queue lost, a broker wiped).

Some minutes after its last event a source asks each consumer of the record's stream what it has taken in
(`delivery.asked.v1`, straight to the consumer's queue, many records in one message). The consumer answers
(`delivery.told.v1`); what it lacks is relayed again from the document, same ids, so that nothing counts twice.
An unanswered question is asked again. docs/adr/0003.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Literal

import structlog
from prometheus_client import Counter
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

log = structlog.get_logger(__name__)


class Asked(BaseModel):
    """ "What have you taken in of these?" For each record the seq that is settled and the types of the later ones."""

    source: str
    stream: str
    records: dict[str, tuple[int, list[str]]]


class Told(BaseModel):
    """ "All up to these." For each record the last seq taken in with all before it."""

    consumer: str
    stream: str
    records: dict[str, int]


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
        self.driven_again = 0
        for stream in outboxes:
            for consumer in CONSUMERS.get(stream, ()):
                DRIVEN_AGAIN.labels(stream, consumer)

    async def run(self) -> None:
        """Ask every `every` seconds for what is due, until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            try:
                for stream, outbox in self._outboxes.items():
                    while await self._ask(stream, outbox):
                        pass
                    await outbox.forget_settled()
            except self._outages as error:
                log.warning("settlement.store_away", error=type(error).__name__)
            except Exception as error:
                log.error("settlement.failed", error=type(error).__name__)

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

    async def _ask(self, stream: str, outbox: Outbox) -> bool:
        found = await outbox.claim_unsettled(ASK_AT_ONCE)
        if not found:
            return False
        messages = []
        for consumer in CONSUMERS[stream]:
            records = {}
            for record in found:
                settled = record.get("settled", {}).get(consumer, 0)
                records[record["_id"]] = (settled, [event["type"] for event in record["events"][settled:]])
            messages.append(self._message(consumer, ASKED, Asked(source=self._service, stream=stream, records=records)))
        return all(await self._publisher.publish(messages)) and len(found) == ASK_AT_ONCE

    async def _talk(self, delivery: Delivery) -> Outcome:
        try:
            if delivery.headers.get("ce-type") == ASKED:
                return await self._answer(Asked.model_validate_json(delivery.body))
            return await self._note(Told.model_validate_json(delivery.body))
        except ValidationError as error:
            return outcome_of(error)

    async def _answer(self, asked: Asked) -> Outcome:
        seen = await self._seen[asked.stream](asked) if asked.stream in self._seen else {}
        told = Told(consumer=self._service, stream=asked.stream, records={k: seen.get(k, 0) for k in asked.records})
        # An answer that is lost costs nothing: the question comes again.
        await self._publisher.publish([self._message(asked.source, TOLD, told)])
        return DONE

    async def _note(self, told: Told) -> Outcome:
        outbox = self._outboxes.get(told.stream)
        if outbox is None:
            return Outcome("dead", "NothingAsked")
        behind = await outbox.settle(told.consumer, told.records, CONSUMERS.get(told.stream, ()))
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


async def seen_by_inbox(
    load: Callable[[Collection[str]], Awaitable[Mapping[str, Any]]], asked: Asked
) -> dict[str, int]:
    """The answer of a service whose records carry an inbox."""
    records = await load(list(asked.records))
    return {record_id: record.inbox.get(asked.source, 0) for record_id, record in records.items()}
