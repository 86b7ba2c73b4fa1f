"""The READY table: every address and account a newcomer needs, and no password of the database in it."""

import json
import os
from pathlib import Path

from deploy.local.ready_table import ready_table
from deploy.local.state import Running, State

ENVIRONMENT = {
    "RABTA_MONGO_URL": "mongodb://admin:hidden@127.0.0.1:27018/?replicaSet=rabta",
    "RABTA_AMQP_URL": "amqp://rabta:pw@127.0.0.1:5673/rabta",
    "RABTA_AMQP_ADMIN_URL": "http://rabta:pw@127.0.0.1:15673",
}


def table(home: Path) -> str:
    state = State("ready", Running("supervisor", os.getpid(), 1), "http://127.0.0.1:8080", ENVIRONMENT, [], ["moved"])
    return ready_table(home, state, 7.25)


def test_it_says_where_things_are(tmp_path: Path) -> None:
    text = table(tmp_path)
    assert text.startswith("Rabta is READY in 7.2 s")
    for part in ("http://127.0.0.1:8080/dev/outbox", "127.0.0.1:27018", "http://127.0.0.1:15673/", "moved", "Ctrl-C"):
        assert part in text
    assert "hidden" not in text


def test_without_demo_data_it_names_the_administrator(tmp_path: Path) -> None:
    login = {"RABTA_ADMIN_LOGIN": "admin", "RABTA_ADMIN_PASSWORD": "made at the first start"}
    state = State("ready", Running("supervisor", os.getpid(), 1), "http://127.0.0.1:8080", ENVIRONMENT | login, [], [])
    text = ready_table(tmp_path, state)
    assert "made at the first start" in text
    assert "demo data" not in text


def test_it_names_the_demo_accounts_and_queues(tmp_path: Path) -> None:
    demo = {
        "accounts": [{"role": "citizen", "login": "35000-0000042-7", "password": "demo"}],
        "departments": [{"code": "water", "queue": "department.water", "user": "department.water", "password": "w"}],
    }
    (tmp_path / "demo.json").write_text(json.dumps(demo))
    text = table(tmp_path)
    assert "35000-0000042-7" in text
    assert "department.water" in text
