"""Writing a draft: the whole entry on one page, kept on top of the revision that was seen."""

from typing import Any

from starlette.responses import Response

from gateway.web.administration.entries import Entry, blank, fields_of, read_entry, tell
from gateway.web.administration.room import room
from gateway.web.administration.services import API, read
from gateway.web.portal import RefusedError, Reply, segment
from gateway.web.visit import Visit

PAGE = "administration/services-draft.html"
MAX_BYTES = 600_000
"""Of a form: a long entry, in Urdu and percent-encoded."""
STALE = 412
REVISION = "revision"


@room.get("/admin/services/new")
async def show_new(visit: Visit) -> Response:
    """The form for a new service. Raises RefusedError."""
    fill(visit, blank())
    return await page(visit, None)


@room.post("/admin/services/new", max_bytes=MAX_BYTES)
async def begin(visit: Visit) -> Response:
    """Keep the first draft of a new service. Raises RefusedError."""
    entry = read_entry(visit.form, visit.form.value("code"), visit.words)
    known = await known_as(visit, entry["code"])
    if known and known["draft_entry"] == entry:  # sent twice
        return visit.go(f"/admin/services/{entry['code']}/preview")
    if known:
        visit.form.add_error("code", visit.say("There is a service with this code. Choose another code."))
    if visit.form.failed:
        return await page(visit, None)
    try:
        await visit.portal.call("POST", API, query={"draft": "true"}, body=entry)
    except RefusedError as refused:
        refused_at(visit, refused)
        return await page(visit, None, refused.status)
    return visit.go(f"/admin/services/{entry['code']}/preview", visit.say("The draft is saved. Try it now."))


async def known_as(visit: Visit, code: str) -> dict[str, Any] | None:
    """The service that has this code already. Raises RefusedError."""
    try:
        found: dict[str, Any] = await visit.portal.read(f"{API}/{segment(code)}")
    except RefusedError as refused:
        if refused.status != 404:
            raise
        return None
    return found


@room.get("/admin/services/{code}/draft")
async def show(visit: Visit) -> Response:
    """The draft, or what is in force to begin one from. Raises RefusedError."""
    stored = await read(visit)
    fill(visit, stored.data["draft_entry"] or stored.data["entry"])
    visit.form.prefill({REVISION: stored.etag})
    return await page(visit, stored)


@room.post("/admin/services/{code}/draft", max_bytes=MAX_BYTES)
async def save(visit: Visit) -> Response:
    """Keep the draft; a slower writer is told that it changed. Raises RefusedError."""
    stored, form = await read(visit), visit.form
    code = stored.data["code"]
    entry = read_entry(form, code, visit.words)
    if form.failed:
        return await page(visit, stored)
    try:
        await visit.portal.call("PUT", f"{API}/{code}/draft", body=entry, revision=form.value(REVISION) or stored.etag)
    except RefusedError as refused:
        if refused.status == STALE:
            overtaken(visit, stored)
        else:
            refused_at(visit, refused)
        return await page(visit, stored, refused.status)
    return visit.go(f"/admin/services/{code}/preview", visit.say("The draft is saved. Try it now."))


def fill(visit: Visit, entry: Entry) -> None:
    """Put an entry into the fields, where nobody has typed anything yet."""
    if not visit.form.submitted:
        visit.form.fields = fields_of(entry)


def refused_at(visit: Visit, refused: RefusedError) -> None:
    """Tell what the service found wrong, each at its field. Raises RefusedError where nobody knows what was done."""
    tell(visit.form, refused.errors)
    visit.form.refuse(refused)


def overtaken(visit: Visit, stored: Reply) -> None:
    """Somebody else has changed the service meanwhile: nothing typed is lost, and saving again is a choice."""
    visit.form.general_error = visit.say(
        "Somebody else changed this service while you wrote. What you wrote is still here. "
        "If you save now, it replaces their changes."
    )
    visit.form.set(REVISION, stored.etag)


async def page(visit: Visit, stored: Reply | None, status: int = 200) -> Response:
    """Show the form. Raises RefusedError."""
    catalogue = await visit.portal.read("/api/v1/catalogue")
    departments = (await visit.portal.read("/api/v1/departments"))["departments"]
    service: dict[str, Any] | None = stored.data if stored else None
    return visit.page(PAGE, status, service=service, districts=catalogue["districts"], departments=departments)
