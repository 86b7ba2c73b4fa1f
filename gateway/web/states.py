"""What the states of a request are called and how they look: the one place where pages learn it.

Nothing is decided here. What a request is and what may be done with it, the API says in `state`, `actions` and
`history`; these are the words for it. Everything is in English, marked for translation and translated where shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.web.words import _

Request = Mapping[str, Any]
"""A request as the API shows it: a line of a list, whole to its citizen, or tracked."""

STEPS = 5
ACCOUNT, SUBMISSION, VERIFICATION, PROCESSING, COMPLETION = range(1, STEPS + 1)


@dataclass(frozen=True, slots=True)
class Next:
    """Who acts next and by when: `who` stands out, `then` names a day and `plain` is for when none is known."""

    who: str = ""
    then: str = ""
    plain: str = ""
    day: str = "due_at"
    """The field of the request that holds the day."""

    def words(self, request: Request) -> str:
        """What follows `who`."""
        return self.then if self.then and request.get(self.day) else self.plain


@dataclass(frozen=True, slots=True)
class State:
    """How a state is shown. `kind` is the class of its tag, `yours` says that its citizen has the next move."""

    step: int
    words: str
    kind: str
    icon: str
    next: Next
    others: Next | None = None
    """The next move as it is told to those who do not own the request."""

    @property
    def yours(self) -> bool:
        """Whether the citizen has the next move."""
        return self.kind == "turn"


YOUR_TURN = _("Your turn")
DEPARTMENT = "%(department)s"
WORKING = Next(DEPARTMENT, _("is working on it. It has to be done by %(day)s."), _("is working on it."))
STATES: dict[str, State] = {
    "submitted": State(
        SUBMISSION, _("Being checked"), "work", "n-half", Next(_("Rabta"), plain=_("is checking the answers."))
    ),
    "verifying": State(
        VERIFICATION,
        _("Checked"),
        "work",
        "n-half",
        Next(_("Rabta"), plain=_("is passing it on to the department.")),
    ),
    "information_needed": State(
        VERIFICATION,
        _("Correction needed"),
        "turn",
        "doc",
        Next(
            _("Correct your answers"),
            _("by %(day)s. After that the request is closed."),
            _("so that it can go to the department."),
            "answer_by",
        ),
        Next(_("Whoever filed it"), plain=_("has to correct something first.")),
    ),
    "ineligible": State(
        VERIFICATION,
        _("Conditions not met"),
        "turn",
        "doc",
        Next(_("Look at what does not fit"), plain=_("and correct your answers, or take the request back.")),
        Next(_("Whoever filed it"), plain=_("can correct the answers or take it back.")),
    ),
    "routed": State(
        PROCESSING,
        _("With the department"),
        "work",
        "arrow",
        Next(DEPARTMENT, _("has it. It has to be done by %(day)s."), _("has it.")),
    ),
    "accepted": State(PROCESSING, _("Accepted"), "work", "n-half", WORKING),
    "questioned": State(
        PROCESSING,
        _("Question asked"),
        "turn",
        "bubble",
        Next(
            _("Answer the question"),
            _("by %(day)s. The work waits for you."),
            _("The work waits for you."),
            "answer_by",
        ),
        Next(_("Whoever filed it"), plain=_("has to answer a question. The clock is paused until then.")),
    ),
    "in_progress": State(PROCESSING, _("In progress"), "work", "n-half", WORKING),
    "transferred": State(
        PROCESSING, _("Passed on"), "work", "swap", Next(_("Another department"), plain=_("is taking it over."))
    ),
    "reopened": State(
        PROCESSING,
        _("Open again"),
        "work",
        "refresh",
        Next(
            _("The head of %(department)s"),
            _("has to look at it again. It has to be done by %(day)s."),
            _("has to look at it again."),
        ),
    ),
    "resolved": State(
        COMPLETION,
        _("Resolved"),
        "turn",
        "check",
        Next(
            _("Say whether it is done"),
            _("by %(day)s. After that the outcome stands."),
            _("After some days the outcome stands."),
            "answer_by",
        ),
        Next(_("Whoever filed it"), plain=_("says whether it is really done.")),
    ),
    "confirmed": State(COMPLETION, _("Confirmed"), "", "check", Next()),
    "disputed": State(
        COMPLETION, _("Disputed"), "work", "refresh", Next(_("The head of %(department)s"), plain=_("gets it again."))
    ),
    "under_appeal": State(
        COMPLETION,
        _("Under appeal"),
        "work",
        "flag",
        Next(_("The appellate authority"), plain=_("is deciding on the appeal.")),
    ),
    "duplicate": State(
        COMPLETION,
        _("Joined with another"),
        "",
        "people",
        Next(_("It goes on with another request"), plain=_("about the same thing. You hear of every step there.")),
        Next(_("It goes on with another request"), plain=_("about the same thing.")),
    ),
    "closed": State(COMPLETION, _("Closed"), "", "check", Next()),
    "withdrawn": State(COMPLETION, _("Taken back"), "", "cross", Next()),
}
LATE = Next(DEPARTMENT, _("has to act. It had to be done by %(day)s."), _("has to act."))

ALL = tuple(STATES)
WAITING_FOR_YOU = tuple(name for name, state in STATES.items() if state.yours)
FINISHED = ("confirmed", "closed", "withdrawn")
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
    "already_done": _("It was done already"),
    "done_in_part": _("It was done in part"),
    "planned_later": _("It is planned for later"),
    "other": _("Another reason"),
}
"""Why an outcome is not wholly what was asked for."""
DISPUTES = {
    "not_done": _("It was not done"),
    "partly_done": _("Only part of it was done"),
    "nobody_spoke_to_me": _("Nobody came to see or called me"),
    "wrong_or_empty_reply": _("The reply is wrong or says nothing"),
    "wrong_photo_or_report": _("The photo or report shows something else"),
    "closed_by_forwarding": _("It was only passed on and then closed"),
    "treated_badly": _("I was treated badly"),
    "other": _("Something else"),
}
KINDS = {"application": _("Application"), "complaint": _("Complaint"), "appeal": _("Appeal")}
RATINGS = {5: _("Very good"), 4: _("Good"), 3: _("Fair"), 2: _("Poor"), 1: _("Very poor")}


@dataclass(frozen=True, slots=True)
class Tag:
    """A state as a mark: the class, the icon, and the word."""

    kind: str
    icon: str
    words: str


def state_of(request: Request) -> State:
    """How the state of a request is shown; one that this version does not know is shown as its stage is."""
    return STATES.get(request["state"]) or STATES[FALLBACK.get(request.get("stage", ""), "accepted")]


FALLBACK = {"submission": "submitted", "verification": "verifying", "completion": "closed"}


def tag_of(request: Request, *, own: bool) -> Tag:
    """The mark of a request; `own` is for its citizen, who reads of a turn rather than of a state."""
    state = state_of(request)
    if own and state.yours:
        return Tag("turn", "n-turn", YOUR_TURN)
    if request["state"] == "closed" and request.get("outcome") in OUTCOMES:
        granted = request["outcome"] != "not_granted"
        return Tag("ok" if granted else "", "check" if granted else "cross", OUTCOMES[request["outcome"]])
    return Tag("" if state.yours else state.kind, "clock" if state.yours else state.icon, state.words)


def next_of(request: Request, *, own: bool, late: bool = False) -> Next:
    """Who acts next; `late` when its time has passed."""
    state = state_of(request)
    if late:
        return LATE
    return state.next if own or state.others is None else state.others


def clock_runs(request: Request) -> bool:
    """Whether the department's time runs, so that a due date in the past means that it is late."""
    return state_of(request).step == PROCESSING and not request.get("due_paused") and bool(request.get("due_at"))


