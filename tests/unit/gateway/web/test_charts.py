"""Charts of figures: columns in the direction of writing, named months, and a text for those who do not see them."""

from typing import Any

import pytest

from gateway.web.public.charts import FEWEST_STEPS, GROUND, STEP, TOP, Trend, trend
from gateway.web.words import Translator


def a_row(month: str, n: int | None, of: int | None = 100, provisional: int | None = 0) -> dict[str, Any]:
    """A month of figures."""
    return {"month": month, "on_time_not_reopened": n, "due": of, "provisional": provisional}


def chart(language: str, rows: list[dict[str, Any]], beside: list[dict[str, Any]] | None = None) -> Trend:
    """The chart of these rows."""
    return trend(Translator(language), [row["month"] for row in rows], rows, beside or [])


ROWS = [a_row("2026-09", 40), a_row("2026-10", 55), a_row("2026-11", 70, provisional=9)]


def test_time_goes_in_the_direction_of_writing() -> None:
    english, urdu = chart("en", ROWS), chart("ur", ROWS)

    assert [column.x for column in english.columns] == [4, 34, 64]
    assert [english.width - STEP - column.x + 8 for column in urdu.columns] == [4, 34, 64]
    assert english.width == STEP * FEWEST_STEPS
    assert [column.name for column in english.columns] == ["Sep", "Oct", "Nov"]
    assert urdu.columns[0].name == "ستمبر"


def test_columns_begin_at_nothing_and_end_at_everything() -> None:
    [column] = chart("en", [a_row("2026-09", 40)]).columns

    assert (column.y(0), column.y(100)) == (GROUND, TOP)
    assert column.percent == 40


def test_provisional_and_hidden_columns_look_different() -> None:
    made = chart("en", [*ROWS, a_row("2026-12", None, None, None)], [a_row("2026-10", 61)])

    assert [column.changes for column in made.columns] == [False, False, True, False]
    assert [column.percent for column in made.columns] == [40, 55, 70, None]
    assert [column.beside for column in made.columns] == [None, 61, None, None]
    assert (made.changes, made.compared) == (True, True)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (ROWS, "From 40% in September\u00a02026 to 70% in November\u00a02026."),
        (ROWS[:1], "40% in September\u00a02026."),
        ([a_row("2026-09", None, None)], "Too few requests to show."),
    ],
    ids=["several", "one", "none"],
)
def test_the_text_tells_the_first_and_the_last_share(rows: list[dict[str, Any]], text: str) -> None:
    assert chart("en", rows).text == text


def test_with_many_months_only_some_are_named() -> None:
    named = [column.name for column in chart("en", [a_row(f"2026-{n:02}", n) for n in range(1, 13)]).columns]

    assert named == ["Jan", "", "", "Apr", "", "", "Jul", "", "", "Oct", "", "Dec"]
