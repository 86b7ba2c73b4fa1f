"""The READY table: all addresses and accounts, and no password of the database."""

import json
import os
from pathlib import Path

from deploy.local.ready_table import ready_table
from deploy.local.state import Running, SupervisorState

ENVIRONMENT = {
    "RABTA_MONGO_URL": "mongodb://admin:hidden@127.0.0.1:27018/?replicaSet=rabta",
    "RABTA_AMQP_URL": "amqp://rabta:pw@127.0.0.1:5673/rabta",
    "RABTA_AMQP_ADMIN_URL": "http://rabta:pw@127.0.0.1:15673",
}


def table(home: Path) -> str:
    state = SupervisorState(
        "ready", Running("supervisor", os.getpid(), 1), "http://127.0.0.1:8080", ENVIRONMENT, [], ["moved"]
    )
    return ready_table(home, state, 7.25)


def test_the_table_shows_all_addresses(tmp_path: Path) -> None:
    text = table(tmp_path)
    assert text.startswith("Rabta is READY in 7.2 s")
    for path in ("/", "/ur", "/staff/sign-in", "/dev/outbox", "/docs"):
        assert f"http://127.0.0.1:8080{path}" in text.split()
    assert "curl" not in text
    for part in ("127.0.0.1:27018", "http://127.0.0.1:15673/", "moved", "Ctrl-C"):
        assert part in text
    assert "hidden" not in text


def test_without_demo_data_the_table_shows_the_administrator(tmp_path: Path) -> None:
    login = {"RABTA_ADMIN_LOGIN": "admin", "RABTA_ADMIN_PASSWORD": "made at the first start"}
    state = SupervisorState(
        "ready", Running("supervisor", os.getpid(), 1), "http://127.0.0.1:8080", ENVIRONMENT | login, [], []
    )
    text = ready_table(tmp_path, state)
    assert "made at the first start" in text
    assert "demo data" not in text


def test_the_table_shows_demo_accounts_and_queues(tmp_path: Path) -> None:
    demo = {
        "accounts": [
            {"role": "admin", "login": "admin", "password": "first"},
            {"role": "citizen", "login": "35000-0000042-7", "password": "demo"},
            {"role": "officer", "login": "officer.water", "password": "second"},
        ],
        "departments": [{"code": "water", "queue": "department.water", "user": "department.water", "password": "w"}],
    }
    (tmp_path / "demo.json").write_text(json.dumps(demo))
    text = table(tmp_path)
    citizens, staff = text.index("/sign-in\n"), text.index(": /staff/sign-in\n")
    assert citizens < text.index("35000-0000042-7") < staff < text.index("officer.water")
    assert staff < text.index("admin  ")
    assert "department.water" in text
