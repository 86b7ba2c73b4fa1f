"""The short form of `rabta fuzz`."""

from tools.fuzz.__main__ import run
from tools.suites import QUICK, RUN_WILD, own_suite

SECONDS = 30.0


def test_generated_calls_of_every_role_are_answered_as_described() -> None:
    with own_suite(**QUICK | RUN_WILD) as (_, suite):
        findings = run(suite, 1, SECONDS)
    assert not findings.wrong, "\n".join(findings.lines())
    assert len(findings.operations) > 100
    assert min(map(len, findings.succeeded.values())) > 8, "who is always refused shows nothing"
    anybody = set().union(*findings.succeeded.values())
    assert len(anybody) > 55
    assert {"POST /api/v1/requests", "POST /api/v1/drafts"} <= findings.succeeded["citizen"]
    assert "POST /api/v1/assignments/{number}/accept" in anybody, "the officer or the head, who was first"
    assert {200, 201, 400, 401, 403, 404, 422} <= findings.statuses.keys()
