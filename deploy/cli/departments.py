"""Departments of a demo with credentials for their software, and staff of every role."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from deploy.cli import client
from deploy.cli.book import Book, Entry
from deploy.cli.client import SignedInAccount
from deploy.cli.transport import ApiError, Transport
from deploy.local.home import ROOT
from shared.yaml_file import read_yaml

FOLDER = ROOT / "services" / "routing" / "departments"
MEMBERS = (("officer", 1), ("officer", 2), ("head", 1))
"""The staff of every department: role and number."""
OF_NO_DEPARTMENT = ("clerk", "auditor")
HEARD_SECONDS = 15.0


def entries() -> list[dict[str, Any]]:
    """The departments of every suite, as bodies for the admin API."""
    return [read_yaml(file) for file in sorted(FOLDER.glob("*.yaml"))]


def authorities(known: Sequence[Mapping[str, Any]]) -> set[str]:
    """The departments that hear appeals; the last one is the default."""
    return {entry["appeals_to"] for entry in known if entry.get("appeals_to")} or {known[-1]["code"]}


async def works(transport: Transport, department: Entry) -> bool:
    """Whether the credentials still work."""
    try:
        await client.software(transport, department["user"], department["password"]).sign_in()
    except ApiError as error:
        if error.status == 401:
            return False
        raise
    return True


async def works_soon(transport: Transport, department: Entry) -> bool:
    """The same, but waits: the gateway learns of new credentials by an event."""
    end = time.monotonic() + HEARD_SECONDS
    while not await works(transport, department):
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.5)
    return True


async def ensure_department(
    transport: Transport, admin: SignedInAccount, book: Book, entry: Mapping[str, Any]
) -> Entry:
    """The credentials of a department. It is created, or gets a new password, if no stored ones work."""
    kept = book.department(entry["code"])
    if kept is not None and await works_soon(transport, kept):
        return kept
    made = await _made(admin, entry)
    credentials = {
        "code": made["department"],
        "queue": made["queue"],
        "user": made["user"],
        "password": made["password"],
    }
    book.keep_department(credentials)
    return credentials


async def _made(admin: SignedInAccount, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Create a department, or give an existing one a new password."""
    try:
        return (await admin.ask("POST", "/admin/departments", body=dict(entry))).body
    except ApiError as error:
        if error.code != "department-there":
            raise
    return (await admin.ask("POST", f"/admin/departments/{entry['code']}/credentials")).body


async def publish(admin: SignedInAccount, service: Mapping[str, Any]) -> None:
    """Publish a service; waits until the catalogue knows new departments, by an event."""
    end = time.monotonic() + HEARD_SECONDS
    while True:
        try:
            await admin.ask("POST", "/admin/services", body=dict(service))
            return
        except ApiError as error:
            if error.field_codes != {"department"} or time.monotonic() > end:
                raise
        await asyncio.sleep(0.5)


async def ensure_officer(
    admin: SignedInAccount, book: Book, role: str, code: str | None = None, number: int = 1
) -> Entry:
    """The login of a member of staff, created if it is not in the book; the first of a role has no number."""
    suffix = str(number) if number > 1 else ""
    login = f"{role}{suffix}.{code}" if code else role
    if (kept := book.account(login)) is not None:
        return kept
    password = f"demo-{login.replace('.', '-')}-kahwa-4821"
    name = f"Demo {role.capitalize()} {suffix}".strip()
    counter = "Demo counter 1" if role == "clerk" else None
    place = {"department": code, "counter": counter}
    body = {"login": login, "name": name, "role": role, "password": password, **place}
    try:
        await admin.ask("POST", "/admin/officers", body=body, headers={"Idempotency-Key": f"demo/{login}"})
    except ApiError as error:
        if error.status != 409:
            raise
    book.keep_account(role, login, password)
    return {"role": role, "login": login, "password": password}
