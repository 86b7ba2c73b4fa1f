"""Trying a draft: its form as a citizen sees it, and the result for sample answers. Nothing is stored."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.services import API, stored_service
from gateway.web.forms.errors import field_messages
from gateway.web.forms.steps import DISTRICT, ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.naming import names_of
from gateway.web.visit import Visit
from shared.errors import FieldError


@room.get("/admin/services/{code}/preview")
async def show(visit: Visit) -> Response:
    """The form as a citizen sees it. Raises RefusedError."""
    return await page(visit, None)


@room.post("/admin/services/{code}/preview", again=show, names={"/district": DISTRICT})
async def try_out(visit: Visit) -> Response:
    """The result of the rules for sample answers, and the department. Raises RefusedError."""
    service = form_of((await stored_service(visit)).data)
    written = WrittenFiling(service.code)
    for step in service.steps:
        written.take(step, visit.form)
    body = {"answers": written.answers, "district": written.district}
    tried = (await visit.portal.post(f"{API}/{service.code}/preview", body)).data
    for field, words in field_messages(
        map(as_filing_error, tried["errors"]), service, written.answers, visit.words
    ).items():
        visit.form.add_error(field, words)
    return await page(visit, tried if not tried["errors"] else None)


def as_filing_error(error: FieldError) -> FieldError:
    """An error of the sample as one of a filing, in which the district is part of the place."""
    return {**error, "pointer": f"/{DISTRICT.replace('.', '/')}"} if error["pointer"] == "/district" else error


def form_of(stored: Mapping[str, Any]) -> ServiceForm:
    """The form of the draft, or else of the version in force."""
    return ServiceForm.of(stored["draft_entry"] or stored["entry"])


async def page(visit: Visit, tried: Mapping[str, Any] | None) -> Response:
    """Show the form and, if answers were tried, the result. Raises RefusedError."""
    stored, names = (await stored_service(visit)).data, await names_of(visit)
    service = form_of(stored)
    offered = service.entry["districts"] or list(names.districts)
    return visit.page(
        "administration/services-preview.html",
        stored=stored,
        service=service,
        tried=tried,
        names=names,
        districts=[(code, visit.words.localised(names.district(code))) for code in offered],
    )
