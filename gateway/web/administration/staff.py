"""Staff: all accounts, new accounts, and moving a member to another department, counter or role."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.naming import department_names
from gateway.web.portal import RefusedError, first_with, segment
from gateway.web.states import ROLES
from gateway.web.visit import Visit

API = "/api/v1/admin/officers"
LIST, ONE, NEW, MOVE, SECRET = (f"administration/staff{part}.html" for part in ("", "-one", "-new", "-move", "-secret"))
IN_DEPARTMENT = ("officer", "head", "appellate")
MAX_PAGES, PAGE_SIZE = 50, 100
Member = Mapping[str, Any]


@room.get("/admin/staff")
async def show(visit: Visit) -> Response:
    """All accounts, or those that match words and role. Raises RefusedError."""
    q, role = visit.query("q").lower(), visit.query("role")
    found = [member for member in await all_members(visit) if matches(member, q, role)]
    names = await department_names(visit.portal)
    return visit.page(LIST, members=found, names=names, q=visit.query("q"), role=role)


def matches(member: Member, q: str, role: str) -> bool:
    """Whether an account has the words in its name, login, department or counter, and the role."""
    texts = (member["name"], member["login"], member["department"], member["counter"])
    return role in ("", member["role"]) and any(q in (text or "").lower() for text in texts)


async def all_members(visit: Visit) -> list[Member]:
    """All accounts, oldest first. Raises RefusedError."""
    found: list[Member] = []
    cursor = None
    for _ in range(MAX_PAGES):
        page = await visit.portal.read(API, {"limit": PAGE_SIZE, "cursor": cursor})
        found += page["officers"]
        cursor = page["next"]
        if cursor is None:
            break
    return found


async def member_of(visit: Visit) -> Member:
    """The account in the address. Raises RefusedError, NotFoundError."""
    return first_with(await all_members(visit), "id", segment(visit.args["member"]))


async def member_and_names(visit: Visit) -> tuple[Member, dict[str, str]]:
    """The account in the address, and the names of departments. Raises RefusedError, NotFoundError."""
    return await asyncio.gather(member_of(visit), department_names(visit.portal))


@room.get("/admin/staff/new")
async def show_new(visit: Visit) -> Response:
    """The form for a new account. Raises RefusedError."""
    return visit.page(NEW, names=await department_names(visit.portal))


@room.post("/admin/staff/new", again=show_new, names={"login-taken": "login"})
async def make(visit: Visit) -> Response:
    """Make an account; its start password is shown once. Raises RefusedError."""
    form = visit.form
    needed = {
        "name": visit.say("Write the name."),
        "login": visit.say("Choose a login."),
        "role": visit.say("Choose a role."),
    }
    form.require(**needed)
    body = {name: form.value(name) for name in needed} | workplace(visit, form.value("role"))
    try:
        reply = await visit.portal.post(API, body, key=form.key)
    except RefusedError as refused:
        if any(error["pointer"] == "/login" for error in refused.errors):
            form.add_error("login", visit.say("Write the login in small letters and digits, as in officer.water."))
        raise
    member: Member = reply.data
    if not member["start_password"]:
        return visit.go(home_of(member), visit.say("This account is made. Its start password was shown before."))
    return password_page(visit, member, member["start_password"])


@room.get("/admin/staff/{member}")
async def show_one(visit: Visit) -> Response:
    """One account, and the possible acts. Raises RefusedError, NotFoundError."""
    member, names = await member_and_names(visit)
    return visit.page(ONE, member=member, names=names)


@room.get("/admin/staff/{member}/move")
async def show_move(visit: Visit) -> Response:
    """The form for another role, department or counter. Raises RefusedError, NotFoundError."""
    member, names = await member_and_names(visit)
    visit.form.prefill({name: member[name] for name in ("role", "department", "counter")})
    return visit.page(MOVE, member=member, names=names)


@room.post("/admin/staff/{member}/move", again=show_move)
async def move(visit: Visit) -> Response:
    """Change role and workplace; the role of administrator is only proposed. Raises RefusedError, NotFoundError."""
    member = await member_of(visit)
    changes = changes_to(member, visit)
    if not changes:
        return visit.go(home_of(member), visit.say("Nothing was changed."))
    reply = await visit.portal.call("PATCH", f"{API}/{member['id']}", body=changes)
    if reply.data["proposed"]:
        note = visit.say("Proposed. A second administrator has to confirm it.")
    else:
        note = visit.say("Changed. All sessions of this account have ended.")
    return visit.go(home_of(member), note)


def changes_to(member: Member, visit: Visit) -> dict[str, Any]:
    """The fields in which the form differs from the account."""
    role = visit.form.value("role") if visit.form.value("role") in ROLES else member["role"]
    typed = {"role": role, "department": None, "counter": None} | workplace(visit, role)
    return {name: value for name, value in typed.items() if value != member[name]}


def workplace(visit: Visit, role: str) -> dict[str, str | None]:
    """The department of a member with this role or, for a clerk, the counter."""
    if role in IN_DEPARTMENT:
        return {"department": visit.form.value("department") or None}
    return {"counter": visit.form.value("counter") or None} if role == "clerk" else {}


def home_of(member: Member) -> str:
    """The address of an account's page."""
    return f"/admin/staff/{member['id']}"


def password_page(visit: Visit, member: Member, password: str) -> Response:
    """The page that shows a start password, once."""
    visit.private = True
    visit.path = home_of(member)
    return visit.page(SECRET, member=member, password=password)
