"""The page that returns the typed text, so that no form is lost to an error, an outage or an ended session."""

from starlette.responses import Response

from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

PASSWORDS = ("password",)


def resend_page(
    visit: Visit, status: int, title: str, detail: str, *, resend: bool = False, refused: RefusedError | None = None
) -> Response:
    """A page that says what went wrong and contains the form.

    With `resend` its button sends the form again unchanged, with the same key; otherwise it shows the form again.
    `refused` is the refusal that it tells of.
    """
    visit.private = True
    hidden = [(name, value) for name, value in visit.form.fields if not name.endswith(PASSWORDS)]
    form, visit.form = visit.form, Form(key=visit.form.key, resume=visit.form.resume)
    return visit.page(
        "layout/again.html",
        status,
        title=title,
        detail=detail,
        fields=hidden,
        resend=resend and len(hidden) == len(form.fields) and not form.files,
        lost_files=bool(form.files),
        refused=refused,
    )
