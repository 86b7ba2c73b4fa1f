"""A town for tests of settlement: requests, routing, and a bus between them."""

from collections.abc import Sequence

from prometheus_client import REGISTRY

from services.requests.request.models.request import Request
from services.routing.models.assignment import Assignment
from shared import events
from shared.bus import DONE, Delivery, Message, Outcome
from shared.envelope import Envelope
from shared.events import Event
from shared.inbox import Inbox
from shared.outbox import confirmed_prefix
from shared.records import BEGINNING
from shared.settlement import Settlement
from tests.builders import CITIZEN, a_delivery, a_request
from tests.fakes import AwayError, FakeClock, MemoryBus, MemoryStore

STREAM = "request@requests"


class Town:
    """Requests that publish events, routing with a settlement that consumes them, and a bus between."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.bus = MemoryBus()
        self.requests = MemoryStore(Request, self.clock)
        self.assignments = MemoryStore(Assignment, self.clock)
        self.inbox = Inbox(self.assignments, {events.RequestAnswered.type: self.note}, lambda key: Assignment(id=key))
        self.asking = Settlement(
            "requests",
            self.bus,
            every=0.001,
            outages=(AwayError,),
            outboxes={STREAM: self.requests},
            seen={},
        )
        self.routing = Settlement(
            "routing",
            self.bus,
            every=60,
            outages=(AwayError,),
            outboxes={},
            seen={STREAM: lambda asked: self.assignments.taken_in(asked.records, asked.source)},
        )

    def note(self, assignment: Assignment, event: Event, envelope: Envelope) -> None:
        """The effect."""
        assignment.history.append({"n": envelope.seq})

    async def write(self, number: str, count: int) -> None:
        """A request with that many events."""
        request = a_request(number)
        for _ in range(count):
            request.emit(events.RequestAnswered(citizen_id=CITIZEN), self.clock.now())
        await self.requests.insert_many([request])

    async def relay(self) -> None:
        """Publish waiting events, and drop the messages."""
        self.clock.advance(seconds=9)
        envelopes = await self.requests.claim_unsent(100)
        await self.requests.confirm_sent(confirmed_prefix(envelopes, await self.bus.publish_events(envelopes)))

    async def arrive(self) -> None:
        """Deliver every event of the bus to routing."""
        arrived = [a_delivery(message) for message in self.bus.taken if message.exchange]
        self.bus.taken = [message for message in self.bus.taken if not message.exchange]
        assert all(outcome == DONE for outcome in await self.inbox.take(arrived))

    async def say(self, number: str) -> None:
        """Emit another event."""
        request = await self.requests.get(number)
        assert request is not None
        request.emit(events.RequestAnswered(citizen_id=CITIZEN), self.clock.now())
        assert await self.requests.save_many([request]) == set()

    async def ask(self) -> list[Message]:
        """The question of requests to routing when it is due."""
        self.clock.advance(seconds=121)
        await self.asking.ask_all()
        return self.bus.to("routing")

    async def answer(self, question: Message) -> list[Outcome]:
        """Routing answers, and requests handles the answer."""
        assert await self.routing.filter(no_events)([a_delivery(question)]) == [DONE]
        answers = [a_delivery(answer) for answer in self.bus.to("requests")]
        return await self.asking.filter(no_events)(answers)

    async def settle(self) -> list[Outcome]:
        """Routing is asked and answers."""
        return [outcome for question in await self.ask() for outcome in await self.answer(question)]

    def effects(self, number: str) -> list[int]:
        """The effects in routing."""
        return [entry["n"] for entry in self.assignments.documents.get(number, {}).get("history", [])]

    def open(self) -> int:
        """How many requests are not settled for routing."""
        until = self.requests.watermarks.get("routing", {"until": BEGINNING})["until"]
        stamps = [document.get("sent_at") for document in self.requests.documents.values()]
        return sum(stamp is None or stamp > until for stamp in stamps)

    def lag(self, consumer: str) -> float:
        """The gauge."""
        value = REGISTRY.get_sample_value("rabta_settlement_lag_seconds", {"stream": STREAM, "consumer": consumer})
        assert value is not None
        return value


async def no_events(_: Sequence[Delivery]) -> list[Outcome]:
    """The handler of a batch without events."""
    raise AssertionError("no event was in the batch")
