"""Rows of a table with requests: every cell is text, and unknown columns are answers."""

from datetime import datetime

import pytest

from services.routing.rules.models.area import Point
from services.routing.rules.models.rows import TriedRow, read_rows
from shared.clock import PAKISTAN
from shared.errors import MistakesError
from tests.cases import cases


def test_a_row_is_read_with_place_time_and_answers() -> None:
    cells = {"service": " water-leak ", "district": "swat", "latitude": "34.7", "longitude": "72.3", "channel": ""}
    [row] = read_rows([{**cells, "at": "2026-07-01T21:30", "danger": "TRUE", "size": "2", "pipe": "main", "note": ""}])
    at = datetime(2026, 7, 1, 21, 30, tzinfo=PAKISTAN)
    answers: dict[str, str | int | bool] = {"danger": True, "size": 2, "pipe": "main"}
    assert row == TriedRow("water-leak", "swat", Point(34.7, 72.3), None, at, answers)


WRONG = [
    ({"district": "swat"}, "/rows/0/service"),
    ({"service": "x", "channel": "pigeon"}, "/rows/0/channel"),
    ({"service": "x", "latitude": "34.7"}, "/rows/0/latitude"),
    ({"service": "x", "latitude": "340", "longitude": "72"}, "/rows/0/latitude"),
    ({"service": "x", "at": "yesterday"}, "/rows/0/at"),
    ({"service": "x", "at": "9999-12-31T23:59-12:00"}, "/rows/0/at"),
]


@cases("row, pointer", WRONG)
def test_a_cell_that_cannot_be_read_is_named(row: dict[str, str], pointer: str) -> None:
    with pytest.raises(MistakesError) as refused:
        read_rows([row])
    assert [mistake.pointer for mistake in refused.value.mistakes] == [pointer]
