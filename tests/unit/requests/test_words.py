"""Texts are normalised before they are compared and searched."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.reading.service.search import TextSearch
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.listing import states_of
from services.requests.request.models.request import Request
from services.requests.request.models.words import MAX_LENGTH, language_of_words, words_of
from shared.seal import SealPurpose
from tests.builders import KEYS, NUMBER, a_request
from tests.fakes import START

NAMES = ("Street light out", "گلی کی بتی بند ہے")


SEARCH = TextSearch(KEYS, lambda _: NAMES)


def a_filed(answers: str = "{}", **fields: Any) -> Request:
    """A request with these answers."""
    return a_request(sealed_answers=KEYS.seal(answers, SealPurpose.REQUEST_ANSWERS, owner=NUMBER), **fields)


def finds(request: Request, text: str) -> bool:
    """Whether this text finds the request."""
    return SEARCH.matching([request], text) == [request]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café STRASSE", "cafe\u0301 straße"),
        ("پانی نہیں", "پاني نهيں"),  # Arabic yeh and heh
        ("كراچی", "کراچی"),
        ("ہے", "ھے"),
        ("پشاوَر", "پشاور"),
        ("می\u200cخواہم", "میخواہم"),
        ("پـــانی", "پانی"),
        ("۱۲۳ ٤٥", "123 45"),
        ("ﻻہور", "لاہور"),  # presentation forms
        ("آب", "اب"),
        ("یہاں مسئلہ", "یہان مسیلہ"),  # nun without its dot, hamza
        ("شعراء", "شعرا"),
        ("１２３", "123"),
    ],
)
def test_words_are_split_as_readers_see_them(one: str, other: str) -> None:
    assert words_of(one) == words_of(other) != []


def test_punctuation_and_single_letters_are_not_words() -> None:
    assert words_of('$where: {"a": 1} .* ( \\ \x00 _ -- ؟ ۔ a 7') == ["where"]
    assert words_of("") == words_of("؟!") == []


@given(st.text(max_size=300))
def test_any_text_has_words_that_are_found_again(text: str) -> None:
    found = words_of(text)
    assert len(set(found)) == len(found) or any(len(word) == MAX_LENGTH for word in found)
    assert words_of(" ".join(found)) == list(dict.fromkeys(found))


@given(st.text(max_size=200))
def test_case_and_marks_make_no_difference(text: str) -> None:
    assert words_of(text.upper().lower()) == words_of(text.lower())


def test_answers_address_and_service_are_found_in_either_script_by_parts_of_words() -> None:
    request = a_filed(
        '{"description": "The lamp by the school", "more": [{"deep": "بجلی کا کھمبا، کہیں نہیں"}], "n": 7}',
        sealed_address=KEYS.seal("Hayatabad, Street 4", SealPurpose.REQUEST_ADDRESS, owner=NUMBER),
    )
    for text in ("LAMP", "school lam", "بجلي", "hayat", "street", "بتی", "light بند", "نہین", "کھم"):
        assert finds(request, text), text
    for text in ("lamps", "lamp cat", "description", "", "؟"):
        assert not finds(request, text), text


def test_replies_and_answers_along_the_way_are_found() -> None:
    request = a_filed('{"d": "lamp"}')
    question = KEYS.seal("Which pole?", SealPurpose.REQUEST_QUESTION, owner=NUMBER)
    answer = KEYS.seal("The green one", SealPurpose.REQUEST_NOTE, owner=NUMBER)
    request.note("question", ActorKind.DEPARTMENT, START, sealed_words=question)
    request.note("answer", ActorKind.CITIZEN, START, sealed_words=answer)
    assert all(finds(request, text) for text in ("pole", "green", "lamp"))


def test_broken_seal_does_not_stop_the_search() -> None:
    lamp = a_filed('{"d": "lamp"}')
    assert SEARCH.matching([a_request(sealed_answers="nonsense"), lamp], "lamp") == [lamp]


def test_states_by_name_and_by_stage() -> None:
    assert states_of([], []) is None
    assert states_of([State.ROUTED], []) == [State.ROUTED]
    assert State.ACCEPTED in (states_of([], ["processing"]) or [])
    assert states_of([State.ROUTED, State.CLOSED], ["completion"]) == [State.CLOSED]
    assert states_of([State.ROUTED], ["completion"]) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The lamp is out", "en"),
        ("گلی کی بتی بند ہے", "ur"),
        ("گلی کی بتی OK", "ur"),
        ("Lamp بتی out", "en"),
        ("123", None),
    ],
)
def test_language_of_a_text_is_detected_by_its_script(text: str, language: str | None) -> None:
    assert language_of_words(text) == language
