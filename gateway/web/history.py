"""How pages show the history of a request: the five steps with their dates, and each entry in words.

Texts are marked for translation here, and translated when they are shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.web.states import (
    COMPLETION,
    DEPARTMENT,
    ENDED,
    FINISHED,
    PROCESSING,
    STATES,
    STEPS,
    SUBMISSION,
    VERIFICATION,
    Request,
    state_of,
)
from gateway.web.words import _


@dataclass(frozen=True, slots=True)
class StageStep:
    """A step of the progress line: `mark` is done, now or empty; `at` and `due` are times or None."""

    words: str
    mark: str
    at: str | None = None
    due: str | None = None


NAMES = (_("Registered"), _("Submitted"), _("Verified"), _("Processing"), _("Completed"))
"""The five steps: the account, then the four stages of a request."""
NAMELESS = _("Without a name")


def progress_of(request: Request, *, named: bool = True) -> list[StageStep]:
    """The steps with the times at which they were reached; `named` says whether it was filed with an account."""
    now, reached = state_of(request).step, _reached(request)
    steps = [StageStep(NAMES[0] if named else NAMELESS, "done")]
    for step in range(SUBMISSION, STEPS + 1):
        mark = "now" if step == now else "done" if step < now and reached.get(step) else ""
        at = reached.get(step) if mark else None
        steps.append(StageStep(_name_of(request, step, now), mark, at, _due(request, step)))
    if request["state"] in FINISHED:
        steps[-1] = StageStep(steps[-1].words, "done", steps[-1].at)
    return steps


def _name_of(request: Request, step: int, now: int) -> str:
    """The name of a step; the present step is named after the state if that says more."""
    plain = step != now or now == PROCESSING or request["state"] in ("verifying", "closed")
    return NAMES[step - 1] if plain else state_of(request).words


def _due(request: Request, step: int) -> str | None:
    is_ahead = step == COMPLETION and state_of(request).step < COMPLETION
    return request.get("due_at") if is_ahead else None


def _reached(request: Request) -> dict[int, str | None]:
    """When each step was reached: verification when it passed, the others when they last began."""
    reached: dict[int, str | None] = {SUBMISSION: request.get("submitted_at")}
    for before, entry in _with_state_before(request.get("history", ())):
        to = _state_after(entry)
        if entry["action"] in PASSED:
            reached[VERIFICATION] = entry["at"]
        if to in STATES and STATES[to].step == PROCESSING:
            reached.setdefault(PROCESSING, entry["at"])
        if to in STATES and STATES[to].step == COMPLETION and to != before:
            reached[COMPLETION] = entry["at"]
    return reached


def _with_state_before(history: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each entry with the state before it; the history of a tracked request has only the state after each entry."""
    before = ""
    for entry in history:
        yield before, entry
        before = _state_after(entry)


def _state_after(entry: Mapping[str, Any]) -> str:
    """The state after an entry of the history."""
    return str(entry.get("to") or entry.get("state"))


PASSED = ("pass", "override")
OF_DEPARTMENT = ("route", "accept", "question", "progress", "transfer", "resolve")
"""Actions of the department. After the end of a request they change nothing."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text for the citizen whose request it is, and one for everybody else."""

    own: str
    others: str

    def text(self, *, own: bool) -> str:
        """The text for the citizen, or for everybody else."""
        return self.own if own else self.others


def _same(text: str) -> Wording:
    return Wording(text, text)


