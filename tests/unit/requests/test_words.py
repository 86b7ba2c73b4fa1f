"""Words have one spelling however they are typed, and are kept blind, each citizen's by a key of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.reading.service.search import MAX_WORDS, WordIndex
from services.requests.request.models.lifecycle import State, Who
from services.requests.request.models.listing import states_of
from services.requests.request.models.request import Request
from services.requests.request.models.words import LONGEST, language_of_words, words_of
from shared.seal import SealPurpose
from tests.builders import KEYS, NUMBER, a_request
from tests.fakes import START

NAMES = ("Street light out", "گلی کی بتی بند ہے")


def an_index() -> WordIndex:
    """The words of requests, all of one service."""
    return WordIndex(KEYS, lambda _: NAMES)


def indexed(index: WordIndex, request: Request) -> Request:
    """The request after it was written."""
    index.index([request])
    return request


def a_filed(answers: str = "{}", **fields: str) -> Request:
    """A request with these answers."""
    return a_request(sealed_answers=KEYS.seal(answers, SealPurpose.REQUEST_ANSWERS, owner=NUMBER), **fields)


def finds(index: WordIndex, request: Request, text: str, citizen: str | None = None) -> bool:
    """Whether the citizen finds the request by this text."""
    asked = index.asked(citizen or request.citizen_id, text)
    return bool(asked) and set(asked) <= set(request.words)


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
        ("１２３", "123"),
    ],
)
def test_what_is_one_word_to_a_reader_is_one_here(one: str, other: str) -> None:
    assert words_of(one) == words_of(other) != []


def test_signs_and_single_letters_are_no_words() -> None:
    assert words_of('$where: {"a": 1} .* ( \\ \x00 _ -- ؟ ۔ a 7') == ["where"]
    assert words_of("") == words_of("؟!") == []


@given(st.text(max_size=300))
def test_any_text_has_words_that_are_found_again(text: str) -> None:
    found = words_of(text)
    assert len(set(found)) == len(found) or any(len(word) == LONGEST for word in found)
    assert words_of(" ".join(found)) == list(dict.fromkeys(found))


@given(st.text(max_size=200))
def test_case_and_marks_make_no_difference(text: str) -> None:
    assert words_of(text.upper().lower()) == words_of(text.lower())


def test_answers_address_and_names_are_found_in_either_script() -> None:
    index = an_index()
    request = indexed(
        index,
        a_filed(
            '{"description": "The lamp by the school", "more": [{"deep": "بجلی کا کھمبا"}], "n": 7}',
            sealed_address=KEYS.seal("Hayatabad, Street 4", SealPurpose.REQUEST_ADDRESS, owner=NUMBER),
        ),
    )
    for text in ("LAMP", "school lamp", "بجلي", "hayatabad", "street", "بتی", "light بند"):
        assert finds(index, request, text), text
    for text in ("lamps", "lamp cat", "", "؟"):
        assert not finds(index, request, text), text


def test_what_is_kept_is_blind_and_each_citizens_own() -> None:
    index = an_index()
    mine, others = a_filed('{"d": "lamp"}'), a_filed('{"d": "lamp"}', citizen_id="citizen-2")
    index.index([mine, others])
    assert not set(mine.words) & set(others.words)
    assert not finds(index, mine, "lamp", citizen="citizen-2")
    assert all(isinstance(word, int) and -(2**63) <= word < 2**63 for word in mine.words)
    assert index.blind("c", ["lamp"]) != WordIndex(type(KEYS)(b"1" * 32, b"2" * 32), lambda _: ()).blind("c", ["lamp"])


def test_replies_and_answers_along_the_way_are_added() -> None:
    index = an_index()
    request = indexed(index, a_filed('{"d": "lamp"}'))
    request.stored = request.fields() | {"history": []}
    request.note(
        "question",
        Who.DEPARTMENT,
        START,
        sealed_words=KEYS.seal("Which pole?", SealPurpose.REQUEST_QUESTION, owner=NUMBER),
    )
    request.note(
        "answer", Who.CITIZEN, START, sealed_words=KEYS.seal("The green one", SealPurpose.REQUEST_NOTE, owner=NUMBER)
    )
    indexed(index, request)
    assert all(finds(index, request, text) for text in ("pole", "green", "lamp"))


def test_a_correction_takes_the_old_words_away() -> None:
    index = an_index()
    request = indexed(index, a_filed('{"d": "lamp"}'))
    request.stored = request.fields()
    request.sealed_answers = KEYS.seal('{"d": "drain"}', SealPurpose.REQUEST_ANSWERS, owner=NUMBER)
    indexed(index, request)
    assert finds(index, request, "drain")
    assert not finds(index, request, "lamp")


def test_words_are_bounded() -> None:
    index = an_index()
    request = indexed(index, a_filed('{"d": "' + " ".join(f"word{n}" for n in range(1000)) + '"}'))
    assert len(request.words) == MAX_WORDS


def test_nobody_can_search_what_is_anonymous_and_a_broken_seal_stops_no_write() -> None:
    index = an_index()
    assert indexed(index, a_filed('{"d": "lamp"}', citizen_id="anonymous:1")).words == []
    assert indexed(index, a_request(sealed_answers="nonsense")).words == []


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
def test_the_language_of_a_text_is_told_by_its_script(text: str, language: str | None) -> None:
    assert language_of_words(text) == language


def test_what_several_citizens_wrote_is_found_by_words_they_share() -> None:
    index = an_index()
    written = {"a": "lamp drain", "b": "lamp", "c": "drain"}
    stored = [
        {"_id": citizen, "citizen_id": citizen, "words": index.blind(citizen, words_of(text))}
        for citizen, text in written.items()
    ]
    stored.append({"_id": "nobody", "citizen_id": "anonymous:1", "words": []})

    def found(text: str) -> list[str] | None:
        pick = index.picker(text)
        return pick(stored) if pick else None

    assert found("Lamp") == ["a", "b"]
    assert found("drain LAMP") == ["a"]
    assert found("water") == []
    assert found("?") is None