@dataclass(frozen=True, slots=True)
class Step:
    """One of the portal's steps on the line: `mark` is done, now or nothing, `at` and `due` are times or none."""

    words: str
    mark: str
    at: str | None = None
    due: str | None = None


NAMES = (_("Registered"), _("Submitted"), _("Verified"), _("Processing"), _("Completed"))
"""The five steps: the account, then the four stages of a request."""
NAMELESS = _("Without a name")


def line_of(request: Request, *, named: bool = True) -> list[Step]:
    """The portal's steps with the times at which they were reached; `named` is whether an account stands behind it."""
    now, reached = state_of(request).step, _reached(request)
    steps = [Step(NAMES[0] if named else NAMELESS, "done")]
    for place in range(SUBMISSION, STEPS + 1):
        mark = "now" if place == now else "done" if place < now and reached.get(place) else ""
        at = reached.get(place) if mark else None
        steps.append(Step(_name_of(request, place, now), mark, at, _due(request, place)))
    if request["state"] in FINISHED:
        steps[-1] = Step(steps[-1].words, "done", steps[-1].at)
    return steps


def _name_of(request: Request, place: int, now: int) -> str:
    """What a step is called: the present one by the state, unless that says no more than the step does."""
    plain = place != now or now == PROCESSING or request["state"] in ("verifying", "closed")
    return NAMES[place - 1] if plain else state_of(request).words


