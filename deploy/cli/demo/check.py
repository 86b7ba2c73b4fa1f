"""Compares every 201 with the citizens' lists, the departments' queues and the officers' lists."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.cli.demo.city import City
from deploy.cli.demo.ends import Ends
from deploy.cli.demo.ledger import FiledRow, Ledger

ANSWERED = frozenset({"resolved", "confirmed", "disputed", "reopened", "closed"})
TOLD_WHEN_ROUTED = ("request.submitted.verifying", "request.routed")
TOLD_WHEN_ANSWERED = ("request.accepted", "request.resolved.department")


@dataclass
class Findings:
    """The differences, as sentences; empty if there are none."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was lost or duplicated."""
        return not self.lost and not self.doubled


def find(city: City, ledger: Ledger, ends: Ends, before: Collection[str]) -> Findings:
    """Everything lost or duplicated. `before` are the numbers in the citizens' lists before the run."""
    findings = Findings(doubled=list(ledger.twice))
    requests = {request["number"]: request for request in ends.requests}
    assignments = {assignment["number"]: assignment for assignment in ends.assignments}
    for filed in ledger.filed.values():
        if faults := _lost(filed, requests, assignments, city.department(filed.row), ledger, ends):
            findings.lost.append(f"{filed.number} (row {filed.row.id}): {'; '.join(faults)}")
        if faults := _doubled(filed, ledger):
            findings.doubled.append(f"{filed.number} (row {filed.row.id}): {'; '.join(faults)}")
    findings.doubled += _twice("in the citizens' lists", Counter(one["number"] for one in ends.requests))
    findings.doubled += _twice("in the officers' lists", Counter(one["number"] for one in ends.assignments))
    for number, request in requests.items():
        if number not in before and number not in ledger.filed and city.is_own(request["service"]):
            findings.doubled.append(f"{number}: filed, though no 201 named it")
    for (number, template), count in ends.messages.items():
        filed_now = ledger.filed.get(number)
        if filed_now and not filed_now.before and count > 1 and template in expected_messages(filed_now):
            findings.doubled.append(f"{number}: {template} was sent {count} times")
    return findings


def expected_messages(filed: FiledRow) -> tuple[str, ...]:
    """The messages that the citizen of a request must get, each once."""
    return TOLD_WHEN_ROUTED + (TOLD_WHEN_ANSWERED if filed.row.is_closed else ())


def unsettled(ledger: Ledger, requests: Mapping[str, Mapping[str, Any]]) -> list[FiledRow]:
    """The filed requests that have not reached their final state for the citizen."""
    return [
        filed
        for filed in ledger.filed.values()
        if not (filed.number in ledger.arrivals or filed.before) or _unsettled(filed, requests.get(filed.number))
    ]


def _unsettled(filed: FiledRow, request: Mapping[str, Any] | None) -> str | None:
    if request is None:
        return "not in its citizen's list"
    if not request["department"]:
        return "never reached a department"
    if filed.row.is_closed and request["state"] not in ANSWERED:
        return f"the department's answer never reached the citizen (state {request['state']})"
    return None


def _lost(
    filed: FiledRow,
    requests: Mapping[str, Mapping[str, Any]],
    assignments: Mapping[str, Mapping[str, Any]],
    department: str,
    ledger: Ledger,
    ends: Ends,
) -> list[str]:
    faults = []
    if fault := _unsettled(filed, requests.get(filed.number)):
        faults.append(fault)
    arrivals = ledger.arrivals.get(filed.number, [])
    if not filed.before and department not in {one.department for one in arrivals}:
        faults.append(f"never arrived on the queue of {department}")
    if assignments.get(filed.number, {}).get("department") != department:
        faults.append(f"not in the list of the officer of {department}")
    unsaid = [template for template in expected_messages(filed) if not ends.messages[filed.number, template]]
    if unsaid:
        faults.append(f"its citizen was never told: {', '.join(unsaid)}")
    return faults


def _doubled(filed: FiledRow, ledger: Ledger) -> list[str]:
    arrivals = ledger.arrivals.get(filed.number, [])
    faults = [f"routed {len(one.events)} times to {one.department}" for one in arrivals if len(one.events) > 1]
    if len(arrivals) > 1:
        faults.append(f"routed to {', '.join(one.department for one in arrivals)}")
    return faults


def _twice(where: str, counts: Mapping[str, int]) -> list[str]:
    return [f"{number}: {count} times {where}" for number, count in counts.items() if count > 1]
