"""The tables at the end of a run, and its problems in sentences."""

from collections.abc import Sequence
from statistics import quantiles

from rich.console import Console
from rich.table import Table

from deploy.cli.demo.ledger import ANSWERED
from deploy.cli.demo.replay import Replay

MAX_SENTENCES = 20


def figures(done: Replay) -> list[tuple[str, str]]:
    """The lines of the table."""
    ledger, file = done.ledger, done.file
    before = sum(filed.before for filed in ledger.filed.values())
    rows = by_department(done)
    answered = sum(row[2] for row in rows)
    return [
        ("rows", f"{len(file.rows) + len(file.unusable)}" + _more(len(file.unusable), "unusable")),
        ("filed (201)", f"{len(ledger.filed)}" + _more(before, "already filed")),
        ("routed", f"{sum(row[1] for row in rows)} to {len(rows)} departments"),
        ("answered (closed by the city)", str(answered)),
        ("left open", str(sum(row[3] for row in rows))),
        ("201 to department's queue", _times(ledger.waits())),
        ("lost", str(len(ledger.lost()))),
        ("duplicated", str(len(ledger.doubled()))),
        ("first filing to last answer", f"{done.seconds:.1f} s"),
    ]


def by_department(done: Replay) -> list[tuple[str, int, int, int]]:
    """For each department: requests, answered, open; from the citizens' lists."""
    requests = [request for number, request in done.ledger.requests.items() if number in done.ledger.filed]
    rows = []
    for code in done.city.departments:
        states = [request["state"] for request in requests if request["department"] == code]
        answered = sum(state in ANSWERED for state in states)
        rows.append((code, len(states), answered, len(states) - answered))
    return sorted(rows, key=lambda row: -row[1])


def sentences(done: Replay) -> list[str]:
    """Sentences about rows not filed, losses and duplicates."""
    return [
        *(f"line {line} cannot be used: {reason}" for line, reason in done.file.unusable),
        *done.ledger.refused,
        *(f"lost: {fault}" for fault in done.ledger.lost()),
        *(f"duplicated: {fault}" for fault in done.ledger.doubled()),
    ]


def show(done: Replay, console: Console) -> None:
    """Print the report."""
    table = Table(title=f"{done.file.name}: {done.city.city.en}", title_justify="left", show_header=False)
    for name, value in figures(done):
        table.add_row(name, value)
    departments = Table("department", "routed", "answered", "open")
    for code, *counts in by_department(done):
        departments.add_row(code, *map(str, counts))
    console.print(table)
    console.print(departments)
    lines = sentences(done)
    for sentence in lines[:MAX_SENTENCES]:
        console.print(sentence, markup=False, highlight=False)
    if len(lines) > MAX_SENTENCES:
        console.print(f"... and {len(lines) - MAX_SENTENCES} more")


def _more(count: int, what: str) -> str:
    return f" ({count} {what})" if count else ""


def _times(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "-"
    cuts = quantiles(seconds, n=100, method="inclusive")
    return "  ".join(f"p{percent} {cuts[percent - 1] * 1000:.0f} ms" for percent in (50, 95, 99))
