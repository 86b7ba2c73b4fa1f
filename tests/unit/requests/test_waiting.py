"""Clocks of requests that wait for their citizen: reminders, closing without an answer, outcomes that stand."""

from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.life.service.citizen import CitizenActs, Dispute
from services.requests.life.service.clocks import DUE, Clocks
from services.requests.request.models.lifecycle import EDGES, ENDED, ActorKind, State
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.models.waiting import Waits
from services.requests.request.service import views
from services.requests.request.store.requests import RequestStore
from services.requests.settings import RequestsSettings
from shared.errors import ConflictError
from shared.events import BY_TYPE
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_request
from tests.fakes import START, FakeClock, MemoryStore

USUAL = Waits()


class Wall:
    """A waiting request in a store, and the clocks."""

    def __init__(self, request: Request) -> None:
        self.time = FakeClock()
        self.store = MemoryStore(Request)
        self.clocks = Clocks(cast(RequestStore, self.store), self.time)
        self.request = request

    async def hang(self) -> "Wall":
        """Store it."""
        await self.store.insert_many([self.request])
        return self

    async def look(self, days: float) -> list[str]:
        """Run the clocks that many days after the waiting began; returns the events."""
        document = self.store.documents[NUMBER]
        before = len(document["events"])
        self.time.at = document["waiting_since"] + timedelta(days=days)
        while document["clock_at"] and document["clock_at"] <= self.time.at:
            await self.clocks.take([Request.of(document)])
            document = self.store.documents[NUMBER]
        return [event["type"] for event in document["events"][before:]]

    def last_event(self, kind: str) -> Any:
        """The last event of a type."""
        found = [e for e in self.store.documents[NUMBER]["events"] if e["type"] == kind]
        return BY_TYPE[kind].model_validate_json(found[-1]["data"])


def waiting(state: str, **fields: Any) -> Request:
    """A request that began to wait in that state."""
    before = {"information_needed": "submitted", "questioned": "accepted", "resolved": "accepted"}[state]
    request = a_request(state=State(before), **fields)
    action, actor = {
        "information_needed": ("need", ActorKind.RULES),
        "questioned": ("question", ActorKind.DEPARTMENT),
        "resolved": ("resolve", ActorKind.DEPARTMENT),
    }[state]
    request.take(action, actor, START)
    return request


@pytest.mark.parametrize("state", ["information_needed", "questioned"])
async def test_no_answer_is_reminded_of_and_then_closes(state: str) -> None:
    wall = await Wall(waiting(state, active_service="street-light-out")).hang()
    document = wall.store.documents[NUMBER]
    since: datetime = document["waiting_since"]
    assert (document["clock"], document["clock_at"]) == ("remind", since + timedelta(days=3))
    assert await wall.look(2.9) == []
    assert await wall.look(3) == ["request.reminded.v1"]
    reminded = wall.last_event("request.reminded.v1")
    assert (reminded.about, reminded.until) == (state, since + timedelta(days=14))
    assert await wall.look(6.9) == []
    assert await wall.look(7) == ["request.reminded.v1"]
    assert await wall.look(13.9) == []
    assert await wall.look(14) == ["request.lapsed.v1"]
    closed = await wall.store.get(NUMBER)
    assert closed is not None
    assert (closed.state, closed.clock, closed.clock_at, closed.active_service) == (State.CLOSED, None, None, None)
    assert [entry["action"] for entry in closed.history][1:] == ["remind", "remind", "lapse"]
    assert wall.last_event("request.lapsed.v1").waited_for == state


async def test_an_outcome_that_nobody_disputes_stands() -> None:
    wall = await Wall(waiting("resolved")).hang()
    assert await wall.look(7) == ["request.reminded.v1"]
    assert wall.last_event("request.reminded.v1").about == "resolved"
    assert await wall.look(13.99) == []
    assert await wall.look(14) == ["request.let_stand.v1"]
    assert wall.store.documents[NUMBER]["state"] is State.CLOSED


async def test_an_outcome_of_the_head_stands_when_the_time_for_an_appeal_is_over() -> None:
    wall = await Wall(waiting("resolved", disputed=True)).hang()
    assert await wall.look(29.9) == ["request.reminded.v1"]
    assert wall.last_event("request.reminded.v1").about == "resolved_by_head"
    assert await wall.look(30) == ["request.let_stand.v1"]


async def test_decision_after_an_appeal_is_final() -> None:
    wall = await Wall(waiting("resolved", disputed=True, appeal="RB-AAAA-AAAA-A")).hang()
    assert await wall.look(7) == ["request.reminded.v1"]
    assert wall.last_event("request.reminded.v1").final is True
    assert await wall.look(14) == ["request.let_stand.v1"]


