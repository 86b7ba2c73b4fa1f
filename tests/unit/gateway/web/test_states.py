"""Every state, outcome and reason of the API has a text in both languages."""

import inspect
import re
from typing import get_args

import pytest

from gateway.web import history, states
from gateway.web.citizen.requests.correcting import CORRECT
from gateway.web.citizen.requests.steps import ANSWER, APPEAL, OTHERS
from gateway.web.words import Translator
from services.requests.life.service.citizen import Dispute
from services.requests.request.models.lifecycle import STAGES, ActorKind, State, actions_of
from services.requests.request.models.waiting import Waits, wait_of
from services.routing.models.acts import Reason
from tests.cases import cases
from tests.unit.gateway.web.requests_shown import a_request

STEPS = {
    "submission": states.SUBMISSION,
    "verification": states.VERIFICATION,
    "processing": states.PROCESSING,
    "completion": states.COMPLETION,
}


def test_every_state_has_words_and_a_step() -> None:
    assert set(states.STATES) == {str(state) for state in State}
    assert {name: state.step for name, state in states.STATES.items()} == {
        str(state): STEPS[stage] for state, stage in STAGES.items()
    }


@cases("state", list(State))
def test_turn_agrees_with_the_life_cycle(state: State) -> None:
    waits = wait_of(state, Waits(), by_head=False) is not None
    assert states.STATES[state].yours == (waits or state is State.INELIGIBLE)
    assert sum(state in group for group in (states.WAITING_FOR_YOU, states.IN_WORK, states.FINISHED)) == 1


def test_every_step_of_a_holder_has_a_page() -> None:
    possible = {action for state in State for action in actions_of(ActorKind.CITIZEN, state)} | {"rate"}
    assert {step.name for step in (ANSWER, APPEAL, CORRECT, *OTHERS)} == possible


def test_outcomes_and_reasons_match_the_api() -> None:
    assert set(states.REASONS) == set(get_args(Reason))
    assert set(states.DISPUTES) == set(Dispute.model_json_schema()["properties"]["reason"]["enum"])
    assert set(states.OUTCOMES) == set(history.RESOLVED_AS)


def texts() -> set[str]:
    """Every text that is marked for translation."""
    return set(re.findall(r'\b_\(\s*"([^"]+)"', inspect.getsource(states) + inspect.getsource(history)))


def test_every_text_has_urdu() -> None:
    urdu = Translator("ur")
    assert len(texts()) > 100
    assert [text for text in sorted(texts()) if urdu.say(text) == text] == []


@pytest.mark.parametrize("text", sorted(text for text in texts() if "%(" in text))
def test_urdu_has_the_same_placeholders(text: str) -> None:
    place = re.compile(r"%\((\w+)\)s")
    assert sorted(place.findall(Translator("ur").say(text))) == sorted(place.findall(text))


def test_only_the_citizen_reads_your_turn() -> None:
    request = a_request("questioned")
    assert states.tag_of(request, own=True).kind == "turn"
    assert states.tag_of(request, own=False) == states.Tag("", "clock", "Question asked")
    assert states.next_of(request, own=True).who == "Answer the question"
    assert states.next_of(request, own=False).who == "The citizen"


def test_closed_request_shows_its_outcome() -> None:
    assert states.tag_of(a_request("closed", outcome="granted"), own=True).words == "Granted"
    assert states.tag_of(a_request("closed", outcome="not_granted"), own=True).kind == ""
    assert states.tag_of(a_request("closed"), own=True).words == "Closed"


def test_unknown_state_is_shown_as_its_stage() -> None:
    assert states.state_of({"state": "dreaming", "stage": "verification"}) is states.STATES["verifying"]


def test_time_runs_only_at_the_department() -> None:
    running = {name for name in states.ALL if states.clock_runs(a_request(name))}
    assert running == {"routed", "accepted", "in_progress", "transferred", "reopened"}
    assert not states.clock_runs(a_request("routed", due_at=None))


def test_next_move_without_a_day() -> None:
    move = states.next_of(a_request("accepted"), own=True)
    assert "%(day)s" in move.words(a_request("accepted"))
    assert "%(day)s" not in move.words(a_request("accepted", due_at=None))
