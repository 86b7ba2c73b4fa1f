"""The life of a request: only listed edges, each with its reason, and a history that is a valid path."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.request.models.lifecycle import (
    BY_ACTION,
    EDGES,
    ENDED,
    STAGES,
    ActorKind,
    Edge,
    State,
    actions_of,
    target,
)
from services.requests.request.models.request import Request
from shared.transitions import TransitionRefusedError
from tests.builders import a_request
from tests.cases import cases
from tests.fakes import START

ACTIONS = sorted(BY_ACTION)
STEPS = st.lists(st.tuples(st.sampled_from([*ACTIONS, "erase"]), st.sampled_from(list(ActorKind))), max_size=40)


@cases("edge", EDGES)
def test_every_edge_has_a_reason_and_a_way_in(edge: Edge) -> None:
    assert len(edge.why) > 10
    assert edge.sources


def test_actions_are_listed_once() -> None:
    assert len(BY_ACTION) == len(EDGES)


def test_every_state_has_a_stage_and_can_be_reached() -> None:
    assert set(STAGES) == set(State)
    reached = {State.SUBMITTED}
    while more := {edge.target for edge in EDGES if edge.sources & reached} - reached:
        reached |= more
    assert reached == set(State)


def test_from_every_state_that_is_not_the_end_there_is_a_way_to_the_end() -> None:
    ending = set(ENDED)
    while more := {state for edge in EDGES if edge.target in ending for state in edge.sources} - ending:
        ending |= more
    assert ending == set(State)


def test_nothing_leads_out_of_an_end() -> None:
    for edge in EDGES:
        assert not edge.sources & ENDED, edge.action


def way_to(state: State) -> tuple[Edge, ...]:
    """A shortest path from submitted to that state."""
    ways: dict[State, tuple[Edge, ...]] = {State.SUBMITTED: ()}
    while state not in ways:
        ways |= {e.target: (*way, e) for at, way in ways.items() for e in EDGES if at in e.sources} | ways
    return ways[state]


@cases("state", list(State))
def test_in_each_state_everybody_can_do_what_is_listed_and_nothing_else(state: State) -> None:
    """Every action of every actor from every state."""
    come = a_request(active_service="street-light-out")
    for step in way_to(state):
        come.take(step.action, step.who, START, by="somebody")
    assert come.state is state
    for action in [*ACTIONS, "erase", ""]:
        for actor in ActorKind:
            request, edge = deepcopy(come), BY_ACTION.get(action)
            if edge is not None and edge.who is actor and state in edge.sources:
                request.take(action, actor, START, by="somebody")
                assert request.state is edge.target
                check_path(request)
            else:
                with pytest.raises(TransitionRefusedError):
                    request.take(action, actor, START, by="somebody")
                assert request.fields() == come.fields()
                request.note(action, actor, START, to=State.CLOSED)
                assert request.state is state, "only an edge of the table moves it"
                assert request.history[-1]["to"] == state


@given(STEPS)
def test_no_unlisted_edge_ever_succeeds_and_history_is_a_valid_path(steps: list[tuple[str, ActorKind]]) -> None:
    request = a_request(active_service="street-light-out")
    for action, actor in steps:
        before, length = request.state, len(request.history)
        edge = BY_ACTION.get(action)
        listed = edge is not None and edge.who is actor and before in edge.sources
        assert (target(action, actor, before) is not None) == listed
        if listed and edge is not None:
            request.take(action, actor, START, by="somebody")
            assert request.state is edge.target
        else:
            with pytest.raises(TransitionRefusedError) as caught:
                request.take(action, actor, START)
            assert caught.value.params == {"state": str(before)}
            assert (request.state, len(request.history)) == (before, length)
    check_path(request)
    assert (request.active_service is None) == (request.state in ENDED)


def check_path(request: Request) -> None:
    """Check that the history leads by listed edges from submitted to the request's state."""
    state = str(State.SUBMITTED)
    for place, entry in enumerate(request.history, 1):
        edge = BY_ACTION[entry["action"]]
        assert entry["n"] == place
        assert entry["from"] == state
        assert entry["from"] in edge.sources
        assert entry["to"] == edge.target
        assert entry["who"] == edge.who
        state = entry["to"]
    assert request.state == state


def test_the_state_that_a_document_holds_as_text_works_the_same() -> None:
    request = a_request(state="resolved")
    request.take("confirm", ActorKind.CITIZEN, START)
    assert request.state is State.CONFIRMED
    assert request.stage == "completion"


@cases("state", list(State))
def test_buttons_are_what_is_possible(state: State) -> None:
    for actor in ActorKind:
        offered = actions_of(actor, state)
        assert all(target(action, actor, state) for action in offered)
        assert len(offered) == len([edge for edge in EDGES if target(edge.action, actor, state)])


def test_a_citizen_can_take_back_everything_that_is_not_over() -> None:
    kept = {state for state in State if target("withdraw", ActorKind.CITIZEN, state) is None}
    assert kept == ENDED | {State.CONFIRMED}


def test_a_note_without_an_edge_leaves_the_state() -> None:
    request = a_request()
    request.note("accept", ActorKind.DEPARTMENT, START, by="officer", reason=None)
    [entry] = request.history
    assert (entry["from"], entry["to"], request.state) == ("submitted", "submitted", State.SUBMITTED)
    assert "reason" not in entry
