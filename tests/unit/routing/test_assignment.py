"""The life cycle of an assignment: only listed transitions, a valid history, and actions that count once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.models.acts import ACT
from services.routing.models.assignment import DEPARTMENT_ACTIONS, EDGES, MAX_STEPS, OPEN, AssignmentState
from shared.transitions import TransitionRefusedError
from tests.builders import an_assignment
from tests.cases import cases
from tests.fakes import START


@given(st.lists(st.sampled_from(sorted(EDGES)), max_size=40))
def test_only_listed_transitions_succeed_and_the_history_is_a_valid_path(actions: list[str]) -> None:
    assignment = an_assignment()
    for action in actions:
        before, length = assignment.state, len(assignment.history)
        edge = EDGES[action]
        assert assignment.can(action) == (before in edge.sources)
        if before in edge.sources:
            assignment.take(action, START, by="somebody")
            assert assignment.state is edge.leads_to(before)
        else:
            with pytest.raises(TransitionRefusedError):
                assignment.take(action, START, by="somebody")
            assert (assignment.state, len(assignment.history)) == (before, length)
    state = str(AssignmentState.UNVERIFIED)
    for place, entry in enumerate(assignment.history, 1):
        edge = EDGES[entry["action"]]
        assert (entry["n"], entry["from"], entry["to"]) == (place, state, str(edge.leads_to(AssignmentState(state))))
        assert state in edge.sources
        state = entry["to"]
    assert assignment.state == state


def test_every_state_is_reachable_and_can_reach_the_end() -> None:
    reached = {AssignmentState.UNVERIFIED}
    while more := {edge.target for edge in EDGES.values() if set(edge.sources) & reached} - reached:
        reached |= more
    assert reached == set(AssignmentState)
    ending = {AssignmentState.CLOSED}
    while more := {state for edge in EDGES.values() if edge.target in ending for state in edge.sources} - ending:
        ending |= more
    assert ending == set(AssignmentState)


def test_only_a_repeated_withdrawal_and_a_separation_leave_the_end() -> None:
    assert {action for action, edge in EDGES.items() if AssignmentState.CLOSED in edge.sources} <= {
        "withdrawn",
        "separated",
    }


@cases("action", EDGES)
def test_every_transition_has_a_reason(action: str) -> None:
    assert len(EDGES[action].why) > 10


def test_departments_act_on_open_assignments_only() -> None:
    for action in DEPARTMENT_ACTIONS:
        assert set(EDGES[action].sources) <= set(OPEN)


@pytest.mark.parametrize("action", DEPARTMENT_ACTIONS)
def test_each_action_of_a_department_can_be_parsed(action: str) -> None:
    more = {
        "ask": {"question": "Which?"},
        "progress": {"note": "Done."},
        "transfer": {"to": "power", "reason": "Not ours."},
        "delay": {"reason": "The lamp has to be ordered.", "until": "2026-03-16"},
        "resolve": {"outcome": "granted", "reply": "The lamp was replaced."},
    }
    assert ACT.validate_python({"action": action, **more.get(action, {})}).action == action


def test_a_state_stored_as_text_works_the_same() -> None:
    assignment = an_assignment(state="resolved")
    assignment.take("disputed", START, by="citizen")
    assert assignment.state is AssignmentState.REOPENED


def test_an_action_is_remembered_as_long_as_it_can_be_repeated() -> None:
    assignment = an_assignment()
    ids = ["m-1", "a.b$c/é", *(f"n-{n}" for n in range(MAX_STEPS))]
    for one in ids:
        assignment.remember_act(one, f"content of {one}")
    assert assignment.acts == ids
    assert [assignment.content_of_act(one) for one in ids] == [f"content of {one}" for one in ids]
    assert all(name.isalnum() for name in assignment.act_contents), "a department's text names no field"
    assert assignment.content_of_act("m-2") is None
