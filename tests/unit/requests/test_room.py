"""Everything that can be added to a request is limited; steps that end a request are never refused."""

from typing import Any

import pytest

from services.requests.files.service.attachments import _check_room
from services.requests.request.models.attachment import Attachment
from services.requests.request.models.files import add_file, remove_file
from services.requests.request.models.lifecycle import EDGES, ActorKind, State
from services.requests.request.models.request import MAX_EVENTS, MAX_STEPS, Request
from shared.errors import words
from shared.records import copy_of
from shared.transitions import TooManyStepsError
from tests.builders import a_request
from tests.cases import cases
from tests.fakes import START

FULL = [{"seq": MAX_EVENTS}, {"history": [{"n": n, "action": "x", "hash": "0" * 64} for n in range(1, MAX_STEPS + 1)]}]


@pytest.mark.parametrize("fields", FULL, ids=["events", "history"])
def test_request_with_a_full_history_refuses_steps(fields: dict[str, Any]) -> None:
    request = a_request(state=State.ACCEPTED, department="works", **fields)
    with pytest.raises(TooManyStepsError):
        request.require_steps_left()
    with pytest.raises(TooManyStepsError):
        _check_room(request, "attachment")
    _check_room(request, "evidence")


def test_steps_are_possible_below_the_limit() -> None:
    request = a_request(seq=MAX_EVENTS - 1, history=[{"n": n} for n in range(1, MAX_STEPS)])
    request.require_steps_left()


@cases("fields", FULL)
@cases("edge", EDGES)
def test_no_edge_of_the_life_cycle_is_shut_by_it(edge: Any, fields: dict[str, Any]) -> None:
    request: Request = a_request(state=next(iter(edge.sources)))
    for name, value in fields.items():
        setattr(request, name, copy_of(value))
    request.take(edge.action, edge.who, START)
    assert request.state is edge.target


def test_problem_of_a_full_history_is_in_both_languages() -> None:
    assert {*words()["too-many-steps"]["title"]} == {"en", "ur"}


def test_files_and_their_removal_are_steps() -> None:
    request = a_request(state=State.ACCEPTED, department="works")
    while len(request.history) < MAX_STEPS:
        _check_room(request, "attachment")
        add_file(request, Attachment(id="a" * 32, type="image/png"), "citizen")
        remove_file(request, "a" * 32, "citizen")
    with pytest.raises(TooManyStepsError):
        _check_room(request, "attachment")
    assert request.history[-1]["who"] == ActorKind.CITIZEN
