"""How pages show the states of a request, and the next move: texts, icons and colours in one place.

The API decides the state and the possible actions. Texts are marked for translation here, and translated when they are
shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.web.words import _

Request = Mapping[str, Any]
"""A request as the API shows it: an item of a list, in full, or tracked."""

STEPS = 5
ACCOUNT, SUBMISSION, VERIFICATION, PROCESSING, COMPLETION = range(1, STEPS + 1)


@dataclass(frozen=True, slots=True)
class ShownState:
    """How a state is shown. `kind` is the CSS class of its tag."""

    step: int
    words: str
    kind: str
    icon: str

    @property
    def yours(self) -> bool:
        """Whether the citizen has the next move."""
        return self.kind == "turn"


@dataclass(frozen=True, slots=True)
class NextMove:
    """The next move: `who` has to act (in bold); `then` names a day, `plain` is the text without one."""

    who: str = ""
    plain: str = ""
    then: str = ""
    day: str = "due_at"
    """The field of the request with the day."""

    def words(self, request: Request) -> str:
        """The text after `who`."""
        return self.then if self.then and request.get(self.day) else self.plain


YOUR_TURN = _("Your turn")
DEPARTMENT = "%(department)s"
HEAD, CITIZEN = _("The head of %(department)s"), _("The citizen")
STATES: dict[str, ShownState] = {
    "submitted": ShownState(SUBMISSION, _("Being checked"), "work", "n-half"),
    "verifying": ShownState(VERIFICATION, _("Checked"), "work", "n-half"),
    "information_needed": ShownState(VERIFICATION, _("Correction needed"), "turn", "doc"),
    "ineligible": ShownState(VERIFICATION, _("Conditions not met"), "turn", "doc"),
    "routed": ShownState(PROCESSING, _("With the department"), "work", "arrow"),
    "accepted": ShownState(PROCESSING, _("Accepted"), "work", "n-half"),
    "questioned": ShownState(PROCESSING, _("Question asked"), "turn", "bubble"),
    "in_progress": ShownState(PROCESSING, _("In progress"), "work", "n-half"),
    "transferred": ShownState(PROCESSING, _("Passed on"), "work", "swap"),
    "reopened": ShownState(PROCESSING, _("Reopened"), "work", "refresh"),
    "resolved": ShownState(COMPLETION, _("Resolved"), "turn", "check"),
    "confirmed": ShownState(COMPLETION, _("Confirmed"), "", "check"),
    "disputed": ShownState(COMPLETION, _("Disputed"), "work", "refresh"),
    "under_appeal": ShownState(COMPLETION, _("Under appeal"), "work", "flag"),
    "duplicate": ShownState(COMPLETION, _("Joined with another"), "", "people"),
    "closed": ShownState(COMPLETION, _("Closed"), "", "check"),
    "withdrawn": ShownState(COMPLETION, _("Taken back"), "", "cross"),
}
TRIAGE = "triage"
"""The desk at which a person chooses the department."""
CHOOSING = ShownState(PROCESSING, _("Choosing the department"), "work", "n-half")
WORKING = NextMove(DEPARTMENT, _("is working on it."), _("is working on it. It has to be done by %(day)s."))
LATE = NextMove(DEPARTMENT, _("has to act."), _("has to act. It had to be done by %(day)s."))
NEXT: dict[str, NextMove] = {
    "submitted": NextMove(_("Rabta"), _("is checking the answers.")),
    "verifying": NextMove(_("Rabta"), _("is passing it on to the department.")),
    "information_needed": NextMove(
        _("Correct your answers"),
        _("so that it can go to the department."),
        _("by %(day)s. After that the request is closed."),
        "answer_by",
    ),
    "ineligible": NextMove(
        _("See which condition is not met"), _("and correct your answers, or take the request back.")
    ),
    TRIAGE: NextMove(
        _("We"),
        _("are choosing the right department."),
        _("are choosing the right department. It has to be done by %(day)s."),
    ),
    "routed": NextMove(DEPARTMENT, _("has it."), _("has it. It has to be done by %(day)s.")),
    "accepted": WORKING,
    "questioned": NextMove(
        _("Answer the question"), _("The work waits for you."), _("by %(day)s. The work waits for you."), "answer_by"
    ),
    "in_progress": WORKING,
    "transferred": NextMove(_("Another department"), _("is taking it over.")),
    "reopened": NextMove(
        HEAD, _("has to look at it again."), _("has to look at it again. It has to be done by %(day)s.")
    ),
    "resolved": NextMove(
        _("Say whether it is done"),
        _("After some days the outcome stands."),
        _("by %(day)s. After that the outcome stands."),
        "answer_by",
    ),
    "disputed": NextMove(HEAD, _("gets it again.")),
    "under_appeal": NextMove(_("The appellate authority"), _("is deciding on the appeal.")),
    "duplicate": NextMove(
        _("It goes on with another request"), _("about the same thing. You hear about every step there.")
    ),
}
"""The next move in each state that has one."""
FOR_OTHERS = {
    "information_needed": NextMove(CITIZEN, _("has to correct something first.")),
    "ineligible": NextMove(CITIZEN, _("can correct the answers or take it back.")),
    "questioned": NextMove(CITIZEN, _("has to answer a question. The clock is paused until then.")),
    "resolved": NextMove(CITIZEN, _("says whether it is really done.")),
    "duplicate": NextMove(_("It goes on with another request"), _("about the same thing.")),
}
"""The same in words for people other than the citizen, where these differ."""

ALL = tuple(STATES)
WAITING_FOR_YOU = tuple(name for name, state in STATES.items() if state.yours)
FINISHED = ("confirmed", "closed", "withdrawn")
ENDED = (*FINISHED, "duplicate")
"""States in which nothing more happens under this number."""
IN_WORK = tuple(name for name in ALL if name not in WAITING_FOR_YOU + FINISHED)

OUTCOMES = {
    "granted": _("Granted"),
    "partly_granted": _("Granted in part"),
    "not_granted": _("Not granted"),
}
REASONS = {
    "not_eligible": _("The conditions are not met"),
    "documents_missing": _("Documents are missing"),
    "no_fault_found": _("No fault was found"),
    "against_the_law": _("The law does not allow it"),
    "no_funds": _("There is no money for it"),
    "already_done": _("It was already done"),
    "done_in_part": _("It was done in part"),
    "planned_later": _("It is planned for later"),
    "other": _("Another reason"),
}
"""Why a request was not granted, or only in part."""
DISPUTES = {
    "not_done": _("It was not done"),
    "partly_done": _("Only part of it was done"),
    "nobody_spoke_to_me": _("Nobody came or called me"),
    "wrong_or_empty_reply": _("The reply is wrong or says nothing"),
    "wrong_photo_or_report": _("The photo or report shows something else"),
    "closed_by_forwarding": _("It was only passed on and then closed"),
    "treated_badly": _("I was treated badly"),
    "other": _("Something else"),
}
KINDS = {"application": _("Application"), "complaint": _("Complaint"), "appeal": _("Appeal")}
ROLES = {
    "officer": _("Officer"),
    "head": _("Head of department"),
    "appellate": _("Appellate authority"),
    "clerk": _("Clerk"),
    "admin": _("Administrator"),
    "auditor": _("Auditor"),
}
"""The roles of staff."""
RATINGS = {5: _("Very good"), 4: _("Good"), 3: _("Fair"), 2: _("Poor"), 1: _("Very poor")}


@dataclass(frozen=True, slots=True)
class Tag:
    """The tag of a state: CSS class, icon and text."""

    kind: str
    icon: str
    words: str


FALLBACK = {"submission": "submitted", "verification": "verifying", "completion": "closed"}


def state_of(request: Request) -> ShownState:
    """How the state of a request is shown; a state that is not known here is shown as its stage."""
    name = _name_of(request)
    return CHOOSING if name == TRIAGE else STATES[name]


def _name_of(request: Request) -> str:
    if request["state"] == "routed" and request.get("department") == TRIAGE:
        return TRIAGE
    return request["state"] if request["state"] in STATES else FALLBACK.get(request.get("stage", ""), "accepted")


def tag_of(request: Request, *, own: bool) -> Tag:
    """The tag of a request; its citizen (`own`) reads "Your turn" instead of the state."""
    state = state_of(request)
    if own and state.yours:
        return Tag("turn", "n-turn", YOUR_TURN)
    if request["state"] == "closed" and request.get("outcome") in OUTCOMES:
        granted = request["outcome"] != "not_granted"
        return Tag("ok" if granted else "", "check" if granted else "cross", OUTCOMES[request["outcome"]])
    return Tag("" if state.yours else state.kind, "clock" if state.yours else state.icon, state.words)


def next_of(request: Request, *, own: bool, late: bool = False) -> NextMove:
    """The next move; `late` if the request is overdue."""
    name = _name_of(request)
    if late:
        return LATE
    return NEXT.get(name, NextMove()) if own or name not in FOR_OTHERS else FOR_OTHERS[name]


def clock_runs(request: Request) -> bool:
    """Whether the department's time is running, so that a due date in the past means overdue."""
    return state_of(request).step == PROCESSING and not request.get("due_paused") and bool(request.get("due_at"))
