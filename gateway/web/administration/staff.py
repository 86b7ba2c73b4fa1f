"""Staff: who works here, new accounts, and moving somebody to another place."""

from typing import Any

from starlette.responses import Response

from gateway.web.administration.members import API, IN_DEPARTMENT, Member, departments, members, with_departments
from gateway.web.administration.room import room
from gateway.web.portal import RefusedError
from gateway.web.roles import ROLES
from gateway.web.visit import Visit

LIST, ONE, NEW, MOVE, SECRET = (f"administration/staff{part}.html" for part in ("", "-one", "-new", "-move", "-secret"))
NAMES = {"login-taken": "login"}


@room.get("/admin/staff")
async def show(visit: Visit) -> Response:
    """All accounts; with words those that fit. Raises RefusedError."""
    q, role = visit.query("q").lower(), visit.query("role")
    found = [one for one in await members(visit) if fits(one, q, role)]
    return visit.page(LIST, members=found, names=await departments(visit), q=visit.query("q"), role=role)


def fits(member: Member, q: str, role: str) -> bool:
    """Whether an account has the words in its name, login, department or counter, and the role."""
    texts = (member["name"], member["login"], member["department"], member["counter"])
    return role in ("", member["role"]) and any(q in (text or "").lower() for text in texts)


@room.get("/admin/staff/new")
async def show_new(visit: Visit) -> Response:
    """The form for a new account. Raises RefusedError."""
    return visit.page(NEW, names=await departments(visit))


@room.post("/admin/staff/new")
async def make(visit: Visit) -> Response:
    """Make an account; its start password is shown this once. Raises RefusedError."""
    form = visit.form
    words = {
        "name": visit.say("Write the name."),
        "login": visit.say("Choose a login."),
        "role": visit.say("Choose a role."),
    }
    if not visit.form.require(**words):
        return await show_new(visit)
    body = {name: form.value(name) for name in words} | place(visit, form.value("role"))
    try:
        reply = await visit.portal.post(API, body, key=form.key)
    except RefusedError as refused:
        if any(error["pointer"] == "/login" for error in refused.errors):
            form.add_error("login", visit.say("Write the login in small letters and digits, as in officer.water."))
        visit.form.refuse(refused, NAMES)
        return visit.page(NEW, refused.status, names=await departments(visit))
    member: Member = reply.data
    if not member["start_password"]:
        return visit.go(at(member), visit.say("This account is made. Its start password was shown before."))
    return secret(visit, member, member["start_password"])


@room.get("/admin/staff/{member}")
async def show_one(visit: Visit) -> Response:
    """One account, and what can be done with it. Raises RefusedError, NotFoundError."""
    member, names = await with_departments(visit)
    return visit.page(ONE, member=member, names=names)


@room.get("/admin/staff/{member}/move")
async def show_move(visit: Visit) -> Response:
    """The form for another role, department or counter. Raises RefusedError, NotFoundError."""
    member, names = await with_departments(visit)
    visit.form.prefill({name: member[name] for name in ("role", "department", "counter")})
    return visit.page(MOVE, member=member, names=names)


@room.post("/admin/staff/{member}/move")
async def move(visit: Visit) -> Response:
    """Change role and place; the role of an administrator is only proposed. Raises RefusedError, NotFoundError."""
    member, names = await with_departments(visit)
    changes = changed(member, visit)
    if not changes:
        return visit.go(at(member), visit.say("Nothing was changed."))
    try:
        reply = await visit.portal.call("PATCH", f"{API}/{member['id']}", body=changes)
    except RefusedError as refused:
        visit.form.refuse(refused)
        return visit.page(MOVE, refused.status, member=member, names=names)
    if reply.data["proposed"]:
        note = visit.say("Proposed. A second administrator has to confirm it.")
    else:
        note = visit.say("Changed. All sessions of this account have ended.")
    return visit.go(at(member), note)


def changed(member: Member, visit: Visit) -> dict[str, Any]:
    """What the form says otherwise than the account is."""
    role = visit.form.value("role") if visit.form.value("role") in ROLES else member["role"]
    wanted = {"role": role, "department": None, "counter": None} | place(visit, role)
    return {name: value for name, value in wanted.items() if value != member[name]}


def place(visit: Visit, role: str) -> dict[str, str | None]:
    """Where somebody of that role works: at a department, or, a clerk, maybe at a counter."""
    if role in IN_DEPARTMENT:
        return {"department": visit.form.value("department") or None}
    return {"counter": visit.form.value("counter") or None} if role == "clerk" else {}


def at(member: Member) -> str:
    """The address of an account's page."""
    return f"/admin/staff/{member['id']}"


def secret(visit: Visit, member: Member, password: str) -> Response:
    """The page with a start password, which nobody can see again."""
    visit.private = True
    visit.path = at(member)
    return visit.page(SECRET, member=member, password=password)
