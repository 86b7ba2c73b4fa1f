"""Departments: what they are called, where they work, and the access of their own software to the broker."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit

API = "/api/v1/admin/departments"
LIST, ONE, NEW, RENEW, SECRET = (
    f"administration/departments{part}.html" for part in ("", "-one", "-new", "-renew", "-secret")
)
TEXTS = ("name", "head", "appellate_authority")
KEPT = ("", "24", "168")
"""For how many hours an old password may stay good."""
OMBUDSMAN = "ombudsman"
"""Where appeals go that go nowhere else."""
Department = Mapping[str, Any]


@room.get("/admin/departments")
async def show(visit: Visit) -> Response:
    """All departments with the state of their queues. Raises RefusedError."""
    return visit.page(LIST, departments=await all_of(visit))


async def all_of(visit: Visit) -> list[Department]:
    """All departments. Raises RefusedError."""
    found: list[Department] = (await visit.portal.read(API))["departments"]
    return found


@room.get("/admin/departments/new")
async def show_new(visit: Visit) -> Response:
    """The form for a new department. Raises RefusedError."""
    return visit.page(NEW, **await _choices(visit))


@room.post("/admin/departments/new")
async def make(visit: Visit) -> Response:
    """Make a department with its queue; the password is shown this once. Raises RefusedError."""
    code = visit.form.value("code")
    visit.form.require(code=visit.say("Choose a code."), **missing_texts(visit))
    if visit.form.failed:
        return await show_new(visit)
    try:
        reply = await visit.portal.post(API, {"code": code, **written(visit.form)}, key=visit.form.key)
    except RefusedError as refused:
        visit.form.refuse(refused, {"department-there": "code"})
        return visit.page(NEW, refused.status, **await _choices(visit))
    return secret(visit, reply.data, made=True)


@room.get("/admin/departments/{code}")
async def show_one(visit: Visit) -> Response:
    """A department, and the form to change it. Raises RefusedError."""
    department = await one(visit)
    form = visit.form
    if not form.submitted:
        form.prefill({f"{name}.{language}": department[name][language] for name in TEXTS for language in ("en", "ur")})
        form.set("appeals_to", department["appeals_to"] or OMBUDSMAN)
        form.fields += [("districts", code) for code in department["districts"]]
    return visit.page(ONE, department=department, **await _choices(visit))


@room.post("/admin/departments/{code}")
async def change(visit: Visit) -> Response:
    """Change what was written otherwise. Raises RefusedError."""
    visit.form.require(**missing_texts(visit))
    if visit.form.failed:
        return await show_one(visit)
    department = await one(visit)
    appeals_to = department["appeals_to"] or OMBUDSMAN
    known = {**department, "appeals_to": appeals_to, "districts": sorted(department["districts"])}
    body = {name: value for name, value in written(visit.form).items() if value != known[name]}
    home = f"/admin/departments/{department['code']}"
    if not body:
        return visit.go(home, visit.say("Nothing was changed."))
    try:
        await visit.portal.call("PATCH", f"{API}/{department['code']}", body=body)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return visit.page(ONE, refused.status, department=department, **await _choices(visit))
    return visit.go(home, visit.say("Changed. It applies to new requests at once."))


@room.get("/admin/departments/{code}/credentials")
async def show_renew(visit: Visit) -> Response:
    """What follows from a new password, and the button. Raises RefusedError."""
    visit.form.prefill({"keep_old_hours": ""})
    return visit.page(RENEW, department=await one(visit))


@room.post("/admin/departments/{code}/credentials")
async def renew(visit: Visit) -> Response:
    """Make a new password for the department's software; it is shown this once. Raises RefusedError."""
    department, hours = await one(visit), visit.form.value("keep_old_hours")
    if hours not in KEPT:
        visit.form.add_error("keep_old_hours", visit.say("Choose when the old password ends."))
        return visit.page(RENEW, department=department)
    body = {"keep_old_hours": int(hours)} if hours else {}
    try:
        reply = await visit.portal.post(f"{API}/{department['code']}/credentials", body, key=visit.form.key)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return visit.page(RENEW, refused.status, department=department)
    return secret(visit, reply.data, made=False)


async def one(visit: Visit) -> Department:
    """The department in the address. Raises RefusedError."""
    found: Department = await visit.portal.read(f"{API}/{segment(visit.args['code'])}")
    return found


def written(form: Form) -> dict[str, Any]:
    """What the form says of a department, as the service takes it."""
    texts = {name: {language: form.value(f"{name}.{language}") for language in ("en", "ur")} for name in TEXTS}
    appeals_to = form.value("appeals_to") or OMBUDSMAN
    return {**texts, "appeals_to": appeals_to, "districts": sorted(form.values("districts"))}


def missing_texts(visit: Visit) -> dict[str, str]:
    """Words for each text that is owed in both languages."""
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


async def _choices(visit: Visit) -> dict[str, Any]:
    """What the forms offer. Raises RefusedError."""
    catalogue = await visit.portal.read("/api/v1/catalogue")
    known = await all_of(visit)
    return {"districts": catalogue["districts"], "known": known}


def secret(visit: Visit, credentials: Mapping[str, str], *, made: bool) -> Response:
    """The page with the password of a department's software, which nobody can see again."""
    visit.private = True
    visit.path = f"/admin/departments/{credentials['department']}"
    return visit.page(SECRET, given=credentials, made=made)
