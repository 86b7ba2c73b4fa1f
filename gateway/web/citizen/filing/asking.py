"""Showing a page of questions: of a draft, of a draft that is only begun, or of what is filed without a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from gateway.web.forms.service import districts_for
from gateway.web.forms.steps import DISTRICT, FormStep, ServiceForm
from gateway.web.visit import Visit

STEP = "citizen/filing/step.html"
GO, BACK, LEAVE = "go", "back", "leave"
"""The name of the buttons, and what those beside Continue say."""


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A page of questions. `hidden` travels with it, `autosave` is where a script may keep it meanwhile."""

    service: ServiceForm
    step: FormStep
    hidden: Mapping[str, str] = field(default_factory=dict)
    autosave: str = ""
    back: str = ""
    """An address to go back to; empty where a button leads back and keeps what was typed."""
    leave: bool = True
    draft: str = ""
    """A draft of the same service that was begun before."""
    active: str = ""
    """The number of a request that is in the way of another for the same service."""


async def ask(visit: Visit, asked: QuestionPage, status: int = 200) -> Response:
    """Show the page. Raises RefusedError."""
    districts = await districts_for(visit.portal, asked.service) if asked.step.district else []
    if len(districts) == 1 and not visit.form.value(DISTRICT):
        visit.form.set(DISTRICT, districts[0]["code"])
    return visit.page(STEP, status, asked=asked, service=asked.service, step=asked.step, districts=districts)


def tell(visit: Visit, step: FormStep, errors: Mapping[str, str]) -> bool:
    """Say at the fields of a page what is wrong with them, in their order; whether there was anything."""
    order = [DISTRICT, *(question.field for question in step.questions)]
    found = sorted(step.fields & errors.keys(), key=lambda name: order.index(name) if name in order else len(order))
    for name in found:
        visit.form.add_error(name, errors[name])
    return bool(found)
