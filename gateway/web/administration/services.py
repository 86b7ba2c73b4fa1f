"""The catalogue: all services, one service and its versions, and the trial of a draft, which stores nothing."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.yamltext import write_yaml
from gateway.web.forms.errors import field_messages
from gateway.web.forms.steps import DISTRICT, ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.naming import names_of
from gateway.web.portal import Reply, segment
from gateway.web.visit import Visit
from shared.errors import FieldError

API = "/api/v1/admin/services"
LIST, ONE, VERSION = (f"administration/services{part}.html" for part in ("", "-one", "-version"))
FILTERS = {"draft": "draft", "retired": "retired_at"}
"""The field that a service must have, for each filter of the list."""


@room.get("/admin/services")
async def show(visit: Visit) -> Response:
    """All services, or those with a draft, or the retired ones. Raises RefusedError."""
    only = visit.query("only") if visit.query("only") in FILTERS else ""
    services = (await visit.portal.read(API))["services"]
    found = [service for service in services if not only or service[FILTERS[only]]]
    return visit.page(LIST, services=found, only=only, total=len(services))


@room.get("/admin/services/{code}")
async def show_one(visit: Visit) -> Response:
    """A service: the version in force, its draft, and all versions. Raises RefusedError."""
    code = segment(visit.args["code"])
    stored, versions = await asyncio.gather(stored_service(visit), visit.portal.read(f"{API}/{code}/versions"))
    service = stored.data
    entry = service["draft_entry"] if service["draft"] else service["entry"]
    return visit.page(ONE, service=service, versions=versions["versions"], shown=entry)


@room.get("/admin/services/{code}/versions/{number}")
async def show_version(visit: Visit) -> Response:
    """One published version. Raises RefusedError."""
    code, number = segment(visit.args["code"]), segment(visit.args["number"])
    version = await visit.portal.read(f"{API}/{code}/versions/{number}")
    return visit.page(VERSION, version=version, code=code, text=write_yaml(version["entry"]))


async def stored_service(visit: Visit) -> Reply:
    """The service in the address, with its revision. Raises RefusedError."""
    return await visit.portal.get(f"{API}/{segment(visit.args['code'])}")


@room.get("/admin/services/{code}/preview")
async def show_preview(visit: Visit) -> Response:
    """The form as a citizen sees it. Raises RefusedError."""
    return await preview_page(visit, None)


@room.post("/admin/services/{code}/preview", again=show_preview, names={"/district": DISTRICT})
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
    return await preview_page(visit, tried if not tried["errors"] else None)


def as_filing_error(error: FieldError) -> FieldError:
    """An error of the sample as one of a filing, in which the district is part of the place."""
    return {**error, "pointer": f"/{DISTRICT.replace('.', '/')}"} if error["pointer"] == "/district" else error


def form_of(stored: Mapping[str, Any]) -> ServiceForm:
    """The form of the draft, or else of the version in force."""
    return ServiceForm.of(stored["draft_entry"] or stored["entry"])


async def preview_page(visit: Visit, tried: Mapping[str, Any] | None) -> Response:
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
