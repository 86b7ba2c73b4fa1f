"""What is published of a request."""

from typing import Any, Literal

import pytest
from pydantic import ValidationError

from services.requests.publishing.models import CLOSED, OPEN, is_open, rough_point
from services.requests.publishing.service.filing import PartnerUpdate, act_of
from services.requests.publishing.service.phrases import phrase_of, phrases, public_actions
from services.requests.publishing.service.views import published
from services.requests.request.models.lifecycle import EDGES, State
from shared.tracking_number import new_number, new_public_id, read_number, read_public_id
from tests.builders import KEYS, a_catalogue_entry, a_request
from tests.cases import cases
from tests.fakes import START


def test_every_step_of_the_life_cycle_has_words_for_the_public_in_both_languages() -> None:
    assert {edge.action for edge in EDGES} <= public_actions()
    assert [name for name, texts in phrases().items() if set(texts) != {"en", "ur"}] == []
    for outcome in ("granted", "partly_granted", "not_granted"):
        assert phrase_of({"action": "resolve", "outcome": outcome}, "en").startswith("The department says")


def test_every_state_is_open_or_closed_for_the_public() -> None:
    assert frozenset(State) == OPEN | CLOSED
    assert not OPEN & CLOSED
    assert [is_open(state) for state in ("routed", "resolved", "disputed", "withdrawn")] == [True, False, True, False]


def test_a_point_is_published_within_about_a_hundred_metres() -> None:
    assert rough_point(a_request(point={"latitude": 33.5881234, "longitude": 71.4425678})) == (33.588, 71.443)
    assert rough_point(a_request()) is None


def test_only_an_open_request_is_expected_to_be_done() -> None:
    for state, said in ((State.ROUTED, True), (State.RESOLVED, False)):
        request = a_request(state=state, public_id="RP-1", due_at=START)
        assert (published(request, "Lamp", KEYS, "en")["expected_at"] is not None) is said


def test_a_public_id_is_no_tracking_number() -> None:
    public_id, number = new_public_id(), new_number()
    assert read_number(public_id) is None
    assert read_public_id(public_id.lower().replace("-", " ")) == public_id
    assert read_public_id(number) == number
    assert read_public_id("RP-0000") is None


@cases(
    "state, status, words, step",
    [
        ("questioned", None, "The left one.", "answer"),
        ("resolved", "fixed", None, "confirm"),
        ("resolved", "not_fixed", "Still dark.", "dispute"),
        ("resolved", None, "Thank you.", "tell_more"),
        ("in_progress", "fixed", "It shines.", "tell_more"),
        ("in_progress", "not_fixed", None, None),
    ],
)
def test_an_update_of_a_partner_is_a_step_of_the_citizen(
    state: str, status: Literal["fixed", "not_fixed"] | None, words: str | None, step: str | None
) -> None:
    update = PartnerUpdate(request="RB-7F3K-9Q2M-E", update="1", status=status, words=words)
    assert act_of(a_request(state=State(state)), update) == step


def test_an_outcome_is_disputed_only_once() -> None:
    update = PartnerUpdate(request="RB-7F3K-9Q2M-E", update="1", status="not_fixed")
    assert act_of(a_request(state=State.RESOLVED, disputed=True), update) is None


@cases(
    "fields",
    [
        {"kind": "application"},
        {"kind": "complaint", "confidential": "always"},
        {"kind": "complaint", "one_active": True},
    ],
)
def test_only_complaints_whose_citizen_may_be_known_can_be_public(fields: dict[str, Any]) -> None:
    assert a_catalogue_entry(kind="complaint", public=True).public
    with pytest.raises(ValidationError, match="/public: public_unfit"):
        a_catalogue_entry(public=True, **fields)
