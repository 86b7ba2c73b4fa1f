"""The words for states and steps: every one that the API can say has its own, in both languages."""

import inspect
import re
from typing import Any, get_args

import pytest

from deploy.local.home import ROOT
from gateway.web import states
from gateway.web.citizen.requests.correcting import CORRECT
from gateway.web.citizen.requests.steps import ANSWER, APPEAL, OTHERS
from gateway.web.words import Words
from services.requests.models.lifecycle import EDGES, STAGES, State, Who, actions_of
from services.requests.models.waiting import Waits, wait_of
from services.requests.service.citizen import Dispute
from services.routing.service.acting import Reason

DAY = "2026-03-0{}T09:00:00.000Z"
NOTED = re.compile(r'(?:request|appeal)\.note\("(\w+)"|action, who = \("(\w+)", [^)]+\).*\("(\w+)",')
"""Where the service notes a step that leaves the state as it is."""
STEPS = {
    "submission": states.SUBMISSION,
    "verification": states.VERIFICATION,
    "processing": states.PROCESSING,
    "completion": states.COMPLETION,
}


def a_request(state: str, *history: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A request with steps as (action, state after it), one a day."""
    told = [
        {"n": n, "action": action, "to": to, "who": "citizen" if n == 1 else "department", "at": DAY.format(n)}
        for n, (action, to) in enumerate(history, 1)
    ]
    known = {"state": state, "stage": STAGES[State(state)], "submitted_at": DAY.format(1), "due_at": DAY.format(9)}
    return {**known, "due_paused": state == "questioned", "outcome": None, "history": told, **more}


def test_every_state_has_its_words_and_its_step() -> None:
    assert set(states.STATES) == {str(state) for state in State}
    assert {name: state.step for name, state in states.STATES.items()} == {
        str(state): STEPS[stage] for state, stage in STAGES.items()
    }


@pytest.mark.parametrize("state", list(State))
def test_whose_turn_it_is_is_as_the_life_cycle_has_it(state: State) -> None:
    waits = wait_of(state, Waits(), by_head=False) is not None
    assert states.STATES[state].yours == (waits or state is State.INELIGIBLE)
    assert sum(state in group for group in (states.WAITING_FOR_YOU, states.IN_WORK, states.FINISHED)) == 1


def test_every_step_of_a_history_has_its_words() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "services" / "requests").rglob("*.py"))
    noted = {name for found in NOTED.findall(source) for name in found if name}
    assert {"submit", "attach", "add_evidence", "remind", "rate"} <= noted
    assert set(states.DEEDS) == {edge.action for edge in EDGES} | noted
    assert set(states.QUIET) == noted - {"submit"}


def test_whoever_takes_a_step_is_called_something() -> None:
    assert {str(who) for who in Who} - {"citizen", "department"} == set(states.DOERS)


def test_every_step_of_a_holder_has_a_page() -> None:
    possible = {action for state in State for action in actions_of(Who.CITIZEN, state)} | {"rate"}
    assert {step.name for step in (ANSWER, APPEAL, CORRECT, *OTHERS)} == possible


def test_outcomes_and_reasons_are_those_of_the_api() -> None:
    assert set(states.REASONS) == set(get_args(Reason))
    assert set(states.DISPUTES) == set(Dispute.model_json_schema()["properties"]["reason"]["enum"])
    assert set(states.OUTCOMES) == set(states.RESOLVED_AS)


def texts() -> set[str]:
    """Every text that is marked for translation."""
    return set(re.findall(r'\b_\(\s*"([^"]+)"', inspect.getsource(states)))


def test_every_text_is_there_in_urdu() -> None:
    urdu = Words("ur")
    assert len(texts()) > 100
    assert [text for text in sorted(texts()) if urdu.say(text) == text] == []


@pytest.mark.parametrize("text", sorted(text for text in texts() if "%(" in text))
def test_urdu_names_the_same_places(text: str) -> None:
    place = re.compile(r"%\((\w+)\)s")
    assert sorted(place.findall(Words("ur").say(text))) == sorted(place.findall(text))


def test_a_turn_is_a_turn_for_its_citizen_alone() -> None:
    request = a_request("questioned")
    assert states.tag_of(request, own=True).kind == "turn"
    assert states.tag_of(request, own=False) == states.Tag("", "clock", "Question asked")
    assert states.next_of(request, own=True).who == "Answer the question"
    assert states.next_of(request, own=False).who == "Whoever filed it"


def test_what_is_over_shows_its_outcome() -> None:
    assert states.tag_of(a_request("closed", outcome="granted"), own=True).words == "Granted"
    assert states.tag_of(a_request("closed", outcome="not_granted"), own=True).kind == ""
    assert states.tag_of(a_request("closed"), own=True).words == "Closed"


def test_a_state_that_is_not_known_yet_is_shown_as_its_stage() -> None:
    assert states.state_of({"state": "dreaming", "stage": "verification"}) is states.STATES["verifying"]


def test_the_clock_runs_at_the_department_alone() -> None:
    running = {name for name in states.ALL if states.clock_runs(a_request(name))}
    assert running == {"routed", "accepted", "in_progress", "transferred", "reopened"}
    assert not states.clock_runs(a_request("routed", due_at=None))


def test_words_without_a_day_stand_where_there_is_none() -> None:
    move = states.next_of(a_request("accepted"), own=True)
    assert "%(day)s" in move.words(a_request("accepted"))
    assert "%(day)s" not in move.words(a_request("accepted", due_at=None))


def test_the_line_has_the_days_on_which_steps_were_reached() -> None:
    way = (("submit", "submitted"), ("pass", "verifying"), ("route", "routed"), ("accept", "accepted"))
    line = states.line_of(a_request("accepted", *way))
    assert [step.mark for step in line] == ["done", "done", "done", "now", ""]
    assert [step.at for step in line] == [None, DAY.format(1), DAY.format(2), DAY.format(3), None]
    assert line[-1].due == DAY.format(9)


def test_a_request_that_is_open_again_is_not_completed() -> None:
    way = (("submit", "submitted"), ("pass", "verifying"), ("route", "routed"), ("resolve", "resolved"))
    again = a_request("reopened", *way, ("dispute", "disputed"), ("reopen", "reopened"))
    assert (states.line_of(again)[-1].mark, states.line_of(again)[-1].at) == ("", None)


def test_steps_that_were_never_reached_stay_open() -> None:
    line = states.line_of(a_request("withdrawn", ("submit", "submitted"), ("withdraw", "withdrawn")))
    assert [(step.words, step.mark) for step in line[2:]] == [
        ("Verified", ""),
        ("Processing", ""),
        ("Taken back", "done"),
    ]


def test_the_present_step_is_called_by_what_it_waits_for() -> None:
    assert states.line_of(a_request("information_needed"))[2].words == "Correction needed"
    assert states.line_of(a_request("routed"), named=False)[0].words == "Without a name"


def test_a_history_is_told_newest_first_with_who_and_where() -> None:
    request = a_request("questioned", ("submit", "submitted"), ("route", "routed"), ("question", "questioned"))
    request["history"][1] |= {"who": "routing", "department": "works"}
    asked, sent, filed = states.told_of(request, own=True)
    assert (asked.title, asked.department, asked.mine) == ("The department asked you a question", "works", False)
    assert (sent.title, sent.who) == ("Sent to %(department)s", "Rabta, by the rules of this service")
    assert (filed.title, filed.who, filed.mine) == ("You filed it", "You", True)
    assert [told.title for told in states.told_of(request, own=False)][-1] == "Filed"


def test_a_clerk_who_filed_is_named_as_such() -> None:
    request = a_request("routed", ("submit", "submitted"))
    request["history"][0]["who"] = "clerk"
    [told] = states.told_of(request, own=True)
    assert (told.title, told.who, told.mine) == ("A clerk filed it for you", "A clerk, for you", False)


def test_an_assignment_that_was_closed_does_not_close_a_merged_request() -> None:
    request = a_request("duplicate", ("mark_duplicate", "duplicate"), ("close", "duplicate"))
    assert [told.title for told in states.told_of(request, own=True)] == [
        "Joined with another request about the same thing"
    ]
    ended = a_request("closed", ("close", "closed"))
    assert [told.title for told in states.told_of(ended, own=True)] == ["Closed"]


def test_a_step_that_is_not_known_yet_is_told_by_where_it_led() -> None:
    [told] = states.told_of(a_request("routed", ("dream", "routed")), own=True)
    assert told.title == "With the department"
