"""Dates in words, and the direction of numbers in Urdu."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.words import SHARED, missing, read, renewed, wanted, written
from gateway.streaming import MAX_FILE
from gateway.web.words import Translator, isolate, language_of

NOW = datetime(2026, 11, 29, 14, 0, tzinfo=UTC)  # 19:00 in Karachi
ENGLISH, URDU = (Translator(language, lambda: NOW) for language in ("en", "ur"))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-29T18:59:00.000Z", "today"),
        ("2026-11-29T19:00:00.000Z", "tomorrow"),  # midnight in Karachi
        ("2026-11-28T18:00:00.000Z", "yesterday"),
        ("2026-12-01T10:00:00.000Z", "Tuesday 1\u00a0December"),
        ("2025-12-01T10:00:00.000Z", "Monday 1\u00a0December 2025"),
    ],
)
def test_day_in_words(at: str, expected: str) -> None:
    assert f">{expected}<" in ENGLISH.day(at)


def test_moment_is_in_the_time_of_karachi() -> None:
    assert (
        ENGLISH.moment("2026-11-29T09:05:00.000Z") == '<time datetime="2026-11-29T14:05:00+05:00">today, 14:05</time>'
    )
    assert "، 14:05" in URDU.moment("2026-11-29T09:05:00.000Z")


def test_moment_on_paper_has_a_year() -> None:
    assert ">29\u00a0November\u00a02026, 14:05<" in ENGLISH.full_moment("2026-11-29T09:05:00.000Z")
    assert "، 14:05<" in URDU.full_moment("2026-11-29T09:05:00.000Z")
    assert ENGLISH.full_moment(None) == ""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1, "1 second"), (119, "119 seconds"), (600, "10 minutes"), (7200, "2 hours"), (172800, "2 days")],
)
def test_span_uses_the_largest_fitting_unit(seconds: int, expected: str) -> None:
    assert ENGLISH.span(seconds) == expected


def test_missing_time_is_empty() -> None:
    assert ENGLISH.day(None) == ENGLISH.moment("") == ENGLISH.from_now(None) == ENGLISH.late_by(None) == ""
    assert not ENGLISH.is_past(None)
    assert not ENGLISH.is_soon(None)


@pytest.mark.parametrize(
    ("html", "isolated"),
    [
        ("<p>نمبر RB-7F3K ہے</p>", '<p>نمبر <bdi dir="ltr">RB-7F3K</bdi> ہے</p>'),
        ("<p>14 خدمات</p>", '<p><bdi dir="ltr">14</bdi> خدمات</p>'),
        ('<a href="/ur/x1" title="9">الف</a>', '<a href="/ur/x1" title="9">الف</a>'),
        ("<textarea>12</textarea><option>3</option>", "<textarea>12</textarea><option>3</option>"),
        ('<bdi dir="ltr">12 <b>3</b></bdi> 4', '<bdi dir="ltr">12 <b>3</b></bdi> <bdi dir="ltr">4</bdi>'),
        ('<span lang="en">Rabta</span>', '<span lang="en">Rabta</span>'),
        ('<input dir="ltr"> 5', '<input dir="ltr"> <bdi dir="ltr">5</bdi>'),
        ("<p>ا &amp; ب &#39;</p>", "<p>ا &amp; ب &#39;</p>"),
        ('<svg><path d="M1 2"/></svg>7', '<svg><path d="M1 2"/></svg><bdi dir="ltr">7</bdi>'),
    ],
)
def test_numbers_and_latin_words_keep_their_direction(html: str, isolated: str) -> None:
    assert isolate(html) == isolated


@given(st.lists(st.sampled_from(["<p>", "</p>", "<svg>", "</svg>", "12", "ہے", "&lt;", "<bdi>", "</bdi>", "a.b"])))
def test_isolating_changes_no_letter(parts: list[str]) -> None:
    html = "".join(parts)
    assert isolate(html).replace('<bdi dir="ltr">', "").replace("</bdi>", "") == html.replace("</bdi>", "")


def test_every_text_of_the_pages_has_urdu() -> None:
    rooms = wanted()
    assert SHARED in rooms
    for room, found in rooms.items():
        catalogue = renewed(read(room), found)
        assert [message.id for message in missing(catalogue)] == [], room
        assert written(catalogue) == written(read(room)), f"{room}.po: python -m deploy.words"


def test_pages_name_the_maximum_size_of_a_file() -> None:
    for room in ("citizen", "counter", "department"):
        assert set(re.findall(rb"(\d+) MB", written(read(room)))) == {b"%d" % (MAX_FILE // 1_000_000)}, room


def test_language_of_a_text_by_its_script() -> None:
    assert [language_of(text) for text in ("Bank Road", "مسجد کے سامنے، No. 3", "7")] == ["en", "ur", "en"]
