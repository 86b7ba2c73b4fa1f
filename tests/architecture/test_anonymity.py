"""Whoever adds a field to a request says what becomes of it when the person is taken out (docs/adr/0014)."""

from dataclasses import fields

from services.requests.life.models import CHANGED, EMPTIED, KEPT
from services.requests.request.models.request import Request
from shared.records import PLUMBING
from tests.cases import cases


@cases("field", [field.name for field in fields(Request) if field.name not in PLUMBING])
def test_each_field_is_decided_upon(field: str) -> None:
    assert [field in table for table in (KEPT, CHANGED, EMPTIED)].count(True) == 1, field


def test_nothing_is_decided_about_a_field_that_is_not_there() -> None:
    assert {field.name for field in fields(Request)} >= KEPT | CHANGED | EMPTIED
