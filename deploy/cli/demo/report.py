"""The table at the end of a run, and its problems in sentences."""

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
    requests = [request for number, request in ledger.requests.items() if number in ledger.filed]
    departments = {request["department"] for request in requests}
    answered = sum(request["state"] in ANSWERED for request in requests)
    return [
        ("rows", f"{len(file.rows) + len(file.unusable)}" + _more(len(file.unusable), "unusable")),
        ("filed (201)", f"{len(ledger.filed)}" + _more(before, "already filed")),
        ("routed", f"{sum(bool(one['department']) for one in requests)} to {len(departments - {None})} departments"),
        ("answered (closed by the city)", str(answered)),
        ("left open", str(len(requests) - answered)),
        ("201 to department's queue", _times(ledger.waits())),
        ("lost", str(len(ledger.lost()))),
        ("duplicated", str(len(ledger.doubled()))),
        ("first filing to last answer", f"{done.seconds:.1f} s"),
    ]


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
    console.print(table)
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
