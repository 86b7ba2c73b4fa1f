"""A request as the API shows it."""

from typing import Any

from services.requests.request.models.lifecycle import STAGES, State

DAY = "2026-03-0{}T09:00:00.000Z"


def a_request(state: str, *history: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A request with steps as (action, state after it), one a day."""
    entries = [
        {"n": n, "action": action, "to": to, "who": "citizen" if n == 1 else "department", "at": DAY.format(n)}
        for n, (action, to) in enumerate(history, 1)
    ]
    known = {"state": state, "stage": STAGES[State(state)], "submitted_at": DAY.format(1), "due_at": DAY.format(9)}
    return {**known, "due_paused": state == "questioned", "outcome": None, "history": entries, **more}
