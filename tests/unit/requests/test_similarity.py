"""The similarity of two complaints, and the distance between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.duplicates.models import free_text, metres_between, similarity_to
from tests.builders import a_catalogue_entry

POINTS = st.fixed_dictionaries(
    {"latitude": st.floats(-89, 89), "longitude": st.floats(-179, 179)},
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The lamp by the school is dark", "Lamp by the SCHOOL dark."),
        ("Large pothole on Canal Road near the mosque", "pothole, canal road, near mosque"),
        ("سکول کے پاس گلی کی لائٹ بند ہے", "گلي كي لائٹ سکول کے پاس بند ہے"),
    ],
)
def test_paraphrased_text_is_alike(one: str, other: str) -> None:
    assert similarity_to(one)(other) > 0.8


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The lamp by the school is dark", "Rubbish has not been collected for two weeks"),
        ("گلی کی لائٹ بند ہے", "پانی کا پائپ پھٹ گیا"),
        ("The lamp is dark", ""),
    ],
)
def test_unrelated_texts_are_not_alike(one: str, other: str) -> None:
    assert similarity_to(one)(other) < 0.6


@pytest.mark.parametrize("guess", ["Bilal", "Bilal Khan", "house 12", "Bilal Khan street", "بلال خان"])
def test_searching_a_name_finds_no_confidential_complaint(guess: str) -> None:
    complaint = "The street lamp by the school is dark, and Bilal Khan (بلال خان) of house 12 says the wire was stolen"
    assert similarity_to(guess)(complaint) < 0.6
    assert similarity_to(complaint)(guess) < 0.6


def test_short_texts_match_equal_short_texts() -> None:
    assert similarity_to("Lamp dark")("dark lamp!") == 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_similarity_is_the_same_both_ways_and_between_0_and_1(one: str, other: str) -> None:
    assert 0 <= similarity_to(one)(other) <= 1
    assert similarity_to(one)(other) == pytest.approx(similarity_to(other)(one))


def test_choices_are_not_searched_as_texts() -> None:
    assert free_text(a_catalogue_entry(), {"lights": "one", "description": "Dark.", "count": 3}) == "Dark."


def test_a_known_distance() -> None:
    peshawar, islamabad = {"latitude": 34.0151, "longitude": 71.5249}, {"latitude": 33.6844, "longitude": 73.0479}
    assert metres_between(peshawar, islamabad) == pytest.approx(145_500, rel=0.01)


@given(POINTS, POINTS)
def test_distances_are_the_same_both_ways(one: dict[str, float], other: dict[str, float]) -> None:
    assert metres_between(one, other) == pytest.approx(metres_between(other, one), abs=1e-3)
    assert metres_between(one, one) == 0
