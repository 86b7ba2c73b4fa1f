"""Shows a page of questions, and the list of all answers before sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from gateway.web.forms.answers import AnswerRow, row_of
from gateway.web.forms.service import districts_for
from gateway.web.forms.steps import DISTRICT, FormStep, ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.naming import department_names
from gateway.web.portal import or_else
from gateway.web.visit import Visit

GO, BACK, LEAVE = "go", "back", "leave"
"""The name of the buttons, and the values of those besides Continue."""
Checked = Mapping[str, Any]
"""The response of `POST /api/v1/catalogue/{code}/check`."""


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A page of questions. `hidden` are hidden fields; a script saves the page to `autosave`."""

    service: ServiceForm
    step: FormStep
    hidden: Mapping[str, str] = field(default_factory=dict)
    autosave: str = ""
    back: str = ""
    """The address of the page before; if empty, a button leads back and saves the typed text."""
    leave: bool = True
    draft: str = ""
    """An earlier draft for the same service."""
    active: str = ""
    """The number of an open request that prevents another for the same service."""


async def ask(visit: Visit, page: QuestionPage, status: int = 200) -> Response:
    """Show the page. Raises RefusedError."""
    districts = await districts_for(visit.portal, page.service) if page.step.district else []
    if len(districts) == 1 and not visit.form.value(DISTRICT):
        visit.form.set(DISTRICT, districts[0]["code"])
    return visit.page(
        "citizen/filing/step.html", status, page=page, service=page.service, step=page.step, districts=districts
    )


def add_step_errors(visit: Visit, step: FormStep, errors: Mapping[str, str]) -> bool:
    """Add the errors of this page to its fields, in their order; whether there were any."""
    order = [DISTRICT, *(question.field for question in step.questions)]
    found = sorted(step.fields & errors.keys(), key=lambda name: order.index(name) if name in order else len(order))
    for name in found:
        visit.form.add_error(name, errors[name])
    return bool(found)


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
