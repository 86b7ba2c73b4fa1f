"""The list of all answers before sending: each with the page that changes it and its error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.forms.answers import AnswerRow, row_of
from gateway.web.forms.service import districts_for
from gateway.web.forms.steps import DISTRICT, ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.naming import department_names
from gateway.web.portal import or_else
from gateway.web.visit import Visit

Checked = Mapping[str, Any]
"""The response of `POST /api/v1/catalogue/{code}/check`."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row with the number of its page, and its error."""

    row: AnswerRow
    page: int
    error: str = ""


async def review_rows(
    visit: Visit, service: ServiceForm, written: WrittenFiling, errors: Mapping[str, str]
) -> list[ReviewRow]:
    """All answers in the order of the pages, also missing ones. Raises RefusedError."""
    names = {district["code"]: district["name"] for district in await districts_for(visit.portal, service)}
    district = visit.words.localised(names.get(written.district, written.district))
    result: list[ReviewRow] = []
    for step in service.steps:
        rows = [AnswerRow(DISTRICT, visit.say("District"), district)] if step.district else []
        rows += [row_of(question, written.answers.get(question.name), visit.words) for question in step.questions]
        if step.location and "latitude" in written.place:
            rows.append(AnswerRow("place.latitude", visit.say("Location"), visit.say("Sent with your request")))
        result += [ReviewRow(row, step.number, errors.get(row.field, "")) for row in rows]
    return result


def add_row_errors(visit: Visit, rows: Sequence[ReviewRow], errors: Mapping[str, str]) -> None:
    """Show the errors above the answers: first those of the rows in their order, then all others."""
    for row in rows:
        if row.error:
            visit.form.add_error(row.row.field, row.error)
    others = [message for field, message in errors.items() if field not in {row.row.field for row in rows}]
    if others and not visit.form.general_error:
        visit.form.general_error = " ".join(others)


async def department_of(visit: Visit, checked: Checked) -> str:
    """The name of the department that the request would go to; empty if it is not known."""
    if checked["department"] is None:
        return ""
    return (await or_else({}, department_names(visit.portal))).get(checked["department"]["to"], "")
