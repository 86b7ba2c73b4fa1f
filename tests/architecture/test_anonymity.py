"""Each field of a request has a decision: anonymising keeps, changes or empties it (docs/adr/0014)."""

from dataclasses import fields

from services.requests.life.models import CHANGED, EMPTIED, KEPT
from services.requests.request.models.request import Request
from shared.records import PLUMBING
from tests.cases import cases


@cases("field", [field.name for field in fields(Request) if field.name not in PLUMBING])
def test_anonymising_has_a_decision_for_each_field(field: str) -> None:
    assert [field in table for table in (KEPT, CHANGED, EMPTIED)].count(True) == 1, field


def test_no_decision_is_about_a_removed_field() -> None:
    assert {field.name for field in fields(Request)} >= KEPT | CHANGED | EMPTIED
