"""The department's room: filters, histories and actions."""

from typing import Any

import pytest

from gateway.web.assets import Assets
from gateway.web.department import filters
from gateway.web.department.acts import ACTS, ASK, MERGE, RESOLVE, TRANSFER
from gateway.web.department.bulk import MAX_CHOSEN, ChosenRow, chosen_of
from gateway.web.department.filters import ALL_OPEN, VIEWS, Filter, tabs_of, view_of
from gateway.web.department.history import Pauses, merged_history, news_of, pauses_of, steps_after
from gateway.web.department.opened import story_of
from gateway.web.department.worklist import LAST_LIST, remember
from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError
from gateway.web.rendering import Renderer
from gateway.web.session import WebSession
from gateway.web.words import Translator
from shared.spreadsheet import as_cell

ME = "0" * 32


def step(n: int, action: str, to: str, by: str = ME, **more: Any) -> dict[str, Any]:
    """A step of an assignment, n minutes after nine."""
    return {"n": n, "action": action, "to": to, "by": by, "at": f"2026-03-02T09:{n:02d}:00.000Z", **more}


ASKED = {
    "": {},
    "state=new": {"state": ("routed", "reopened")},
    "due=late": {"late": "true"},
    "due=soon": {"due_within": 48},
    "by=me&district=swat": {"by": "me", "district": "swat"},
    "head=yes&copied=yes&order=newest": {"for_head": "true", "copied": "true", "order": "newest"},
    "since=2026-03-02&until=2026-03-09&order=changed": {
        "received_from": "2026-03-02", "received_to": "2026-03-09", "order": "changed"
    },
}  # fmt: skip


