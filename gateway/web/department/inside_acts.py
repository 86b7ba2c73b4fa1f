"""Actions inside a department: taking, assigning, noting, asking for parts, and stepping back."""

from gateway.web.department.acts import OfferedAct
from gateway.web.words import _

CLAIM = OfferedAct(
    "claim",
    _("Take it"),
    _("You are responsible for it. Colleagues may act all the same."),
    "person",
    _("You are responsible for this request now."),
    step="assign",
)
ASSIGN = OfferedAct(
    "assign",
    _("Assign it"),
    _("To a colleague, who is told."),
    "people",
    _("The request is assigned."),
    fields={"officer": "to"},
)
RELEASE = OfferedAct(
    "release",
    _("Give it back"),
    _("Nobody is responsible for it then."),
    "refresh",
    _("Nobody is responsible for this request now."),
)
NOTE = OfferedAct(
    "note",
    _("Write a note"),
    _("For your colleagues only. No citizen sees it."),
    "doc",
    _("Your note was added. No citizen and no other department sees it."),
    fields={"text": "text"},
    codes={"/mentions": "mentions"},
    needed={"text": _("Write your note.")},
    path="notes",
)
PART = OfferedAct(
    "part",
    _("Ask another department for a part"),
    _("Your request waits until the part is done."),
    "swap",
    _("The other department was asked. You see here when it is done."),
    fields={"department": "department", "task": "task", "day": "due"},
    needed={
        "department": _("Choose a department."),
        "task": _("Write what it should do."),
        "day": _("Write the day by which you need it."),
    },
    dates=("day",),
    path="parts",
    step="ask_part",
)
RECUSE = OfferedAct(
    "recuse",
    _("I have an interest in it"),
    _("You do not see it any more; others decide."),
    "cross",
    _("Thank you. You do not see this request any more."),
    fields={"interested": "officer"},
)
OTHERS_INTEREST = _("The officer does not see this request any more.")
"""What a head is told who named an officer."""
INSIDE = {act.name: act for act in (CLAIM, ASSIGN, RELEASE, NOTE, PART, RECUSE)}
AT_ONCE = (CLAIM, RELEASE)
"""Actions without a form."""
