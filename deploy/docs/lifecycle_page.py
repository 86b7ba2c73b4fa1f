"""`docs/lifecycle.md`: the life of a request and of an assignment, drawn and listed from their tables."""

from collections.abc import Iterable

from services.requests.request.models.lifecycle import EDGES, ENDED, STAGES, State, Who
from services.routing.models.assignment import DEPARTMENT_ACTIONS, AssignmentState
from services.routing.models.assignment import EDGES as ASSIGNMENT_EDGES

INTRODUCTION = """# The life of a request

Written by `python -m deploy.docs` from the tables in `services/requests/request/models/lifecycle.py` and
`services/routing/models/assignment.py`; `python -m deploy.docs --check` tells when it is stale. What is not listed
here cannot be done. [Words](glossary.md), [events](events.md).

What a citizen sees are the stages (submission, verification, processing, completion); the states below are finer.
"""

WHO_WINS = """## When a citizen and a department act at the same moment

The request decides, whichever act was first by the clock. Citizens, clocks and merges act on the request; what a
department does reaches it by an event. If the request has ended or was merged when that event comes, it is noted in the
history and changes nothing: no state, no outcome, no figure. The assignment then follows the request, the department
hears why in `request.closed.v1`, and the last message to the citizen tells the end
([ADR 0028](adr/0028-the-request-decides.md)).

| the citizen, a clock or a merge | the department, before it has heard so | afterwards |
| --- | --- | --- |
| `withdraw` | anything | request `withdrawn`, assignment `closed`, no outcome |
| `lapse` | `transfer` | request and assignment `closed`, at the new department |
| `mark_duplicate` | anything | request `duplicate`, assignment `closed`, no outcome |
| `answer` | `transfer` | both `in_progress`, at the new department |

`confirm`, `dispute`, `appeal` and `let_stand` follow an outcome, after which a department can do nothing.

**A question goes along.** When a department transfers a request while its question is open, the request stays
`questioned`: its citizen can answer until the same day, the new department sees the question and then the answer, and
its clock stands still until then.
"""

ASSIGNMENT = """## An assignment

The same request at its department, as routing keeps it. It moves by what the department does and by what the citizen,
or a clock, did at the request.
"""

WHO = {
    Who.CITIZEN: "the citizen",
    Who.CLERK: "a clerk, for the citizen",
    Who.OFFICER: "an officer or head of the department, with a reason",
    Who.RULES: "the rules that the service declares",
    Who.CLOCK: "a clock: the declared time is over",
    Who.ROUTING: "routing",
    Who.DEPARTMENT: "the department, over routing",
    Who.AUTHORITY: "the authority that decides the appeal",
}


def lifecycle_page() -> str:
    """The page as text."""
    parts = [INTRODUCTION, "## A request\n", _drawn(_request_steps(), State.SUBMITTED, ENDED)]
    parts += [_table(("stage", "states"), _stages()), _request_edges(), ASSIGNMENT]
    parts.append(_drawn(_assignment_steps(), AssignmentState.UNVERIFIED, {AssignmentState.CLOSED}))
    return "\n".join([*parts, _assignment_edges(), WHO_WINS])


def _request_steps() -> Iterable[tuple[str, str, str]]:
    # A withdrawal leads out of nearly everything: in the list below, it is left out of the drawing.
    for edge in EDGES:
        if edge.action != "withdraw":
            yield from ((source, edge.target, edge.action) for source in State if source in edge.sources)


def _assignment_steps() -> Iterable[tuple[str, str, str]]:
    for action, edge in ASSIGNMENT_EDGES.items():
        if action not in ("withdrawn", "lapsed"):
            yield from ((source, edge.leads_to(source), action) for source in edge.sources)


def _stages() -> list[tuple[str, ...]]:
    stages = dict.fromkeys(STAGES.values())
    return [(stage, ", ".join(f"`{state}`" for state in State if STAGES[state] == stage)) for stage in stages]


def _request_edges() -> str:
    rows = [
        (
            f"`{edge.action}`",
            WHO[edge.who],
            _listed(edge.sources, State, edge.action == "withdraw"),
            edge.target,
            edge.why,
        )
        for edge in EDGES
    ]
    return _table(("action", "who", "from", "to", "why"), rows)


def _assignment_edges() -> str:
    rows = [
        (
            f"`{action}`",
            "the department" if action in DEPARTMENT_ACTIONS else "routing, by an event",
            _listed(edge.sources, AssignmentState, action in ("withdrawn", "lapsed")),
            ", ".join(dict.fromkeys(edge.leads_to(source) for source in edge.sources)),
            edge.why,
        )
        for action, edge in ASSIGNMENT_EDGES.items()
    ]
    return _table(("action", "who", "from", "to", "why"), rows)


def _listed(sources: Iterable[str], order: Iterable[str], many: bool) -> str:
    there = set(sources)
    if many:
        left = [name for name in order if name not in there]
        return f"all but {', '.join(left)}" if left else "all"
    return ", ".join(name for name in order if name in there)


def _drawn(steps: Iterable[tuple[str, str, str]], first: str, ends: Iterable[str]) -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [f"    {source} --> {target}: {action}" for source, target, action in steps]
    lines += [f"    {end} --> [*]" for end in sorted(ends)]
    return "\n".join([*lines, "```", ""])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines) + "\n"
