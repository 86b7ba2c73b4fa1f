"""Services are found by typed words in three spellings, with mistakes; `searches.yaml` has the searches."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.requests.catalogue.files import read_entries
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.finding import Finder
from services.requests.settings import RequestsSettings
from tests.builders import a_catalogue_entry, words
from tests.cases import cases

ENTRIES = read_entries(RequestsSettings.model_fields["catalogue_dir"].default)
FINDER = Finder(ENTRIES.values())
SEARCHES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "searches.yaml").read_text(encoding="utf-8"))
ROWS = [(text, code) for code, texts in SEARCHES.items() for text in texts]
URDU = re.compile("[\u0600-\u06ff]")
TYPED_OTHERWISE = str.maketrans({"ی": "ي", "ک": "ك", "ہ": "ه", "ں": "ن", "ا": "اـ", "آ": "ا\u0653"})


def a_service(code: str, name: str, summary: str = "x", keywords: list[str] | None = None) -> CatalogueEntry:
    """A service with only these words."""
    return a_catalogue_entry(code=code, name=words(name), summary=words(summary), keywords=keywords)


def best(text: str) -> str | None:
    """The first service found."""
    return next(iter(FINDER.find(text) or ()), None)


def test_every_service_is_looked_for_in_each_spelling() -> None:
    assert SEARCHES.keys() == ENTRIES.keys()
    for code, entry in ENTRIES.items():
        for texts in (SEARCHES[code], entry.keywords or []):
            assert any(URDU.search(text) for text in texts), code
            assert any(text.isascii() for text in texts), code


@cases("text, code", ROWS)
def test_typed_words_find_the_service(text: str, code: str) -> None:
    assert best(text) == code


@cases("code", ENTRIES)
def test_a_service_is_found_by_its_name_and_by_each_of_its_keywords(code: str) -> None:
    entry = ENTRIES[code]
    for name in entry.name.model_dump().values():
        assert best(name) == code, name
    for keyword in entry.keywords or ():
        assert code in (FINDER.find(keyword) or []), keyword


@cases("text, code", [row for row in ROWS if URDU.search(row[0])])
def test_other_keyboards_and_marks_make_no_difference(text: str, code: str) -> None:
    other = text.translate(TYPED_OTHERWISE).replace(" ", "\u200c \u064e")
    assert FINDER.find(other) == FINDER.find(text)


@cases("text, code", [row for row in ROWS if row[0].isascii()])
def test_capitals_and_punctuation_make_no_difference(text: str, code: str) -> None:
    assert FINDER.find(f"  {text.upper()}!? ") == FINDER.find(text)


def test_each_letter_of_a_word_narrows_the_search() -> None:
    for length in range(3, len("domicile") + 1):
        assert best("domicile"[:length]) == "domicile-certificate"


@pytest.mark.parametrize("text", ["visa lagwana", "pension", "asdfgh", "پنشن", "qwertyuiop 12345", "zzzz", "sss"])
def test_unknown_words_find_nothing(text: str) -> None:
    assert FINDER.find(text) == []


@pytest.mark.parametrize("text", ["", "  ", "؟", "a", "the", "mujhe chahiye", "کیا ہے", "\x00"])
def test_stop_words_alone_are_no_search(text: str) -> None:
    assert FINDER.find(text) is None


def test_a_name_counts_more_than_a_keyword_and_that_more_than_a_summary() -> None:
    services = [
        a_service("in-summary", "One", summary="Kettle"),
        a_service("in-keyword", "Two", keywords=["kettle"]),
        a_service("in-name", "Kettle"),
    ]
    assert Finder(services).find("kettle") == ["in-name", "in-keyword", "in-summary"]


def test_all_words_together_count_more_than_some() -> None:
    services = [
        a_service("some-words", "Brass", keywords=["kettle"]),
        a_service("all-words", "Three", summary="A brass kettle"),
    ]
    assert Finder(services).find("brass kettle") == ["all-words", "some-words"]
    assert Finder(services).find("brass kettle of copper") == ["some-words", "all-words"]


def test_a_service_without_keywords_is_found_by_its_name() -> None:
    assert Finder([a_service("old-one", "Samovar")]).find("samovr") == ["old-one"]
    assert Finder([]).find("samovar") == []


@given(st.text(max_size=400))
def test_any_text_is_answered(text: str) -> None:
    found = FINDER.find(text)
    if found is not None:
        assert len(set(found)) == len(found)
        assert set(found) <= ENTRIES.keys()


@given(st.lists(st.sampled_from([word for text, _ in ROWS for word in text.split()]), max_size=40).map(" ".join))
def test_any_words_that_people_type_are_answered(text: str) -> None:
    assert set(FINDER.find(text) or []) <= ENTRIES.keys()