async def test_one_that_was_missed_for_long_is_reminded_before_it_closes() -> None:
    wall = await Wall(waiting("questioned")).hang()
    assert await wall.look(100) == ["request.reminded.v1", "request.reminded.v1", "request.lapsed.v1"]


async def test_act_of_the_citizen_wins_against_the_clock() -> None:
    wall = await Wall(waiting("questioned")).hang()
    claimed = await wall.store.get(NUMBER)
    answered = await wall.store.get(NUMBER)
    assert claimed is not None
    assert answered is not None
    answered.take("answer", ActorKind.CITIZEN, START, by=CITIZEN)
    assert await wall.store.save_many([answered]) == set()
    assert await wall.clocks.take([claimed]) == 0
    document = wall.store.documents[NUMBER]
    assert (document["state"], document["clock"], document["events"]) == (State.IN_PROGRESS, None, [])


async def test_unprocessable_request_does_not_delay_the_others() -> None:
    wall = await Wall(waiting("questioned")).hang()
    broken = a_request("RB-0000-0000-0", clock="remind")
    good = await wall.store.get(NUMBER)
    assert good is not None
    assert await wall.clocks.take([broken, good]) == 1


STEPS = [(edge.action, edge.who) for edge in EDGES]


@given(st.lists(st.sampled_from(STEPS), max_size=30), st.booleans())
def test_every_state_waiting_for_the_citizen_has_a_deadline(steps: list[tuple[str, ActorKind]], disputed: bool) -> None:
    request = a_request(disputed=disputed)
    for action, actor in steps:
        sources = next(edge.sources for edge in EDGES if edge.action == action)
        if request.state in sources:
            request.take(action, actor, START)
        runs = request.state in (State.INFORMATION_NEEDED, State.QUESTIONED, State.RESOLVED)
        assert (
            (request.clock is not None) == (request.clock_at is not None) == (request.waits_until is not None) == runs
        )
        while request.clock is not None:
            assert request.waits_until is not None
            assert request.clock_at is not None
            assert request.clock_at <= request.waits_until
            DUE[request.clock](request, START)
        assert not runs or request.state in ENDED


def test_the_citizen_sees_until_when() -> None:
    request = waiting("questioned")
    request.sealed_answers = KEYS.seal("{}", SealPurpose.REQUEST_ANSWERS, owner=request.id)
    shown = views.own_detail(request, KEYS, "en")
    assert request.waits_until is not None
    assert (shown["answer_by"] or "")[:10] == str(request.waits_until.date())
    assert views.summary(request)["answer_by"] == shown["answer_by"]
    assert (shown["may_attach"], shown["merged_into"]) == (True, None)
    assert shown["actions"] == ["answer", "withdraw"]
    assert waiting("resolved").citizen_actions == ["confirm", "dispute", "withdraw"]
    assert waiting("resolved", disputed=True).citizen_actions == ["confirm", "appeal", "withdraw"]


def test_the_times_of_the_settings_are_kept_by_the_request() -> None:
    settings = RequestsSettings(
        env="test", data_key="d", index_key="i", answer_close_days=0.5, answer_remind_days=(0.1, 0.2)
    )
    kept = settings.waits.kept()
    assert kept == {"remind": [0.1, 0.2], "close": 0.5}
    assert Waits.of(kept) == settings.waits
    assert Waits().kept() == {}


def test_default_deadlines_match_the_charter_of_the_portal() -> None:
    usual = {name: RequestsSettings.model_fields[name].default for name in RequestsSettings.model_fields}
    shown = [usual[f"{name}_days"] for name in ("answer_remind", "answer_close", "outcome_remind", "dispute", "appeal")]
    assert shown == [(3, 7), 14, (7,), 14, 30] == list(astuple(Waits()))


@pytest.mark.parametrize(("days", "late"), [(13.99, False), (14.01, True)])
async def test_an_outcome_is_disputed_within_fourteen_days_also_while_no_clock_runs(days: float, late: bool) -> None:
    request = waiting("resolved")
    assert request.waiting_since is not None
    request.waiting_since -= timedelta(days=days)
    wall = await Wall(request).hang()
    acts = CitizenActs(cast(RequestStore, wall.store), cast(Catalogue, None), MemoryStore(CitizenReplica), KEYS)
    dispute = acts.dispute(CITIZEN, NUMBER, Dispute(reason="not_done"))
    if late:
        with pytest.raises(ConflictError, match="dispute-too-late"):
            await dispute
    else:
        assert (await dispute).state is State.DISPUTED
