"""Trying a draft: its form as a citizen sees it, and what becomes of sample answers. Nothing of them is kept."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.services import API, read
from gateway.web.forms.errors import field_messages
from gateway.web.forms.steps import DISTRICT, ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.naming import names_of
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit
from shared.errors import FieldError

PAGE = "administration/services-preview.html"


@room.get("/admin/services/{code}/preview")
async def show(visit: Visit) -> Response:
    """The form as a citizen sees it. Raises RefusedError."""
    return await page(visit, None)


@room.post("/admin/services/{code}/preview")
async def try_out(visit: Visit) -> Response:
    """What the rules say of sample answers, and where it would go. Raises RefusedError."""
    service = form_of((await read(visit)).data)
    written = WrittenFiling(service.code)
    for step in service.steps:
        written.take(step, visit.form)
    body = {"answers": written.answers, "district": written.district}
    try:
        tried = (await visit.portal.post(f"{API}/{service.code}/preview", body)).data
    except RefusedError as refused:
        visit.form.refuse(refused, {"/district": DISTRICT})
        return await page(visit, None, refused.status)
    for field, words in field_messages(map(placed, tried["errors"]), service, written.answers, visit.words).items():
        visit.form.add_error(field, words)
    return await page(visit, tried if not tried["errors"] else None)


def placed(error: FieldError) -> FieldError:
    """An error of the sample as one of a filing, where the district stands in the place."""
    return {**error, "pointer": f"/{DISTRICT.replace('.', '/')}"} if error["pointer"] == "/district" else error


def form_of(stored: Mapping[str, Any]) -> ServiceForm:
    """The form of the draft, or of what is in force."""
    return ServiceForm.of(stored["draft_entry"] or stored["entry"])


async def page(visit: Visit, tried: Mapping[str, Any] | None, status: int = 200) -> Response:
    """Show the form and, where answers were tried, the verdict. Raises RefusedError."""
    stored, names = (await read(visit)).data, await names_of(visit)
    service = form_of(stored)
    offered = service.entry["districts"] or list(names.districts)
    return visit.page(
        PAGE,
        status,
        stored=stored,
        service=service,
        tried=tried,
        names=names,
        districts=[(code, visit.words.localised(names.district(code))) for code in offered],
    )
