"""Writing a draft: the entry on one page, saved over the revision that was shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.responses import Response

from gateway.web.administration.entries import Entry, add_errors, blank, fields_of, read_entry
from gateway.web.administration.room import room
from gateway.web.administration.services import API, stored_service
from gateway.web.forms.form import Form, FormError
from gateway.web.portal import RefusedError, Reply, not_found, or_else, segment
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


@room.post("/admin/services/new", max_bytes=MAX_BYTES, again=show_new)
async def begin(visit: Visit) -> Response:
    """Save the first draft of a new service. Raises RefusedError."""
    entry = read_entry(visit.form, visit.form.value("code"), visit.words)
    known = await or_else(None, visit.portal.read(f"{API}/{segment(entry['code'])}"), not_found)
    if known and known["draft_entry"] == entry:  # sent twice
        return visit.go(f"/admin/services/{entry['code']}/preview")
    if known:
        visit.form.add_error("code", visit.say("There is a service with this code. Choose another code."))
    if visit.form.failed:
        raise FormError
    try:
        await visit.portal.call("POST", API, query={"draft": "true"}, body=entry)
    except RefusedError as refused:
        add_errors(visit.form, refused.errors)
        raise
    return visit.go(f"/admin/services/{entry['code']}/preview", visit.say("The draft is saved. Try it now."))


@room.get("/admin/services/{code}/draft")
async def show(visit: Visit) -> Response:
    """The draft, or else the version in force as its beginning. Raises RefusedError."""
    stored = await stored_service(visit)
    fill(visit, stored.data["draft_entry"] or stored.data["entry"])
    visit.form.prefill({REVISION: stored.etag})
    return await page(visit, stored)


@room.post("/admin/services/{code}/draft", max_bytes=MAX_BYTES, again=show)
async def save(visit: Visit) -> Response:
    """Save the draft, unless somebody else has changed the service meanwhile. Raises RefusedError."""
    stored, form = await stored_service(visit), visit.form
    code = stored.data["code"]
    entry = read_entry(form, code, visit.words)
    if form.failed:
        raise FormError
    words = visit.say(
        "Somebody else changed this service while you wrote. What you wrote is still here. "
        "If you save now, it replaces their changes."
    )
    try:
        with unless_stale(form, stored, words):
            revision = form.value(REVISION) or stored.etag
            await visit.portal.call("PUT", f"{API}/{code}/draft", body=entry, revision=revision)
    except RefusedError as refused:
        add_errors(form, refused.errors)
        raise
    return visit.go(f"/admin/services/{code}/preview", visit.say("The draft is saved. Try it now."))


def fill(visit: Visit, entry: Entry) -> None:
    """Fill in the fields with an entry, unless the form was sent."""
    if not visit.form.submitted:
        visit.form.fields = fields_of(entry)


@contextmanager
def unless_stale(form: Form, stored: Reply, words: str) -> Iterator[None]:
    """Say `words` if a call is refused because somebody else was faster. Raises FormError.

    The typed text stays, and may be sent over their change.
    """
    try:
        yield
    except RefusedError as refused:
        if refused.status != STALE:
            raise
        form.general_error, form.status = words, STALE
        form.set(REVISION, stored.etag)
        raise FormError from None


async def page(visit: Visit, stored: Reply | None) -> Response:
    """Show the form. Raises RefusedError."""
    catalogue = await visit.portal.read("/api/v1/catalogue")
    departments = (await visit.portal.read("/api/v1/departments"))["departments"]
    service: dict[str, Any] | None = stored.data if stored else None
    return visit.page(PAGE, service=service, districts=catalogue["districts"], departments=departments)
