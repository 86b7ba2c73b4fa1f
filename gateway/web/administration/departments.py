"""Departments: names, and the password with which their own software uses the broker."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.forms.form import Form, kept_hours
from gateway.web.portal import segment
from gateway.web.visit import Visit

API = "/api/v1/admin/departments"
LIST, ONE, NEW, RENEW, SECRET = (
    f"administration/departments{part}.html" for part in ("", "-one", "-new", "-renew", "-secret")
)
TEXTS = ("name", "head", "appellate_authority")
OMBUDSMAN = "ombudsman"
"""Decides the appeals of departments that name no other authority."""
Department = Mapping[str, Any]


@room.get("/admin/departments")
async def show(visit: Visit) -> Response:
    """All departments with the state of their queues. Raises RefusedError."""
    return visit.page(LIST, departments=(await visit.portal.read(API))["departments"])


@room.get("/admin/departments/new")
async def show_new(visit: Visit) -> Response:
    """The form for a new department. Raises RefusedError."""
    return visit.page(NEW, known=(await visit.portal.read(API))["departments"])


@room.post("/admin/departments/new", again=show_new, names={"department-there": "code"})
async def make(visit: Visit) -> Response:
    """Make a department with its queue; its password is shown once. Raises RefusedError."""
    code = visit.form.value("code")
    visit.form.require(code=visit.say("Choose a code."), **text_messages(visit))
    reply = await visit.portal.post(API, {"code": code, **department_in(visit.form)}, key=visit.form.key)
    return password_page(visit, reply.data, made=True)


@room.get("/admin/departments/{code}")
async def show_one(visit: Visit) -> Response:
    """A department, and the form to change it. Raises RefusedError."""
    department = await department_of(visit)
    form = visit.form
    if not form.submitted:
        form.prefill({f"{name}.{language}": department[name][language] for name in TEXTS for language in ("en", "ur")})
        form.set("appeals_to", department["appeals_to"] or OMBUDSMAN)
    return visit.page(ONE, department=department, known=(await visit.portal.read(API))["departments"])


@room.post("/admin/departments/{code}", again=show_one)
async def change(visit: Visit) -> Response:
    """Change the fields that differ. Raises RefusedError."""
    visit.form.require(**text_messages(visit))
    department = await department_of(visit)
    appeals_to = department["appeals_to"] or OMBUDSMAN
    known = {**department, "appeals_to": appeals_to}
    body = {name: value for name, value in department_in(visit.form).items() if value != known[name]}
    home = f"/admin/departments/{department['code']}"
    if not body:
        return visit.go(home, visit.say("Nothing was changed."))
    await visit.portal.call("PATCH", f"{API}/{department['code']}", body=body)
    return visit.go(home, visit.say("Changed. It applies to new requests at once."))


@room.get("/admin/departments/{code}/credentials")
async def show_renew(visit: Visit) -> Response:
    """What a new password means, and the button. Raises RefusedError."""
    visit.form.prefill({"keep_old_hours": ""})
    return visit.page(RENEW, department=await department_of(visit))


@room.post("/admin/departments/{code}/credentials", again=show_renew)
async def renew(visit: Visit) -> Response:
    """Make a new password for the department's software; it is shown once. Raises RefusedError."""
    department = await department_of(visit)
    body = kept_hours(visit.form, visit.say("Choose when the old password ends."))
    reply = await visit.portal.post(f"{API}/{department['code']}/credentials", body, key=visit.form.key)
    return password_page(visit, reply.data, made=False)


async def department_of(visit: Visit) -> Department:
    """The department in the address. Raises RefusedError."""
    return await visit.portal.read(f"{API}/{segment(visit.args['code'])}")


def department_in(form: Form) -> dict[str, Any]:
    """The department in a form, as the API takes it."""
    texts = {name: {language: form.value(f"{name}.{language}") for language in ("en", "ur")} for name in TEXTS}
    appeals_to = form.value("appeals_to") or OMBUDSMAN
    return {**texts, "appeals_to": appeals_to}


def text_messages(visit: Visit) -> dict[str, str]:
    """The error message for each text that is needed in both languages."""
    labels = {
        "name": visit.say("Name"),
        "head": visit.say("Who heads it"),
        "appellate_authority": visit.say("Who decides appeals"),
    }
    return {
        f"{name}.{language}": visit.say("%(what)s: write it in both languages.", what=labels[name])
        for name in TEXTS
        for language in ("en", "ur")
    }


def password_page(visit: Visit, credentials: Mapping[str, str], *, made: bool) -> Response:
    """The page that shows the password of a department's software, once."""
    visit.private = True
    visit.path = f"/admin/departments/{credentials['department']}"
    return visit.page(SECRET, credentials=credentials, made=made)
