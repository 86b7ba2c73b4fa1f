"""What a department does with a request: each act has an address of its own, which shows its form and takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.department.opened import ASSIGNMENTS, REQUESTS, Opened
from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError
from gateway.web.words import Translator, _


@dataclass(frozen=True, slots=True)
class OfferedAct:
    """One of the things that can be done.

    `name` is its address and, unless `allowed` says otherwise, its name among the API's `actions`; `door` is where the
    API takes it, `fields` what of the form goes into which member of the body, `step` what it is called in a history.
    """

    name: str
    words: str
    hint: str
    icon: str
    note: str
    door: str = ASSIGNMENTS
    fields: Mapping[str, str] | None = None
    step: str = ""
    allowed: str = ""
    codes: Mapping[str, str] | None = None
    """Problems that are about one field, by their codes."""
    needed: Mapping[str, str] | None = None
    """What to say where a field is empty."""

    @property
    def action(self) -> str:
        """Its name among the API's `actions`."""
        return self.allowed or self.name

    @property
    def names(self) -> dict[str, str]:
        """The fields that the API's pointers and codes are about."""
        pointers = {f"/{member}": field for field, member in (self.fields or {}).items()}
        return {**pointers, **(self.codes or {})}

    def refuse(self, form: Form, refused: RefusedError, words: Translator) -> None:
        """Say what is wrong with the form; of an empty field, what belongs there."""
        empty = [error["pointer"] for error in refused.errors if error["code"] in NEEDED] or [refused.code]
        for field in {self.names.get(name, "") for name in empty}:
            if self.needed and field in self.needed:
                form.add_error(field, words.say(self.needed[field]))
        form.refuse(refused, self.names)

    def body(self, form: Form) -> dict[str, str]:
        """What the API is told; what was left empty is not told."""
        return {member: value for field, member in (self.fields or {}).items() if (value := form.value(field))}

    def typed(self, form: Form) -> list[str]:
        """What somebody wrote or chose."""
        return [value for field in self.fields or () if (value := form.value(field))]

    def revision(self, opened: Opened) -> str:
        """The revision that the page shows, for the API to compare."""
        return opened.revision if self.door == ASSIGNMENTS else opened.tag

    def steps(self, opened: Opened) -> Sequence[Mapping[str, Any]]:
        """The history in which this act leaves a step."""
        if self.door == REQUESTS or opened.assignment is None:
            steps: Sequence[Mapping[str, Any]] = opened.request["history"]
            return steps
        return list(opened.assignment["history"])

    def is_done(self, step: Mapping[str, Any], form: Form, account: str) -> bool:
        """Whether a step is this very act of this person, so that there is nothing left to do."""
        said = [
            value for field, member in (self.fields or {}).items() if member in SAID and (value := form.value(field))
        ]
        known = {"", step.get("words"), step.get("reason"), step.get("outcome")}
        return step["action"] == (self.step or self.name) and step["by"] == account and known.issuperset(said)


NEEDED = ("required", "reason_needed", "words_needed")
"""What the API says of a field that was left empty."""
SAID = ("question", "note", "reply", "outcome", "reason")
"""Members of a body that a step tells again."""
ACCEPT = OfferedAct(
    "accept", _("Accept"), _("You work on it from now on."), "check", _("You accepted the request. You work on it now.")
)
ASK = OfferedAct(
    "ask",
    _("Ask the citizen"),
    _("The due date is paused until the answer."),
    "bubble",
    _("Your question was sent. The due date is paused until the citizen answers."),
    fields={"question": "question"},
    needed={"question": _("Write your question.")},
    step="question",
)
PROGRESS = OfferedAct(
    "progress",
    _("Report progress"),
    _("The citizen reads what was done."),
    "n-half",
    _("Your report was sent to the citizen."),
    fields={"note": "note"},
    needed={"note": _("Write what was done.")},
)
RESOLVE = OfferedAct(
    "resolve",
    _("Resolve"),
    _("An outcome, and a reply to the citizen."),
    "flag",
    _("The request is resolved. The citizen was told, and has the last word."),
    fields={"outcome": "outcome", "reason": "reason", "reply": "reply"},
    codes={"evidence-needed": "evidence"},
    needed={
        "outcome": _("Choose an outcome."),
        "reason": _("Choose why it was not granted, or only in part."),
        "reply": _("Write your reply to the citizen."),
        "evidence": _("Choose a photo that shows what was done."),
    },
)
TRANSFER = OfferedAct(
    "transfer",
    _("Transfer"),
    _("To the department that is responsible. The due date stays."),
    "swap",
    _("The request was transferred. The other department has it now."),
    fields={"to": "to", "why": "reason"},
    needed={"to": _("Choose a department."), "why": _("Write why they are responsible.")},
)
ATTACH = OfferedAct(
    "attach",
    _("Add a file"),
    _("A photo of the work, or a document."),
    "camera",
    _("The file was added. The citizen sees it too."),
    door=REQUESTS,
)
OVERRIDE = OfferedAct(
    "override",
    _("Let it pass"),
    _("The checks do not count here, and you say why."),
    "check",
    _("You let the request pass. It comes to your worklist in a moment."),
    door=REQUESTS,
    fields={"grounds": "reason"},
    needed={"grounds": _("Write why the checks do not count here.")},
)
MERGE = OfferedAct(
    "merge",
    _("Join with another request"),
    _("When both are about the same thing."),
    "people",
    _("The requests are joined. The citizen who filed this one hears about every step of the other."),
    door=REQUESTS,
    fields={"into": "into", "same": "reason"},
    codes={"merged-already": "into", "too-many-merged": "into"},
    needed={"into": _("Write the number of the other request."), "same": _("Write why it is the same thing.")},
    step="mark_duplicate",
)
UNMERGE = OfferedAct(
    "unmerge",
    _("Separate it again"),
    _("When it is a separate matter."),
    "refresh",
    _("The request stands by itself again."),
    door=REQUESTS,
    fields={"different": "reason"},
    needed={"different": _("Write why it is a separate matter.")},
    step="unmark_duplicate",
)
ACTS = {act.name: act for act in (OVERRIDE, ACCEPT, ASK, PROGRESS, RESOLVE, TRANSFER, ATTACH, MERGE, UNMERGE)}
