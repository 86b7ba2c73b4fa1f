"""A request ends while its department acts: afterwards all services agree, whichever event came first.

Three services without a network, with four queues between them; a test decides which is read next.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.handlers import HANDLERS as MESSAGES
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates import models as following
from services.requests.handlers import HANDLERS
from services.requests.life.service.appeals import Appeals, Grounds
from services.requests.life.service.citizen import Answer, CitizenActs, Confirmation, Dispute, Withdrawal
from services.requests.life.service.clocks import Clocks
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from services.routing.models.acts import ACT
from services.routing.service.deciding import Actor
from shared.bus import Delivery, Outcome
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.errors import Problem
from shared.inbox import Inbox
from shared.rights import Role
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, a_request, an_envelope
from tests.cases import cases
from tests.fakes import MemoryStore
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import registered
from tests.unit.routing.office import Office, submitted

OFFICERS = count(1)
BODIES: dict[str, dict[str, str]] = {
    "accept": {},
    "ask": {"question": "Which lamp is it?"},
    "progress": {"note": "We come on Tuesday."},
    "transfer": {"to": "roads", "reason": "Not our pole."},
    "resolve": {"outcome": "granted", "reply": "The lamp was replaced and tested."},
}
TO_ROUTING, TO_REQUESTS, REQUESTS_TO_NOTIFIER, ROUTING_TO_NOTIFIER = range(4)
EVERY_QUEUE = range(4)
ORDERS = [
    (*between, *told)
    for between in ((TO_ROUTING, TO_REQUESTS), (TO_REQUESTS, TO_ROUTING))
    for told in ((REQUESTS_TO_NOTIFIER, ROUTING_TO_NOTIFIER), (ROUTING_TO_NOTIFIER, REQUESTS_TO_NOTIFIER))
]
OVER = {State.CONFIRMED, State.CLOSED, State.WITHDRAWN, State.DUPLICATE}


class Town:
    """One request, its assignment, and the messages about it."""

    def __init__(self) -> None:
        self.store = MemoryStore(Request)
        store = cast(RequestStore, self.store)
        self.inbox = Inbox(self.store, HANDLERS, lambda number: Request(id=number))
        self.citizen = CitizenActs(store, cast(Catalogue, None), MemoryStore(CitizenReplica), KEYS)
        self.appeals = Appeals(store, KEYS)
        self.clocks = Clocks(store)
        self.office = Office()
        self.notifier = World(Recording())
        self.notifier.clock.at = utc_now()
        self.queues: list[list[Envelope]] = [[] for _ in EVERY_QUEUE]
        self.store.on_emitted = lambda envelopes: self._put(envelopes, TO_ROUTING, REQUESTS_TO_NOTIFIER)
        self.office.assignments.on_emitted = lambda envelopes: self._put(envelopes, TO_REQUESTS, ROUTING_TO_NOTIFIER)
        self.ends: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "withdraw": lambda: self.citizen.withdraw(CITIZEN, NUMBER, Withdrawal()),
            "answer": lambda: self.citizen.answer(CITIZEN, NUMBER, Answer(answer="The left one.")),
            "confirm": lambda: self.citizen.confirm(CITIZEN, NUMBER, Confirmation()),
            "dispute": lambda: self.citizen.dispute(CITIZEN, NUMBER, Dispute(reason="not_done")),
            "appeal": lambda: self.appeals.appeal(CITIZEN, NUMBER, "key", Grounds(grounds="It is still dark.")),
            "lapse": lambda: self._clock("lapse"),
            "let_stand": lambda: self._clock("let_stand"),
            "merge": self._merge,
            "separate": self._separate,
        }

    async def open(self) -> "Town":
        """File the request, and have it reach its department."""
        await self.office.open()
        await self.notifier.citizens.take([a_delivery(an_envelope(registered(), subject=CITIZEN))])
        request = a_request()
        request.note("submit", ActorKind.CITIZEN, utc_now(), by=CITIZEN)
        request.take("pass", ActorKind.RULES, utc_now(), results=[])
        request.emit(submitted(), utc_now())
        await self.store.insert_many([request])
        await self.settle()
        return self

    async def act(self, name: str) -> None:
        """Somebody of the department that has it acts, as its head. Raises Problem."""
        assignment = await self.office.assignments.get(NUMBER)
        assert assignment is not None
        actor = Actor(f"head-{next(OFFICERS)}", str(assignment.department), Role.HEAD)
        self.office.acting.act(assignment, ACT.validate_python({"action": name, **BODIES[name]}), actor, utc_now())
        await self.office.assignments.save_many([assignment])

    async def read(self, queue: int, *, again: bool = False) -> None:
        """Take in what waits first in a queue, and once more if it comes `again`."""
        envelope = self.queues[queue].pop(0)
        self.notifier.clock.at = utc_now()
        for delivery in [a_delivery(envelope)] * (2 if again else 1):
            assert [outcome.verdict for outcome in await self._take(queue, delivery)] == ["done"]

    async def _take(self, queue: int, delivery: Delivery) -> list[Outcome]:
        if queue == TO_ROUTING:
            return await self.office.requests.take([delivery])
        if queue == TO_REQUESTS:
            return await self.inbox.take([delivery])
        return await self.notifier.notifier.take([delivery])

    async def settle(self, order: Sequence[int] = EVERY_QUEUE, *, again: bool = False) -> None:
        """Read all queues until they are empty: by turns in this order."""
        while any(self.queues):
            for queue in order:
                if self.queues[queue]:
                    await self.read(queue, again=again)

    @property
    def request(self) -> Request:
        """The request as it stands."""
        return Request.of(self.store.documents[NUMBER])

    def told(self) -> list[str]:
        """The messages that its citizen got, in the order in which they were recorded."""
        return [one.template for one in self.notifier.notifications.all() if one.words and one.subject == NUMBER]

    def agree(self) -> None:
        """Request, assignment and last message say the same."""
        request, assignment = self.request, self.office.assignments.documents[NUMBER]
        assert assignment["state"] == ("closed" if request.state in OVER else request.state)
        assert (assignment["outcome"], assignment["department"]) == (request.outcome, request.department)
        last = self.told()[-1]
        listed = sorted(self.notifier.notifications.all(), key=lambda one: (one.created_at, one.id))
        assert request.state in OVER or last not in {"request.withdrawn", "request.lapsed", "request.let_stand"}
        if request.state in OVER - {State.DUPLICATE}:
            assert last in {f"request.{end}" for end in ("withdrawn", "lapsed", "let_stand", "confirmed")}
            assert [one.template for one in listed if one.words][-1] == last

    def _put(self, envelopes: list[Envelope], *queues: int) -> None:
        for envelope in envelopes:
            for queue in queues if envelope.subject == NUMBER else ():
                if queue in (TO_ROUTING, TO_REQUESTS) or envelope.type in MESSAGES:
                    self.queues[queue].append(envelope)

    async def _clock(self, step: str) -> None:
        request = self.request
        request.clock = step
        assert await self.clocks.take([request]) == 1

    async def _merge(self) -> None:
        request = self.request
        words = KEYS.seal("The same lamp.", SealPurpose.REQUEST_NOTE, owner=NUMBER)
        following.merge(request, a_request("RB-OTHER", citizen_id="other"), utc_now(), by="officer", words=words)
        assert not await self.store.save_many([request])

    async def _separate(self) -> None:
        request = self.request
        words = KEYS.seal("Another lamp.", SealPurpose.REQUEST_NOTE, owner=NUMBER)
        following.separate(request, None, ActorKind.CITIZEN, utc_now(), by=CITIZEN, words=words)
        assert not await self.store.save_many([request])


PATHS: dict[str, tuple[str, ...]] = {
    "routed": (),
    "accepted": ("accept",),
    "questioned": ("ask",),
    "in_progress": ("accept", "progress"),
    "reopened": ("accept", "resolve", "dispute"),
    "accepted again": ("accept", "resolve", "dispute", "accept"),
}
"""What was done before, by the state that it leads to."""
AT_ONCE = [
    (state, act, end)
    for state, acts in {
        "routed": ("accept", "ask", "transfer"),
        "accepted": ("ask", "progress", "transfer", "resolve"),
        "questioned": ("transfer",),
        "in_progress": ("ask", "progress", "transfer", "resolve"),
        "reopened": ("accept", "ask", "transfer"),
    }.items()
    for act in acts
    for end in ("withdraw", "merge", *(("lapse", "answer") if state == "questioned" else ()))
    if (state, end) != ("reopened", "merge")  # refused: only the head ends it
]


async def reached(state: str) -> Town:
    """A town whose request is in that state, known to everybody."""
    town = await Town().open()
    for step in PATHS[state]:
        await (town.ends[step]() if step in town.ends else town.act(step))
        await town.settle()
    return town


@cases("state, act, end", AT_ONCE)
async def test_at_the_same_moment_what_ends_the_request_wins(state: str, act: str, end: str) -> None:
    for order in ORDERS:
        town = await reached(state)
        before = len(town.told())
        await town.act(act)
        await town.ends[end]()
        await town.settle(order, again=True)
        town.agree()
        ended = {"withdraw": "withdrawn", "merge": "duplicate", "lapse": "closed", "answer": "in_progress"}
        assert town.request.state == ended[end]
        if end != "answer" and order.index(REQUESTS_TO_NOTIFIER) < order.index(ROUTING_TO_NOTIFIER):
            assert len(town.told()) - before == (0 if end == "merge" else 1)


@pytest.mark.parametrize(
    ("before", "end"),
    [*(("accepted", end) for end in ("confirm", "dispute", "let_stand", "withdraw")), ("accepted again", "appeal")],
)
async def test_the_citizens_reaction_to_the_outcome_is_final(before: str, end: str) -> None:
    for order in ORDERS:
        town = await reached(before)
        await town.act("resolve")
        while town.queues[TO_REQUESTS]:
            await town.read(TO_REQUESTS)
        await town.ends[end]()
        await town.settle(order, again=True)
        town.agree()


async def test_steps_before_an_unheard_merge_do_not_count_after_separating() -> None:
    for order in ORDERS:
        town = await reached("routed")
        for act in ("transfer", "accept", "resolve"):
            await town.act(act)
        await town.ends["merge"]()
        await town.ends["separate"]()
        await town.settle(order, again=True)
        town.agree()
        assert town.request.state == "routed"


@given(
    st.lists(st.sampled_from([*BODIES, "withdraw", "answer", "confirm", "dispute", "merge", "separate", *EVERY_QUEUE]))
)
def test_all_services_agree_in_the_end_in_any_order_of_events(steps: list[str | int]) -> None:
    async def live() -> None:
        town = await Town().open()
        for step in steps:
            try:
                if isinstance(step, int):
                    if town.queues[step]:
                        await town.read(step)
                else:
                    await (town.ends[step]() if step in town.ends else town.act(step))
            except Problem:
                continue  # it was refused, and whoever tried was told
        await town.settle()
        town.agree()

    asyncio.run(live())


def test_after_a_merge_is_undone_messages_come_again_and_what_came_too_late_does_not() -> None:
    async def undo() -> None:
        town = await reached("accepted")
        await town.act("progress")
        late = town.queues[ROUTING_TO_NOTIFIER].pop()
        await town.ends["merge"]()
        await town.settle()
        await town.ends["separate"]()
        await town.settle()
        town.queues[ROUTING_TO_NOTIFIER].append(late)
        await town.act("accept")
        await town.settle()
        town.agree()
        assert town.told()[-2:] == ["request.routed.separated", "request.accepted"]

    asyncio.run(undo())
