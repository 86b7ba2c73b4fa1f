"""Giving back what was typed: no form is lost to an error, a failure or an ended session."""

from collections.abc import Sequence

from starlette.responses import Response

from gateway.web.forms.form import Form
from gateway.web.visit import Visit
from shared.errors import FieldError

PASSWORDS = ("password",)


def give_back(
    visit: Visit,
    status: int,
    title: str,
    detail: str,
    *,
    resend: bool,
    wait: int = 0,
    code: str = "",
    errors: Sequence[FieldError] = (),
) -> Response:
    """A page that says what went wrong and holds the form.

    `resend` sends it again as it is, with the same key; otherwise the form is shown again to be looked over. `wait`
    is after how many seconds it is worth trying, `code` that of the problem, `errors` what it says of fields.
    """
    visit.personal = True
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
        wait=wait,
        code=code,
        errors=errors,
    )
