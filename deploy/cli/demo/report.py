"""The tables at the end of a run, and its problems in sentences."""

from collections.abc import Sequence
from math import ceil

from rich.console import Console
from rich.table import Table

from deploy.cli.demo.check import ANSWERED, expected_messages
from deploy.cli.demo.replay import ReplayOutcome

MAX_SENTENCES = 20


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The percentile by nearest rank; None without values."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else None


def figures(outcome: ReplayOutcome) -> list[tuple[str, str]]:
    """The lines of the table."""
    ledger, file = outcome.ledger, outcome.file
    filed = list(ledger.filed.values())
    before = len(filed) - len(ledger.fresh)
    told = sum(outcome.ends.messages[one.number, name] for one in filed for name in expected_messages(one))
    expected = sum(len(expected_messages(one)) for one in filed)
    answered, left_open = _states(outcome)
    return [
        ("rows", f"{len(file.rows) + len(file.unusable)}" + _more(len(file.unusable), "unusable")),
        ("filed (201)", f"{len(filed)}" + _more(before, "already filed") + _more(len(ledger.refused), "refused")),
        ("verified", str(sum(one.state == "verifying" for one in filed))),
        ("routed", f"{_routed(outcome)} to {len(outcome.city.departments)} departments"),
        ("answered (closed by the city)", str(answered)),
        ("left open", str(left_open)),
        ("messages to citizens", f"{told} of {expected}"),
        ("201 to department's queue", _times(ledger.waits())),
        ("repeats (same event again)", str(ledger.repeats())),
        ("lost", str(len(outcome.findings.lost))),
        ("duplicated", str(len(outcome.findings.doubled))),
        ("first filing to last answer", f"{outcome.seconds:.1f} s"),
    ]


def by_department(outcome: ReplayOutcome) -> list[tuple[str, int, int, int]]:
    """For each department: requests, answered, open; from the officers' lists."""
    ours = [a for a in outcome.ends.assignments if a["number"] in outcome.ledger.filed]
    rows = []
    for code in outcome.city.departments:
        states = [a["state"] for a in ours if a["department"] == code]
        answered = sum(state in ANSWERED for state in states)
        rows.append((code, len(states), answered, len(states) - answered))
    return sorted(rows, key=lambda row: -row[1])


def sentences(outcome: ReplayOutcome) -> list[str]:
    """Sentences about rows not filed, losses and duplicates."""
    return [
        *(f"line {one.line} cannot be used: {one.reason}" for one in outcome.file.unusable),
        *(f"line {row.line} was not filed: {reason}" for row, reason in outcome.ledger.refused),
        *outcome.ledger.objections,
        *(f"lost: {fault}" for fault in outcome.findings.lost),
        *(f"duplicated: {fault}" for fault in outcome.findings.doubled),
    ]


def show(outcome: ReplayOutcome, console: Console) -> None:
    """Print the report."""
    table = Table(title=f"{outcome.file.name}: {outcome.city.city.en}", title_justify="left", show_header=False)
    for name, value in figures(outcome):
        table.add_row(name, value)
    departments = Table("department", "routed", "answered", "open")
    for code, *counts in by_department(outcome):
        departments.add_row(code, *map(str, counts))
    console.print(table)
    console.print(departments)
    lines = sentences(outcome)
    for sentence in lines[:MAX_SENTENCES]:
        console.print(sentence, markup=False, highlight=False)
    if len(lines) > MAX_SENTENCES:
        console.print(f"... and {len(lines) - MAX_SENTENCES} more")


def _states(outcome: ReplayOutcome) -> tuple[int, int]:
    """The numbers of answered and open requests, from the citizens' lists."""
    states = [r["state"] for r in outcome.ends.requests if r["number"] in outcome.ledger.filed]
    answered = sum(state in ANSWERED for state in states)
    return answered, len(states) - answered


def _routed(outcome: ReplayOutcome) -> int:
    return sum(a["number"] in outcome.ledger.filed for a in outcome.ends.assignments)


def _more(count: int, what: str) -> str:
    return f" ({count} {what})" if count else ""


def _times(seconds: Sequence[float]) -> str:
    shown = [(f"p{percent}", percentile(seconds, percent)) for percent in (50, 95, 99)]
    return "  ".join(f"{name} {value * 1000:.0f} ms" for name, value in shown if value is not None) or "-"
