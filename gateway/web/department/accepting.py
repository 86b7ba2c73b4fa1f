"""Accepting several requests of the worklist at once, each in the revision that the officer saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.web.department.chosen import act_on_all, chosen_of, list_of
from gateway.web.department.history import as_entry, is_clock_mark
from gateway.web.department.opened import ASSIGNMENTS
from gateway.web.department.room import room
from gateway.web.forms.form import refusal_text
from gateway.web.history import HistoryLine, history_lines
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """A request that was not accepted: because of another officer's `step`, or for the reason in `words`."""

    number: str
    words: str
    step: HistoryLine | None = None


@room.get("/desk/accept")
async def show(visit: Visit) -> Response:
    """This address has no page of its own."""
    return visit.go("/desk")


@room.post("/desk/accept")
async def accept(visit: Visit) -> Response:
    """Accept the chosen requests, and list those that could not be accepted. Raises RefusedError."""
    back, chosen = list_of(visit.form), chosen_of(visit.form)
    if not chosen:
        return visit.go("/desk", visit.say("Choose the requests that you want to accept first."), **back)
    results = await act_on_all(visit, {"action": "accept"}, chosen)
    failed = [result for result in results if not result["done"]]
    left = [missed for result in failed if (missed := await not_accepted(visit, result))]
    done = len(results) - len(left)
    note = visit.words.count(
        "%(n)s request is accepted. You work on it now.", "%(n)s requests are accepted. You work on them now.", done
    )
    if not left:
        return visit.go("/desk", note, **back)
    return visit.page("department/accepted.html", 409, left=left, done=done, note_accepted=note, back=back)


async def not_accepted(visit: Visit, result: Mapping[str, Any]) -> NotAccepted | None:
    """Why a request was not accepted; None if it is theirs now."""
    number, words = result["number"], f"{result['title']}. {result['detail']}"
    return await changed(visit, number, words) if result["status"] in (409, 412) else NotAccepted(number, words)


async def changed(visit: Visit, number: str, words: str) -> NotAccepted | None:
    """The request changed since the list was shown. If nobody took a step, it is accepted as it is now."""
    try:
        found = await visit.portal.get(f"{ASSIGNMENTS}/{number}")
        step = [step for step in found.data["history"] if not is_clock_mark(step)][-1]
        if step["action"] == "route":
            await visit.portal.post(f"{ASSIGNMENTS}/{number}/accept", {}, revision=found.etag)
            return None
    except RefusedError as again:
        gone = visit.say("The request is not at your department any more.")
        return NotAccepted(number, gone if again.status == 404 else refusal_text(again))
    if step["action"] == "accept" and step["by"] == visit.account:
        return None
    [line] = history_lines({"history": [as_entry(step)], "state": found.data["state"]}, own=False)
    return NotAccepted(number, words, line)
