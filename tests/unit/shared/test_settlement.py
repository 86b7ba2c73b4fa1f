"""Settlement: what was confirmed and still never arrived is found and driven again, once in effect."""

import asyncio
from collections.abc import Sequence

import pytest

from services.requests.request.models.request import Request
from services.routing.models.assignment import Assignment
from shared import events
from shared.bus import DONE, Delivery, Message, Outcome
from shared.envelope import Envelope
from shared.events import Event
from shared.inbox import Inbox
from shared.outbox import confirmed_prefix
from shared.settlement import ASKED, TOLD, Asked, Settlement, seen_by_inbox
from tests.builders import CITIZEN, a_delivery, a_request
from tests.fakes import AwayError, FakeClock, MemoryBus, MemoryStore, until

STREAM = "request@requests"


class Town:
    """Requests that speak, routing that listens through a settlement, and a bus between them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.bus = MemoryBus()
        self.requests = MemoryStore(Request, self.clock)
        self.assignments = MemoryStore(Assignment, self.clock)
        self.driven = 0
        self.inbox = Inbox(self.assignments, {events.RequestAnswered.type: self.note}, lambda key: Assignment(id=key))
        self.asking = Settlement(
            "requests",
            self.bus,
            every=0.001,
            outages=(AwayError,),
            outboxes={STREAM: self.requests},
            seen={},
            on_behind=self.on_behind,
        )
        self.routing = Settlement(
            "routing",
            self.bus,
            every=60,
            outages=(AwayError,),
            outboxes={},
            seen={STREAM: lambda asked: seen_by_inbox(self.assignments.load_many, asked)},
        )

    def note(self, assignment: Assignment, event: Event, envelope: Envelope) -> None:
        """The effect."""
        assignment.history.append({"n": envelope.seq})

    def on_behind(self) -> None:
        """Count."""
        self.driven += 1

    async def write(self, number: str, count: int) -> None:
        """A request that says so many things."""
        request = a_request(number)
        for _ in range(count):
            request.emit(events.RequestAnswered(citizen_id=CITIZEN), self.clock.now())
        await self.requests.insert_many([request])

    async def relay(self) -> None:
        """Publish what waits; forget where it went."""
        self.clock.advance(seconds=9)
        envelopes = await self.requests.claim_unsent(100)
        await self.requests.confirm_sent(confirmed_prefix(envelopes, await self.bus.publish_events(envelopes)))

    async def arrive(self) -> None:
        """Hand routing every event that the bus has."""
        arrived = [a_delivery(message) for message in self.bus.taken if message.exchange]
        self.bus.taken = [message for message in self.bus.taken if not message.exchange]
        assert all(outcome == DONE for outcome in await self.inbox.take(arrived))

    async def ask(self) -> list[Message]:
        """What requests asks routing once the time has come."""
        self.clock.advance(seconds=121)
        task = asyncio.create_task(self.asking.run())
        await asyncio.wait([task], timeout=0.02)
        task.cancel()
        self.bus.to("notifier")
        return self.bus.to("routing")

    async def settle(self) -> list[Outcome]:
        """A question and its answer; nothing is lost. As the notifier knows nothing here, it is told to have all."""
        outcomes: list[Outcome] = []
        for question in await self.ask():
            outcomes += await self.routing.filter(no_events)([a_delivery(question)])
            for answer in self.bus.to("requests"):
                outcomes += await self.asking.filter(no_events)([a_delivery(answer)])
        everything = {key: document["seq"] for key, document in self.requests.documents.items()}
        await self.requests.settle("notifier", everything, ("routing", "notifier"))
        return outcomes

    def effects(self, number: str) -> list[int]:
        """The effects in routing."""
        return [entry["n"] for entry in self.assignments.documents.get(number, {}).get("history", [])]

    def open(self) -> int:
        """How many requests are not settled."""
        return sum("settle_after" in document for document in self.requests.documents.values())


async def no_events(_: Sequence[Delivery]) -> list[Outcome]:
    raise AssertionError("no event was in the batch")


async def test_what_arrived_is_settled_and_never_asked_again() -> None:
    town = Town()
    await town.write("RB-1", 2)
    await town.relay()
    await town.arrive()
    assert await town.settle() == [DONE, DONE]
    assert town.open() == 0
    assert town.asking.driven_again == town.driven == 0
    assert await town.ask() == []


async def test_what_was_lost_is_driven_again_with_the_same_ids() -> None:
    town = Town()
    for number, count in (("RB-1", 3), ("RB-2", 1)):
        await town.write(number, count)
    town.bus.lose = lambda message: message.message_id in ("requests/RB-1/2", "requests/RB-1/3", "requests/RB-2/1")
    await town.relay()
    await town.arrive()
    assert town.effects("RB-1") == [1]
    assert town.open() == 2
    town.bus.lose = lambda _: False
    assert await town.settle() == [DONE, DONE]
    assert town.asking.driven_again == 2
    assert town.driven == 1
    town.bus.taken.clear()
    await town.relay()
    assert town.bus.events == ["requests/RB-1/2", "requests/RB-1/3", "requests/RB-2/1"]
    await town.arrive()
    assert (town.effects("RB-1"), town.effects("RB-2")) == ([1, 2, 3], [1])
    await town.settle()
    assert town.open() == 0


async def test_a_gap_in_the_middle_is_driven_again_and_counted_once() -> None:
    town = Town()
    await town.write("RB-1", 4)
    town.bus.lose = lambda message: message.message_id == "requests/RB-1/2"
    await town.relay()
    await town.arrive()
    assert town.effects("RB-1") == [1]
    town.bus.lose = lambda _: False
    await town.settle()
    await town.relay()
    await town.arrive()
    assert town.effects("RB-1") == [1, 2, 3, 4]


@pytest.mark.parametrize("lost", [ASKED, TOLD])
async def test_a_question_or_answer_that_is_lost_is_asked_again(lost: str) -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    await town.arrive()
    town.bus.lose = lambda message: message.headers["ce-type"] == lost
    await town.settle()
    assert town.open() == 1
    town.bus.lose = lambda _: False
    assert await town.settle() == [DONE, DONE]
    assert town.open() == 0


async def test_who_never_takes_it_in_is_asked_ever_more_rarely() -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    asked = []
    for _ in range(40):
        asked.append(bool(await town.ask()))
        await town.relay()
    waits = [place for place, was_asked in enumerate(asked) if was_asked]
    assert waits[:2] == [0, 1]
    assert 4 <= len(waits) <= 7
    assert town.open() == 1


async def test_what_is_not_relayed_yet_is_not_asked_for() -> None:
    town = Town()
    await town.write("RB-1", 1)
    assert await town.ask() == []


async def test_the_question_names_what_is_settled_and_the_types_of_the_later_ones() -> None:
    town = Town()
    await town.write("RB-1", 2)
    await town.requests.settle("routing", {"RB-1": 1}, ("routing", "notifier"))
    await town.relay()
    [question] = await town.ask()
    asked = Asked.model_validate_json(question.body)
    assert asked == Asked(source="requests", stream=STREAM, records={"RB-1": (1, ["request.answered.v1"])})


async def test_many_records_share_one_message() -> None:
    town = Town()
    for n in range(300):
        await town.write(f"RB-{n}", 1)
    await town.relay()
    await town.relay()
    await town.relay()
    [question] = await town.ask()
    assert len(Asked.model_validate_json(question.body).records) == 300


async def test_what_was_said_after_the_answer_stays_open() -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    await town.arrive()
    [question] = await town.ask()
    request = await town.requests.get("RB-1")
    assert request is not None
    request.emit(events.RequestAnswered(citizen_id=CITIZEN), town.clock.now())
    await town.requests.save_many([request])
    await town.routing.filter(no_events)([a_delivery(question)])
    [answer] = town.bus.to("requests")
    await town.asking.filter(no_events)([a_delivery(answer)])
    assert town.open() == 1
    assert town.asking.driven_again == 0


BAD = {
    "not JSON": (ASKED, b"x"),
    "wrong question": (ASKED, b'{"source": "requests"}'),
    "wrong answer": (TOLD, b"{}"),
    "answer to nobody": (TOLD, b'{"consumer": "routing", "stream": "department", "records": {}}'),
}


@pytest.mark.parametrize(("kind", "body"), BAD.values(), ids=BAD.keys())
async def test_what_cannot_be_understood_is_dead(kind: str, body: bytes) -> None:
    outcomes = await Town().asking.filter(no_events)([a_delivery(body, headers={"ce-type": kind})])
    assert [outcome.verdict for outcome in outcomes] == ["dead"]


async def test_a_question_about_a_stream_that_is_not_taken_is_answered_with_nothing() -> None:
    town = Town()
    question = Asked(source="routing", stream="department", records={"power": (0, ["department.created.v1"])})
    body = question.model_dump_json().encode()
    assert await town.routing.filter(no_events)([a_delivery(body, headers={"ce-type": ASKED})]) == [DONE]
    assert b'"power":0' in town.bus.to("routing")[0].body


async def test_events_and_questions_of_a_batch_keep_their_places() -> None:
    town = Town()
    seen: list[str] = []

    async def handle(deliveries: Sequence[Delivery]) -> list[Outcome]:
        seen.extend(delivery.message_id for delivery in deliveries)
        return [Outcome("retry", delivery.message_id) for delivery in deliveries]

    question = Asked(source="requests", stream=STREAM, records={}).model_dump_json().encode()
    batch = [
        a_delivery(message_id="a"),
        a_delivery(question, headers={"ce-type": ASKED}),
        a_delivery(message_id="b"),
        a_delivery(b"x", headers={"ce-type": TOLD}),
    ]
    outcomes = await town.routing.filter(handle)(batch)
    assert seen == ["a", "b"]
    assert [outcome.verdict for outcome in outcomes] == ["retry", "done", "retry", "dead"]
    assert [outcomes[0].error, outcomes[2].error] == ["a", "b"]


async def test_trouble_with_the_store_does_not_end_the_asking() -> None:
    town, errors = Town(), iter([AwayError(), RuntimeError("odd")])

    def trouble() -> None:
        if (error := next(errors, None)) is not None:
            raise error

    await town.write("RB-1", 1)
    await town.relay()
    town.clock.advance(seconds=121)
    town.requests.before = trouble
    task = asyncio.create_task(town.asking.run())
    await until(lambda: any(message.key == "routing" for message in town.bus.taken))
    task.cancel()
