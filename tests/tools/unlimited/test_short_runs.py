"""Short `rabta fuzz` and `rabta bench reads`."""

import pytest
import uvloop

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.fuzz.__main__ import run
from tools.load import reads

SMALL = reads.Plan(sizes=(60, 120), seconds=0.05, rounds=1, own=14)
SECONDS = 0.0
"""Enough to call every operation once."""


def test_bench_reads_prints_its_table(own: tuple[Servers, Suite], capsys: pytest.CaptureFixture[str]) -> None:
    """Every read gets the right answer; times do not matter here."""
    servers, suite = own
    reads.show(SMALL.sizes, uvloop.run(reads.run(suite, servers, SMALL)))
    output = capsys.readouterr().out
    assert "among 60" in output
    assert "flat (every ratio" in output
    for name in ("track by number", "known already", "by date and service", "proof", "updates", "officer's list"):
        assert name in output


def test_generated_calls_of_every_role_are_answered_as_described(own: tuple[Servers, Suite]) -> None:
    findings = run(own[1], 1, SECONDS, brief=True)
    assert not findings.wrong, "\n".join(findings.lines())
    assert len(findings.operations) > 100
    assert min(map(len, findings.succeeded.values())) > 8, "who is always refused shows nothing"
    anybody = set().union(*findings.succeeded.values())
    assert len(anybody) > 55
    assert {"POST /api/v1/requests", "POST /api/v1/drafts"} <= findings.succeeded["citizen"]
    assert "POST /api/v1/assignments/{number}/accept" in anybody, "the officer or the head, who was first"
    assert {200, 201, 400, 401, 403, 404, 422} <= findings.statuses.keys()
