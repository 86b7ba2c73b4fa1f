"""The table printed when everything is ready: addresses, accounts, and how to stop."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.local.state import SupervisorState

PAGES = (
    ("Citizens", "/", "English; create an account here, or sign in as below"),
    ("", "/ur", "اردو"),
    ("Staff", "/staff/sign-in", "officers, heads, clerks, administrators"),
    ("Outbox", "/dev/outbox", "every SMS and email of this machine, with its codes"),
    ("API reference", "/docs", ""),
)
SIGN_IN, STAFF_SIGN_IN = "/sign-in", "/staff/sign-in"


def ready_table(home: Path, state: SupervisorState, seconds: float | None = None) -> str:
    """The table as text, with the demo accounts from `demo.json` in the home folder."""
    took = f" in {seconds:.1f} s" if seconds is not None else ""
    demo = home / "demo.json"
    data = "demo data" if demo.exists() else "data"
    lines = [f"Rabta is READY{took}   ({data}, kept in {home}; not for production)", ""]
    lines += _aligned([(name, f"{state.url}{path}", note) for name, path, note in PAGES])
    lines += _aligned([("MongoDB", _place(state, "RABTA_MONGO_URL"), "")])
    lines += _aligned([("RabbitMQ", _place(state, "RABTA_AMQP_URL"), "")])
    lines += _aligned([("its console", _console(state), "")])
    lines += _demo_lines(demo) if demo.exists() else _administrator(state)
    lines += [f"  Note: {note}" for note in state.notes]
    lines += ["", "Stop: Ctrl-C or ./rabta down    State: ./rabta status    Logs: ./rabta logs    Fresh: ./rabta reset"]
    return "\n".join(lines)


def _place(state: SupervisorState, variable: str) -> str:
    return urlsplit(state.environment[variable]).netloc.rpartition("@")[2]


def _console(state: SupervisorState) -> str:
    admin = urlsplit(state.environment["RABTA_AMQP_ADMIN_URL"])
    return f"{admin.scheme}://{admin.hostname}:{admin.port}/  user {admin.username}, password {admin.password}"


def _demo_lines(path: Path) -> list[str]:
    demo: dict[str, list[dict[str, Any]]] = json.loads(path.read_text())
    lines = _people(demo.get("accounts", []))
    lines += ["", "Department queues (AMQP queue, user, password)"]
    lines += _aligned([(d["queue"], d["user"], d["password"]) for d in demo.get("departments", [])])
    return lines


def _people(accounts: list[dict[str, Any]]) -> list[str]:
    """The accounts below their page, in aligned columns."""
    lines = []
    for title, address, own in (
        ("Citizens, who sign in with a code from the outbox too", SIGN_IN, True),
        ("Staff", STAFF_SIGN_IN, False),
    ):
        rows = [(a["role"], a["login"], a["password"]) for a in accounts if (a["role"] == "citizen") is own]
        lines += ["", f"{title}: {address}", *_aligned(rows)] if rows else []
    return lines


def _administrator(state: SupervisorState) -> list[str]:
    """The administrator, the only account without demo data."""
    login, password = (state.environment.get(f"RABTA_ADMIN_{part}", "") for part in ("LOGIN", "PASSWORD"))
    return ["", f"Staff: {STAFF_SIGN_IN}", *_aligned([("admin", login, password)])] if login else []


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    first = max([16, *(len(row[0]) for row in rows)])
    second = max([24, *(len(row[1]) for row in rows)])
    return [f"  {name:<{first}}  {value:<{second}}  {note}".rstrip() for name, value, note in rows]
