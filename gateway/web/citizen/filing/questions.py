"""Shows a page of questions: of a draft, of a service before a draft exists, or of a filing without a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from gateway.web.forms.service import districts_for
from gateway.web.forms.steps import DISTRICT, FormStep, ServiceForm
from gateway.web.visit import Visit

GO, BACK, LEAVE = "go", "back", "leave"
"""The name of the buttons, and the values of those besides Continue."""


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
