"""The history of a request: progress, and a text for every action and actor."""

import re

from deploy.local.home import ROOT
from gateway.web import history
from gateway.web.citizen.requests.request import question_of
from gateway.web.department.history import INSIDE
from services.requests.request.models.lifecycle import EDGES, ActorKind
from tests.unit.gateway.web.requests_shown import DAY, a_request

NOTED = re.compile(r'(?:request|appeal)\.note\(\s*"(\w+)"|action, who = \("(\w+)", [^)]+\).*\("(\w+)",')
"""Where the service records a step that leaves the state unchanged."""
OF_EARLIER_VERSIONS = {"move_duplicate"}
"""Steps that only older histories contain."""


def test_every_action_of_a_history_has_words() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "services" / "requests").rglob("*.py"))
    noted = {name for found in NOTED.findall(source) for name in found if name}
    assert {"submit", "attach", "add_evidence", "remind", "rate"} <= noted
    assert set(history.ACTIONS) == {edge.action for edge in EDGES} | noted | OF_EARLIER_VERSIONS | INSIDE
    assert set(history.OF_DEPARTMENT) == {edge.action for edge in EDGES if edge.who is ActorKind.DEPARTMENT} | {"route"}


def test_every_actor_has_a_name() -> None:
    assert {str(actor) for actor in ActorKind} == set(history.ACTORS)


def test_progress_shows_when_steps_were_reached() -> None:
    way = (("submit", "submitted"), ("pass", "verifying"), ("route", "routed"), ("accept", "accepted"))
    line = history.progress_of(a_request("accepted", *way))
    assert [step.mark for step in line] == ["done", "done", "done", "now", ""]
    assert [step.at for step in line] == [None, DAY.format(1), DAY.format(2), DAY.format(3), None]
    assert line[-1].due == DAY.format(9)


def test_reopened_request_is_not_completed() -> None:
    way = (("submit", "submitted"), ("pass", "verifying"), ("route", "routed"), ("resolve", "resolved"))
    again = a_request("reopened", *way, ("dispute", "disputed"), ("reopen", "reopened"))
    assert (history.progress_of(again)[-1].mark, history.progress_of(again)[-1].at) == ("", None)


def test_steps_that_were_not_reached_stay_open() -> None:
    line = history.progress_of(a_request("withdrawn", ("submit", "submitted"), ("withdraw", "withdrawn")))
    assert [(step.words, step.mark) for step in line[2:]] == [
        ("Verified", ""),
        ("Processing", ""),
        ("Taken back", "done"),
    ]


def test_present_step_is_named_after_the_state() -> None:
    assert history.progress_of(a_request("information_needed"))[2].words == "Correction needed"
    assert history.progress_of(a_request("routed"), named=False)[0].words == "Without a name"


def test_history_is_newest_first_with_actor_and_department() -> None:
    request = a_request("questioned", ("submit", "submitted"), ("route", "routed"), ("question", "questioned"))
    request["history"][1] |= {"who": "routing", "department": "works"}
    asked, sent, filed = history.history_lines(request, own=True)
    assert (asked.title, asked.department, asked.mine) == ("The department asked you a question", "works", False)
    assert (sent.title, sent.who) == ("Sent to %(department)s", "Rabta, by the rules of this service")
    assert (filed.title, filed.who, filed.mine) == ("You filed it", "You", True)
    assert [entry.title for entry in history.history_lines(request, own=False)][-1] == "Filed"


def test_filing_by_a_clerk_is_shown() -> None:
    request = a_request("routed", ("submit", "submitted"))
    request["history"][0]["who"] = "clerk"
    [entry] = history.history_lines(request, own=True)
    assert (entry.title, entry.who, entry.mine) == ("A clerk filed it for you", "A clerk, for you", False)


def test_closed_assignment_does_not_close_a_merged_request() -> None:
    request = a_request("duplicate", ("mark_duplicate", "duplicate"), ("close", "duplicate"))
    assert [entry.title for entry in history.history_lines(request, own=True)] == [
        "Joined with another request about the same thing"
    ]
    ended = a_request("closed", ("close", "closed"))
    assert [entry.title for entry in history.history_lines(ended, own=True)] == ["Closed"]


def test_action_after_the_end_is_marked_as_too_late() -> None:
    way = (("submit", "submitted"), ("route", "routed"), ("withdraw", "withdrawn"), ("resolve", "withdrawn"))
    request = a_request("withdrawn", *way)
    late, *others = history.history_lines(request, own=True)
    assert (late.title, late.too_late) == ("Resolved", True)
    assert not any(entry.too_late for entry in others)
    assert history.progress_of(request)[-1].at == DAY.format(3)


def test_question_from_before_a_transfer_is_marked() -> None:
    asked = (("question", "questioned"), ("transfer", "questioned"))
    assert not question_of(a_request("questioned", *asked[:1]))["passed_on"]
    assert question_of(a_request("questioned", *asked))["passed_on"]
    assert not question_of(a_request("questioned", *asked, *asked[:1]))["passed_on"]


def test_unknown_action_is_shown_as_its_state() -> None:
    [entry] = history.history_lines(a_request("routed", ("dream", "routed")), own=True)
    assert entry.title == "With the department"