def _due(request: Request, place: int) -> str | None:
    waits = place == COMPLETION and state_of(request).step < COMPLETION
    return request.get("due_at") if waits else None


def _reached(request: Request) -> dict[int, str | None]:
    """When each step was reached: verification when it was passed, the others when they were entered last."""
    reached: dict[int, str | None] = {SUBMISSION: request.get("submitted_at")}
    for entry in request.get("history", ()):
        to = _reached_by(entry)
        if entry["action"] in PASSED:
            reached[VERIFICATION] = entry["at"]
        if to in STATES and STATES[to].step == PROCESSING:
            reached.setdefault(PROCESSING, entry["at"])
        if to in STATES and STATES[to].step == COMPLETION and entry["action"] not in QUIET:
            reached[COMPLETION] = entry["at"]
    return reached


def _reached_by(entry: Mapping[str, Any]) -> str:
    """The state after a step of the history."""
    return str(entry.get("to") or entry.get("state"))


PASSED = ("pass", "override")
QUIET = ("rate", "anonymise", "attach", "take_out_file", "add_evidence", "remove_file", "remind", "move_duplicate")
"""What leaves the state as it is."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A step of the history in words: as its citizen reads it, and as everybody else does."""

    yours: str
    others: str


def _same(text: str) -> Deed:
    return Deed(text, text)


