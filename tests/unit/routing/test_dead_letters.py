"""Dead letters of departments: when they are sent again, and with which headers."""

from datetime import timedelta
from typing import Any

import pytest

from services.routing.broker import QueueState
from services.routing.dead_letters import dead_letter_count, has_to_be_told, headers_of, is_due, marked
from shared.bus.letters import Letter
from tests.fakes import START

EVENT = {"ce-id": "routing/RB-1/1", "ce-type": "request.routed.v1", "ce-subject": "RB-1", "traceparent": "00-1-2-01"}


def letter(**headers: Any) -> Letter:
    """An event that was put aside at `START`."""
    death = {"queue": "department.power", "reason": "delivery_limit", "time": START, "count": 1}
    return Letter("department.power.dead", "m-1", {**EVENT, "x-death": [death], **headers}, b"{}")


@pytest.mark.parametrize(("attempt", "minutes"), [(0, 1), (1, 2), (5, 32), (6, 60), (7, 60), (900, 60)])
def test_the_pauses_double_up_to_an_hour(attempt: int, minutes: int) -> None:
    one = letter(**{"x-rabta-attempt": attempt})
    due = START + timedelta(minutes=minutes)
    assert [is_due(one, at, 60.0) for at in (due - timedelta(seconds=1), due)] == [False, True]


def test_a_letter_without_a_death_record_is_sent_at_once() -> None:
    assert is_due(letter(**{"x-death": None}), START, 60.0)


def test_a_letter_is_sent_again_unchanged_with_a_count() -> None:
    again = headers_of(letter(**{"x-first-death-reason": "delivery_limit", "x-delivery-count": 50, "CC": ["works"]}))
    assert again == {**EVENT, "x-rabta-attempt": 1}
    assert headers_of(letter(**again)) == {**EVENT, "x-rabta-attempt": 2}


def test_a_department_is_told_once_of_a_message_that_is_not_sent_again() -> None:
    one = letter(**{"ce-number": 7, "x-rabta-attempt": 10})
    assert has_to_be_told(one)
    assert marked(one) == {
        **EVENT,
        "ce-number": 7,
        "x-rabta-attempt": 10,
        "x-rabta-error": "unknown",
        "x-rabta-told": 1,
    }
    assert not has_to_be_told(letter(**marked(one)))
    assert not has_to_be_told(letter())  # an answer to an action has no number
    assert not has_to_be_told(letter(**{"ce-number": 8, "ce-type": "department.messages_put_aside.v1"}))


def test_only_queues_with_letters_are_opened() -> None:
    queues = {"department.power.dead": QueueState(2, 0), "department.roads.dead": QueueState(None, None)}
    names = [f"department.{code}" for code in ("power", "roads", "water")]
    assert [dead_letter_count(queues, name) for name in names] == [2, 0, 0]
