"""`./rabta department`: what it asks of the portal, and what it prints."""

from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import department
from deploy.local.errors import LocalError
from deploy.local.home import ROOT
from tests.cases import cases

CREDENTIALS = {"department": "water", "queue": "q", "user": "u", "password": "a secret", "old_until": None}


class Portal:
    """Answers in their order; notes what was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self._answers = list(answers)

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call."""
        self.asked.append((method, path, body))
        return self._answers.pop(0)


def run(monkeypatch: pytest.MonkeyPatch, portal: Portal, *arguments: str) -> str:
    """What a command prints."""
    monkeypatch.setattr(department, "_ask", portal.ask)
    done = CliRunner().invoke(department.app, list(arguments))
    if isinstance(done.exception, LocalError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@cases(
    "arguments, path, body",
    [
        (("rotate", "water"), "/water/credentials", {}),
        (("rotate", "water", "--keep-old-hours", "24"), "/water/credentials", {"keep_old_hours": 24}),
        (("rotate", "water", "--queue", "second"), "/water/queues/second/credentials", {}),
        (("add-queue", "water", "trial", "--test"), "/water/queues", {"name": "trial", "kind": "test"}),
        (("add-queue", "water", "second"), "/water/queues", {"name": "second", "kind": "production"}),
    ],
)
def test_a_new_password_is_shown(arguments: tuple[str, ...], path: str, body: dict[str, Any]) -> None:
    portal = Portal(CREDENTIALS)
    with pytest.MonkeyPatch.context() as monkeypatch:
        printed = run(monkeypatch, portal, *arguments)
    assert portal.asked == [("POST", f"/admin/departments{path}", body)]
    assert "a secret" in printed
    assert "old_until" not in printed


def test_a_department_is_made_from_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    portal = Portal(CREDENTIALS)
    run(monkeypatch, portal, "add", str(ROOT / "services" / "routing" / "departments" / "water.yaml"))
    [(method, path, body)] = portal.asked
    assert (method, path, body["code"]) == ("POST", "/admin/departments", "water")


def test_a_replay_continues_until_all_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [
        {"queue": "department.water", "sent": 5000, "upto": 5002, "more": True},
        {"queue": "department.water", "sent": 7, "upto": 5009, "more": False},
    ]
    portal = Portal(*pieces)
    assert "5007 messages" in run(monkeypatch, portal, "replay", "water", "--after", "2")
    assert [body for _, _, body in portal.asked] == [{"after": 2}, {"after": 5002}]
    portal = Portal(pieces[1])
    run(monkeypatch, portal, "replay", "water", "--since", "2026-03-02T09:00:00Z", "--queue", "second")
    assert portal.asked[0][2] == {"since": "2026-03-02T09:00:00Z", "queue": "second"}
    for wrong in ((), ("--after", "2", "--since", "2026-03-02T09:00:00Z")):
        with pytest.raises(LocalError):
            run(monkeypatch, Portal(), "replay", "water", *wrong)


def test_it_shows_how_queues_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = {"queue": "department.water", "kind": "production", "messages": 12, "oldest_at": None, "dead_letters": 3}
    standing = {"oldest": 1, "newest": 40, "queues": [queue, {**queue, "messages": None, "dead_letters": None}]}
    printed = run(monkeypatch, Portal(standing), "show", "water")
    assert "12 waiting" in printed
    assert "3 dead letters" in printed
    assert "unknown" in printed