DEEDS: dict[str, Deed] = {
    "submit": Deed(_("You filed it"), _("Filed")),
    "pass": _same(_("Checked: all conditions are met")),
    "need": _same(_("Checked: something has to be corrected")),
    "refuse": _same(_("Checked: the conditions are not met")),
    "correct": Deed(_("You corrected your answers"), _("Answers corrected")),
    "override": _same(_("An officer let it pass")),
    "route": _same(_("Sent to the department")),
    "accept": _same(_("Accepted by the department")),
    "question": Deed(_("The department asked you a question"), _("Question asked")),
    "answer": Deed(_("You answered"), _("Question answered")),
    "progress": _same(_("News from the department")),
    "transfer": _same(_("Passed on to another department")),
    "resolve": _same(_("Resolved")),
    "confirm": Deed(_("You confirmed that it is done"), _("Confirmed as done")),
    "dispute": Deed(_("You disputed the outcome"), _("Outcome disputed")),
    "reopen": _same(_("Opened again for the head of the department")),
    "appeal": Deed(_("You appealed"), _("Appeal filed")),
    "remit": _same(_("Appeal granted: the head of the department has to act")),
    "decide_appeal": _same(_("The appeal is over: the outcome stands")),
    "lapse": _same(_("Closed because no answer came in time")),
    "let_stand": _same(_("Closed: nobody disputed the outcome in time")),
    "close": _same(_("Closed")),
    "mark_duplicate": _same(_("Joined with another request about the same thing")),
    "move_duplicate": _same(_("Joined with the request that goes on")),
    "unmark_duplicate": _same(_("Taken out of the other request again")),
    "revive": _same(_("The other request has ended: this one goes on by itself")),
    "separate": Deed(_("You said that it is a thing of its own"), _("Taken out of the other request again")),
    "withdraw": Deed(_("You took it back"), _("Taken back")),
    "remind": Deed(_("We reminded you"), _("Reminder sent")),
    "rate": Deed(_("You rated it"), _("Rated")),
    "attach": Deed(_("You added a file"), _("File added")),
    "take_out_file": Deed(_("You removed a file"), _("File removed")),
    "add_evidence": _same(_("The department added a file")),
    "remove_file": _same(_("A file was removed because it is not safe")),
    "anonymise": _same(_("The name was taken out of it")),
}
"""Every action that a history can hold, those of the life cycle's table and those that leave the state as it is."""
FILED_BY_CLERK = _("A clerk filed it for you")
SENT_TO = _("Sent to %(department)s")
PASSED_ON_TO = _("Passed on to %(department)s")
RESOLVED_AS = {
    "granted": _("Resolved: granted"),
    "partly_granted": _("Resolved: granted in part"),
    "not_granted": _("Resolved: not granted"),
}
DOERS = {
    "clerk": _("A clerk, for you"),
    "officer": _("An officer"),
    "rules": _("Rabta, by the rules of this service"),
    "routing": _("Rabta, by the rules of this service"),
    "clock": _("Rabta, by the clock"),
    "authority": _("The appellate authority"),
}
"""Who took a step, where it was neither the citizen nor the department."""
BY_CITIZEN = Deed(_("You"), _("Whoever filed it"))
BY_DEPARTMENT = _("The department")


@dataclass(frozen=True, slots=True)
class Told:
    """A step of the history as it is shown. `title` may name `%(department)s`, which is then a code (or a name)."""

    title: str
    who: str
    department: str
    mine: bool
    entry: Mapping[str, Any]


def told_of(request: Request, *, own: bool) -> Iterator[Told]:
    """The history in words, newest first. A tracked one has neither doers nor departments."""
    place = ""
    told = []
    for entry in request["history"]:
        if entry["action"] == "close" and _reached_by(entry) not in FINISHED:
            continue  # an assignment was closed, and the request goes on elsewhere
        if entry["action"] == "route":
            place = entry.get("department") or place
        there = entry.get("department") or place
        mine = own and entry.get("who") == "citizen"
        told.append(Told(_title(entry, own), _doer(entry, own), there, mine, entry))
    return reversed(told)


def _title(entry: Mapping[str, Any], own: bool) -> str:
    action = entry["action"]
    if action == "submit" and entry.get("who") == "clerk":
        return FILED_BY_CLERK if own else DEEDS[action].others
    if action in ("route", "transfer") and entry.get("department"):
        return SENT_TO if action == "route" else PASSED_ON_TO
    if action == "resolve" and entry.get("outcome") in RESOLVED_AS:
        return RESOLVED_AS[entry["outcome"]]
    deed = DEEDS.get(action)
    if deed is None:
        return state_of({"state": _reached_by(entry)}).words
    return deed.yours if own else deed.others


def _doer(entry: Mapping[str, Any], own: bool) -> str:
    who = entry.get("who", "")
    if who == "citizen":
        return BY_CITIZEN.yours if own else BY_CITIZEN.others
    return DEPARTMENT if who == "department" else DOERS.get(who, "")