ACTIONS: dict[str, Wording] = {
    "submit": Wording(_("You filed it"), _("Filed")),
    "pass": _same(_("Checked: all conditions are met")),
    "need": _same(_("Checked: something has to be corrected")),
    "refuse": _same(_("Checked: the conditions are not met")),
    "correct": Wording(_("You corrected your answers"), _("Answers corrected")),
    "override": _same(_("An officer let it pass")),
    "route": _same(_("Sent to the department")),
    "accept": _same(_("Accepted by the department")),
    "question": Wording(_("The department asked you a question"), _("Question asked")),
    "answer": Wording(_("You answered"), _("Question answered")),
    "tell_more": Wording(_("You told the department more"), _("The citizen told more")),
    "progress": _same(_("News from the department")),
    "transfer": _same(_("Passed on to another department")),
    "delay": _same(_("The department gave a new date")),
    "assign": _same(_("Assigned to an officer")),
    "release": _same(_("Nobody is responsible any more")),
    "recuse": _same(_("An officer has an interest in it")),
    "ask_part": _same(_("Another department was asked for a part")),
    "change_part": _same(_("News about a part of the work")),
    "overdue": _same(_("The due date is over: it is late")),
    "escalate": _same(_("It is late: a higher office has to see to it")),
    "resolve": _same(_("Resolved")),
    "confirm": Wording(_("You confirmed that it is done"), _("Confirmed as done")),
    "dispute": Wording(_("You disputed the outcome"), _("Outcome disputed")),
    "reopen": _same(_("Reopened for the head of the department")),
    "appeal": Wording(_("You appealed"), _("Appeal filed")),
    "remit": _same(_("Appeal granted: the head of the department has to act")),
    "decide_appeal": _same(_("The appeal is over: the outcome stands")),
    "lapse": _same(_("Closed because no answer came in time")),
    "let_stand": _same(_("Closed: nobody disputed the outcome in time")),
    "close": _same(_("Closed")),
    "mark_duplicate": _same(_("Joined with another request about the same thing")),
    "move_duplicate": _same(_("Joined with the request that goes on")),
    "unmark_duplicate": _same(_("Separated from the other request")),
    "revive": _same(_("The other request has ended: this one goes on by itself")),
    "separate": Wording(_("You said that it is a separate matter"), _("Separated from the other request")),
    "withdraw": Wording(_("You took it back"), _("Taken back")),
    "remind": Wording(_("We reminded you"), _("Reminder sent")),
    "rate": Wording(_("You rated it"), _("Rated")),
    "attach": Wording(_("You added a file"), _("File added")),
    "take_out_file": Wording(_("You removed a file"), _("File removed")),
    "add_evidence": _same(_("The department added a file")),
    "remove_file": _same(_("A file was removed because it is not safe")),
    "publish": Wording(_("Your words were made public, without personal details"), _("The words were made public")),
    "unpublish": Wording(_("Your words are not public any more"), _("The words are not public any more")),
    "anonymise": _same(_("The name was removed")),
}
"""Every action of a history: those of the life cycle's table, and those that leave the state unchanged."""
FILED_BY_CLERK = _("A clerk filed it for you")
SENT_TO = _("Sent to %(department)s")
PASSED_ON_TO = _("Passed on to %(department)s")
RESOLVED_AS = {
    "granted": _("Resolved: granted"),
    "partly_granted": _("Resolved: granted in part"),
    "not_granted": _("Resolved: not granted"),
}
ACTORS: dict[str, Wording] = {
    "citizen": Wording(_("You"), _("The citizen")),
    "department": _same(DEPARTMENT),
    "clerk": Wording(_("A clerk, for you"), _("A clerk")),
    "officer": _same(_("An officer")),
    "rules": _same(_("Rabta, by the rules of this service")),
    "routing": _same(_("Rabta, by the rules of this service")),
    "clock": _same(_("Rabta, because the time was up")),
    "authority": _same(_("The appellate authority")),
}
"""The text for each actor."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An entry of the history in words. `department` is the code for `%(department)s` in `title` or `who`.

    `too_late` marks an action of the department after the request had ended.
    """

    title: str
    who: str
    department: str
    mine: bool
    too_late: bool
    entry: Mapping[str, Any]


def history_lines(request: Request, *, own: bool) -> Iterator[HistoryLine]:
    """The history in words, newest first. That of a tracked request names neither actors nor departments."""
    department = ""
    lines = []
    for before, entry in _with_state_before(request["history"]):
        if entry["action"] == "close" and _state_after(entry) not in FINISHED:
            continue  # an assignment was closed, and the request continues elsewhere
        if entry["action"] == "route":
            department = entry.get("department") or department
        at_department = entry.get("department") or department
        mine = own and entry.get("who") == "citizen"
        too_late = before in ENDED and before == _state_after(entry) and entry["action"] in OF_DEPARTMENT
        lines.append(HistoryLine(_title(entry, own), _actor(entry, own), at_department, mine, too_late, entry))
    return reversed(lines)


def _title(entry: Mapping[str, Any], own: bool) -> str:
    action = entry["action"]
    if action == "submit" and entry.get("who") == "clerk":
        return FILED_BY_CLERK if own else ACTIONS[action].others
    if action in ("route", "transfer") and entry.get("department"):
        return SENT_TO if action == "route" else PASSED_ON_TO
    if action == "resolve" and entry.get("outcome") in RESOLVED_AS:
        return RESOLVED_AS[entry["outcome"]]
    wording = ACTIONS.get(action)
    if wording is None:
        return state_of({"state": _state_after(entry)}).words
    return wording.text(own=own)


def _actor(entry: Mapping[str, Any], own: bool) -> str:
    wording = ACTORS.get(entry.get("who", ""))
    return wording.text(own=own) if wording else ""