def given(query: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(pair.split("=") for pair in query.split("&") if pair)


@pytest.mark.parametrize("query", ASKED)
def test_filters_become_the_same_query_of_the_api(query: str) -> None:
    asked = Filter.of(given(query))
    assert {name: value for name, value in asked.to_query().items() if value} == ASKED[query]
    assert asked.address() == given(query)


@pytest.mark.parametrize("query", ASKED)
def test_saved_query_leads_to_the_same_filters(query: str) -> None:
    kept = Filter.of(given(query)).to_saved_query()
    answered = {name: True if value == "true" else value for name, value in kept.items()}  # as the API answers them
    assert Filter.of_query(answered).address() == given(query)
    assert "number" not in Filter(q="lamp").to_saved_query()


def test_tabs_keep_the_filters() -> None:
    tabs = tabs_of(Filter(service="lamp", by="me", state="new", cursor="1-2"))
    assert {name: address for name, (_, address, _) in tabs.items()} == {
        "mine": {"service": "lamp", "by": "me", "state": "new"},
        "department": {"service": "lamp", "state": "new"},
        "all": {"service": "lamp", "state": "all"},
    }
    assert [name for name, (_, _, current) in tabs.items() if current] == ["mine"]
    assert [name for name, (_, _, current) in tabs_of(Filter(state="all")).items() if current] == ["all"]


@pytest.mark.parametrize("cell", ["=1+1", "+92300", "-1", "@SUM(A1)", "\tx", "＝1"])
def test_no_cell_of_a_table_is_a_formula(cell: str) -> None:
    assert as_cell(cell) == f"'{cell}"
    assert as_cell("RB-7F3K-9Q2M-E") == "RB-7F3K-9Q2M-E"


def test_chosen_requests_count_once_and_up_to_a_limit() -> None:
    number = "RB-7F3K-9Q2M-E"
    form = Form.parse([("r", f'{number} "2"'), ("r", f'{number} "3"'), ("r", 'RB-1 "2"'), ("r", f"{number} 4")])
    assert chosen_of(form) == [ChosenRow(number, '"3"')]
    many = [("r", f'RB-{n:04d}-0000-0 "1"') for n in range(MAX_CHOSEN + 20)]
    assert len(chosen_of(Form.parse(many))) == MAX_CHOSEN


def test_unknown_filters_are_dropped() -> None:
    nonsense = {
        "since": "yesterday",
        "until": "2026-02-30",
        "rows": "1000",
        "state": "open",
        "by": "you",
        "service": "../x",
        "due": "never",
        "order": "up",
        "kind": "?",
        "page": "2",
    }
    assert Filter.of(nonsense) == Filter()


def test_changed_filter_begins_at_the_first_page() -> None:
    asked = Filter.of({"q": "lamp", "district": "swat", "cursor": "1-2"})
    assert asked.address(district="") == {"q": "lamp"}
    assert asked.address(cursor=asked.cursor) == {"q": "lamp", "district": "swat", "cursor": "1-2"}


def test_back_link_leads_to_the_last_list() -> None:
    session = WebSession()
    remember(session, Filter(due="late", cursor="1-2"))
    assert session.steps == {LAST_LIST: {"due": "late", "cursor": "1-2"}}
    for asked in (Filter(q="x" * 150), Filter()):
        remember(session, asked)
        assert session.steps == {}


def test_view_is_recognised_by_its_filters() -> None:
    assert [view_of(Filter.of(view.filters.address())) for view in VIEWS] == list(VIEWS)
    assert view_of(Filter(cursor="1-2")) is ALL_OPEN
    assert view_of(Filter(due="late", district="swat")) is None


def test_history_includes_steps_of_the_assignment() -> None:
    heard = [
        {"n": 1, "action": "submit", "who": "citizen", "at": "2026-03-02T09:00:00.000Z", "to": "submitted"},
        {"n": 2, "action": "accept", "who": "department", "at": "2026-03-02T09:02:00.000Z", "to": "accepted"},
    ]
    assignment = [
        step(1, "route", "routed", "routing", because={"en": "It keeps the lights."}),
        step(2, "accept", "accepted"),
        step(3, "ask", "questioned", words="Which lamp?"),
    ]
    told = merged_history(heard, assignment)
    assert [(one["action"], one["who"]) for one in told[2:]] == [("question", "department")]
    assert merged_history(heard, assignment[:2]) == heard
    assert [one["action"] for one in steps_after(assignment, 1)] == ["accept", "question"]
    assert steps_after(heard, 1) == heard[1:]


def test_a_step_of_the_clock_overtakes_no_officer() -> None:
    marked = [step(1, "route", "routed", "routing"), step(2, "overdue", "routed", "clock")]
    assert steps_after([*marked, step(3, "escalate", "routed", "clock")], 1) == []


def test_open_questions_pause_the_time() -> None:
    history = [step(1, "ask", "questioned"), step(4, "answered", "in_progress", "citizen")]
    assert pauses_of(history) == Pauses(180, 1)
    assert pauses_of([*history, step(6, "ask", "questioned")]) == Pauses(180, 2, "2026-03-02T09:06:00.000Z")
    assert pauses_of(()) == Pauses()


def test_transferred_question_counts_once() -> None:
    history = [step(1, "ask", "questioned"), step(2, "transfer", "questioned")]
    assert pauses_of(history) == Pauses(0, 1, "2026-03-02T09:01:00.000Z")
    assert pauses_of([*history, step(4, "answered", "in_progress", "citizen")]) == Pauses(180, 1)


def test_news_is_the_last_step_since_the_department_acted() -> None:
    noted = [
        {"action": "resolve", "who": "department"},
        {"action": "dispute", "who": "citizen"},
        {"action": "reopen", "who": "routing"},
    ]
    assert news_of(noted) == noted[1]
    assert news_of([*noted, {"action": "accept", "who": "department"}]) is None
    assert news_of([]) is None


def test_action_sent_twice_is_recognised() -> None:
    typed = Form.parse([("outcome", "granted"), ("reply", "Done."), ("reason", "")])
    done = step(3, "resolve", "resolved", words="Done.", outcome="granted")
    assert RESOLVE.is_done(done, typed, ME)
    assert not RESOLVE.is_done(done, typed, "1" * 32)
    assert not RESOLVE.is_done({**done, "words": "Not done."}, typed, ME)
    merged = step(3, "mark_duplicate", "duplicate", words="The same lamp.")
    assert MERGE.is_done(merged, Form.parse([("into", "RB-1"), ("same", "The same lamp.")]), ME)


def test_body_has_the_filled_fields() -> None:
    typed = Form.parse([("to", "water"), ("why", " A pipe leaks. "), ("outcome", "granted")])
    assert TRANSFER.body(typed) == {"to": "water", "reason": "A pipe leaks."}
    assert ACTS["accept"].body(typed) == {}


@pytest.mark.parametrize("code", ["required", "words_needed"])
def test_empty_field_gets_its_message(code: str) -> None:
    form = Form.parse([])
    errors = [{"pointer": "/question", "code": code, "message": "This is needed."}]
    ASK.refuse(form, RefusedError(422, "invalid", "A problem", "", errors), Translator("en"))  # type: ignore[arg-type]
    assert form.errors == {"question": "Write your question."}


def test_story_has_long_texts_first_and_loses_no_answer() -> None:
    entry = {
        "name": {"en": "Street light"},
        "charter": {"documents": []},
        "form": {
            "properties": {
                "problem": {"enum": ["out"], "x-title": {"en": "What"}, "x-options": {"out": {"en": "One is out"}}},
                "description": {"type": "string", "maxLength": 2000, "x-title": {"en": "What happened"}},
                "pole": {"type": "string", "maxLength": 20, "x-title": {"en": "Pole"}},
            }
        },
        "department": [],
    }
    answers = {"problem": "out", "description": "It is dark.", "former": "kept"}
    story = story_of({"kind": "complaint", "answers": answers}, entry, Translator("en"))
    assert story.texts == [("What happened", "It is dark.")]
    assert story.answers == [("What", "One is out"), ("former", "kept")]
    appeal = story_of({"kind": "appeal", "answers": {"grounds": "Nobody came."}}, entry, Translator("en"))
    assert (appeal.texts, appeal.answers) == ([("", "Nobody came.")], [])


def test_every_choice_of_a_filter_has_words() -> None:
    words: Any = Renderer(Assets())._environments["en"].get_template("department/filter-words.html").module
    for shown, known in (
        (words.state_words, filters.STATES),
        (words.due_words, filters.DUE),
        (words.order_words, filters.ORDERS),
        (words.by_words, filters.BY),
        (words.kind_words, filters.KINDS),
        (words.channel_words, filters.CHANNELS),
    ):
        assert tuple(shown) == known
    work = [{"with": None}, {"with": {"id": ME, "name": "Bilal"}}]
    assert words.filter_words("by", Filter(by=ME), work) == "With Bilal"
    assert words.filter_words("by", Filter(by=ME), []) == "With one officer"
