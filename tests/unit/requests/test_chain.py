"""The chain of a history: altered, cut, swapped and removed entries are detected; erased texts are allowed."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.request.models import chain
from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.request import Request
from shared.proof.chain import Break, canonical, link_breaks, link_hash
from shared.seal import KeyRing, SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_request, rechain
from tests.fakes import START

OTHER_KEYS = KeyRing(data_key=b"e" * 32, index_key=b"j" * 32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.text("abcdefgh_", min_size=3, max_size=8).filter(lambda name: name not in chain.OUTSIDE)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
NOTES = st.lists(
    st.tuples(
        st.sampled_from(["progress", "question", "route"]),
        st.sampled_from(list(ActorKind)),
        st.one_of(st.none(), TEXTS.map(lambda words: KEYS.seal(words, SealPurpose.REQUEST_NOTE, owner=NUMBER))),
        st.dictionaries(NAMES, VALUES, max_size=3),
    ),
    min_size=1,
    max_size=6,
)


def noted(notes: list[tuple[str, ActorKind, str | None, dict[str, Any]]]) -> Request:
    """A request with that history."""
    request = a_request()
    for step, (action, actor, words, more) in enumerate(notes):
        given = {name: value for name, value in more.items() if name not in ("action", "to")}
        request.note(action, actor, START + timedelta(minutes=step), by=CITIZEN, sealed_words=words, **given)
    return request


def a_history() -> Request:
    """A request that was filed, asked about, answered and resolved."""
    request = a_request()
    request.note("submit", ActorKind.CITIZEN, START, by=CITIZEN)
    request.take("pass", ActorKind.RULES, START, results=[{"code": "a", "passed": True}])
    request.take("route", ActorKind.ROUTING, START, by="routing", because={"en": "x", "ur": "آب"})
    request.note(
        "question",
        ActorKind.DEPARTMENT,
        START,
        by="o-1",
        sealed_words=KEYS.seal("Where?", SealPurpose.REQUEST_QUESTION, owner=NUMBER),
    )
    request.note(
        "answer",
        ActorKind.CITIZEN,
        START,
        by=CITIZEN,
        sealed_words=KEYS.seal("Here.", SealPurpose.REQUEST_NOTE, owner=NUMBER),
    )
    return request


@given(NOTES)
def test_hashes_hold_after_a_round_trip_through_the_database(
    notes: list[tuple[str, ActorKind, str | None, dict[str, Any]]],
) -> None:
    request = noted(notes)
    assert chain.breaks(NUMBER, request.history, KEYS) == []
    assert chain.breaks(NUMBER, Request.of({"_id": NUMBER, "rev": 1, "seq": 0, **request.fields()}).history) == []
    links = [chain.link_of(entry) | {"hash": entry["hash"]} for entry in request.history]
    assert link_breaks(NUMBER, json.loads(json.dumps(links))) == []


@given(NOTES, st.data())
def test_any_altered_member_is_found(
    notes: list[tuple[str, ActorKind, str | None, dict[str, Any]]], data: st.DataObject
) -> None:
    request = noted(notes)
    entry = data.draw(st.sampled_from(request.history))
    name = data.draw(st.sampled_from(sorted(entry)))
    entry[name] = data.draw(VALUES.filter(lambda value: canonical(value) != canonical(entry[name])))
    erased = name in ("sealed_words", "by") and entry[name] is None and chain.DIGESTS[name] in entry
    assert bool(chain.breaks(NUMBER, request.history, KEYS)) != erased


def swap(history: list[Any]) -> None:
    """Swap two entries."""
    history[2], history[3] = history[3], history[2]


def renumbered(history: list[Any]) -> None:
    """Remove an entry and number the others again."""
    del history[2]
    for n, entry in enumerate(history, 1):
        entry["n"] = n


def words_of_another(history: list[Any]) -> None:
    """Move a sealed text to another entry."""
    history[4]["sealed_words"] = KEYS.seal("There.", SealPurpose.REQUEST_NOTE, owner=NUMBER)


def fitted(history: list[Any]) -> None:
    """Change an entry in the middle, and calculate its hash again."""
    history[2]["by"] = "o-2"
    history[2]["hash"] = link_hash(NUMBER, history[1]["hash"], chain.link_of(history[2]))


TAMPERING: dict[str, Callable[[list[Any]], object]] = {
    "later date": lambda h: h[2].update(at=START + timedelta(milliseconds=1)),
    "another actor": lambda h: h[3].update(by="o-2"),
    "another citizen": lambda h: h[4].update(by="somebody"),
    "a reason more": lambda h: h[3].update(reason="x"),
    "other words": words_of_another,
    "words that never were": lambda h: h[2].update(sealed_words="x"),
    "a word digest": lambda h: h[4].update(words_digest="0" * 64),
    "with a hash that fits": fitted,
    "swapped": swap,
    "first gone": lambda h: h.pop(0),
    "one gone": lambda h: h.pop(2),
    "one gone, counted anew": renumbered,
    "one twice": lambda h: h.insert(2, deepcopy(h[2])),
}


@pytest.mark.parametrize("tamper", TAMPERING.values(), ids=TAMPERING.keys())
def test_tampering_is_found(tamper: Callable[[list[Any]], object]) -> None:
    history = a_history().history
    tamper(history)
    assert chain.breaks(NUMBER, history, KEYS)


def test_the_finding_names_the_entry() -> None:
    history = a_history().history
    history[2]["at"] = START + timedelta(hours=1)
    assert chain.breaks(NUMBER, history) == [Break(3, "altered")]


def test_a_history_does_not_hold_under_another_number() -> None:
    assert chain.breaks("RB-0000-0000-0", a_history().history)


def test_seal_detects_cutting_and_rewriting() -> None:
    request = a_history()
    mark = chain.seal(KEYS, NUMBER, request.history)
    cut = request.history[:-1]
    assert chain.breaks(NUMBER, cut) == []
    assert chain.seal(KEYS, NUMBER, cut) != mark
    rewritten = [*cut, dict(request.history[-1], action="progress")]
    rechain(NUMBER, rewritten)
    assert chain.breaks(NUMBER, rewritten) == []
    assert chain.seal(KEYS, NUMBER, rewritten) != mark
    assert chain.seal(OTHER_KEYS, NUMBER, request.history) != mark


def test_erasing_texts_and_citizen_keeps_the_chain_valid() -> None:
    history = a_history().history
    for entry in history:
        chain.forget(entry)
    assert chain.breaks(NUMBER, history, KEYS) == []
    left = json.dumps(history, default=str)
    assert CITIZEN not in left
    assert "sealed_words" not in left
    assert history[3]["by"] == "o-1"


def test_resealed_texts_are_verified_by_the_index_key() -> None:
    history = a_history().history
    again = KeyRing(data_key=b"n" * 32, index_key=KEYS.index_key)
    chain.reseal(again, NUMBER, history[4], again.seal("Here.", SealPurpose.REQUEST_NOTE, owner=NUMBER))
    assert chain.breaks(NUMBER, history, KEYS) == chain.breaks(NUMBER, history) == []
    assert chain.breaks(NUMBER, history, OTHER_KEYS) == [Break(5, "words")]
    history[4]["sealed_words"] = again.seal("Elsewhere.", SealPurpose.REQUEST_NOTE, owner=NUMBER)
    assert chain.breaks(NUMBER, history, KEYS) == [Break(5, "words")]


def test_moments_are_hashed_as_the_database_keeps_them() -> None:
    exact = datetime(2026, 3, 2, 9, 0, 0, 123999, UTC)
    kept = exact.replace(microsecond=123000)
    elsewhere = kept.astimezone(timezone(timedelta(hours=5)))
    assert canonical(exact) == canonical(kept) == canonical(elsewhere)
    assert canonical(kept) == b'"2026-03-02T09:00:00.123Z"'


def test_the_encoding_is_that_of_rfc_8785() -> None:
    value = {"b": [True, None, 12], "a": '\u20ac$\u000f\nA\'B"\\"/'}
    assert canonical(value) == '{"a":"€$\\u000f\\nA\'B\\"\\\\\\"/","b":[true,null,12]}'.encode()
    with pytest.raises(TypeError):
        canonical({"a": object()})
