"""Going on from page to page while a form waits: it travels in the pages, since a cookie is too small for it."""

from starlette.responses import Response

from gateway.web.forms.form import Form
from gateway.web.visit import Handler, Visit


async def onward(visit: Visit, path: str, show: Handler, note: str = "") -> Response:
    """Lead on to a page, or show it at once where a form waits that a redirect would lose."""
    if not visit.form.resume:
        return visit.go(path, note)
    visit.session.note = note
    visit.path, visit.form = path, Form(resume=visit.form.resume)
    return await show(visit)
