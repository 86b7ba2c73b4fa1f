"""The answers as they are shown before sending: each with its page to change it, and what the rules say of them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.forms.answers import AnswerRow, row_of
from gateway.web.forms.steps import DISTRICT, ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

Told = Mapping[str, Any]
"""What filing would say (`POST /api/v1/catalogue/{code}/check`)."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row with the number of the page on which it is changed, and what is wrong with it."""

    row: AnswerRow
    page: int
    error: str = ""


def lines_of(
    visit: Visit,
    service: ServiceForm,
    written: WrittenFiling,
    districts: Sequence[Mapping[str, Any]],
    errors: Mapping[str, str],
) -> list[ReviewRow]:
    """All answers in the order of the pages, and what is missing among them."""
    lines: list[ReviewRow] = []
    for step in service.steps:
        rows = [_district(visit, written, districts)] if step.district else []
        rows += [row_of(question, written.answers.get(question.name), visit.words) for question in step.questions]
        if step.location and "latitude" in written.place:
            rows.append(AnswerRow("place.latitude", visit.say("Location"), visit.say("Sent with your request")))
        lines += [ReviewRow(row, step.number, errors.get(row.field, "")) for row in rows]
    return lines


def tell_lines(visit: Visit, lines: Sequence[ReviewRow], errors: Mapping[str, str]) -> None:
    """Say above the answers what is wrong with which, in their order; then what is wrong with none of them."""
    for line in lines:
        if line.error:
            visit.form.add_error(line.row.field, line.error)
    others = [words for field, words in errors.items() if field not in {line.row.field for line in lines}]
    if others and not visit.form.general_error:
        visit.form.general_error = " ".join(others)


def _district(visit: Visit, written: WrittenFiling, districts: Sequence[Mapping[str, Any]]) -> AnswerRow:
    names = {district["code"]: district["name"] for district in districts}
    name = visit.words.localised(names.get(written.district, written.district))
    return AnswerRow(DISTRICT, visit.say("District"), name)


async def department_of(visit: Visit, told: Told) -> str:
    """What the department is called that it would go to; empty where nobody can say."""
    if told["department"] is None:
        return ""
    try:
        known = (await visit.portal.read("/api/v1/departments"))["departments"]
    except RefusedError:
        return ""
    return next((one["name"] for one in known if one["code"] == told["department"]["to"]), "")
