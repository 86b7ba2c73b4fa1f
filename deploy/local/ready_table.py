"""The table that is printed when everything is ready: where things are, who can sign in, how to stop."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.local.state import State

PAGES = (
    ("Web and API", "/", ""),
    ("API reference", "/docs", ""),
    ("Dev outbox", "/dev/outbox", "every SMS and email, with its codes"),
)


def ready_table(home: Path, state: State, seconds: float | None = None) -> str:
    """The whole table as text; the demo accounts are read from `demo.json` in the home folder."""
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


def _place(state: State, variable: str) -> str:
    return urlsplit(state.environment[variable]).netloc.rpartition("@")[2]


def _console(state: State) -> str:
    admin = urlsplit(state.environment["RABTA_AMQP_ADMIN_URL"])
    return f"{admin.scheme}://{admin.hostname}:{admin.port}/  user {admin.username}, password {admin.password}"


def _demo_lines(path: Path) -> list[str]:
    demo: dict[str, list[dict[str, Any]]] = json.loads(path.read_text())
    lines = ["", "Sign in as"]
    lines += _aligned([(a["role"], a["login"], a["password"]) for a in demo.get("accounts", [])])
    lines += ["", "Department queues (AMQP queue, user, password)"]
    lines += _aligned([(d["queue"], d["user"], d["password"]) for d in demo.get("departments", [])])
    return lines


def _administrator(state: State) -> list[str]:
    """Without demo data there is nobody else who could begin."""
    login, password = (state.environment.get(f"RABTA_ADMIN_{part}", "") for part in ("LOGIN", "PASSWORD"))
    return ["", "Sign in as", *_aligned([("admin", login, password)])] if login else []


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    first = max([16, *(len(row[0]) for row in rows)])
    second = max([24, *(len(row[1]) for row in rows)])
    return [f"  {name:<{first}}  {value:<{second}}  {note}".rstrip() for name, value, note in rows]
