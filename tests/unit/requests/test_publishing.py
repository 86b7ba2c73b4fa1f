"""What is published of a request."""

from services.requests.publishing.models import CLOSED, OPEN, is_open, rough_point
from services.requests.publishing.service.phrases import phrase_of, phrases, public_actions
from services.requests.request.models.lifecycle import EDGES, State
from shared.tracking_number import new_number, new_public_id, read_number, read_public_id
from tests.builders import a_request


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


def test_a_public_id_is_no_tracking_number() -> None:
    public_id, number = new_public_id(), new_number()
    assert read_number(public_id) is None
    assert read_public_id(public_id.lower().replace("-", " ")) == public_id
    assert read_public_id(number) == number
    assert read_public_id("RP-0000") is None
