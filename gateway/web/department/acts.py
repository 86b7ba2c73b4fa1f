"""The actions of a department: their forms, and the calls that they make. `act-words.html` has their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.department.opened import ASSIGNMENTS, REQUESTS, OpenedRequest
from gateway.web.forms.answers import read_date
from gateway.web.forms.form import Form
from gateway.web.portal import RefusedError
from gateway.web.words import Translator, _


@dataclass(frozen=True, slots=True)
class OfferedAct:
    """An action that a page may offer.

    `name` is the end of its address; `note` says afterwards what was done; `api` is the API's address for it; `fields`
    maps fields of the form to members of the body; `step` is its name in a history, if that differs from `name`.
    """

    name: str
    note: str
    api: str = ASSIGNMENTS
    fields: Mapping[str, str] | None = None
    step: str = ""
    codes: Mapping[str, str] | None = None
    """The field of each problem code that is about one field."""
    needed: Mapping[str, str] | None = None
    """The message for each field that must not be empty."""
    dates: tuple[str, ...] = ()
    """Fields that are a date in three parts."""
    path: str = ""
    """The end of the API's address, if that differs from `name`."""

    @property
    def field_names(self) -> dict[str, str]:
        """The fields by the API's pointers and codes."""
        pointers = {f"/{member}": field for field, member in (self.fields or {}).items()}
        return {**pointers, **(self.codes or {})}

    def refuse(self, form: Form, refused: RefusedError, words: Translator) -> None:
        """Show the errors at the fields; for an empty field, its message."""
        empty = [error["pointer"] for error in refused.errors if error["code"] in EMPTY_CODES] or [refused.code]
        for field in {self.field_names.get(name, "") for name in empty}:
            if self.needed and field in self.needed:
                form.add_error(field, words.say(self.needed[field]))
        form.refuse(refused, self.field_names)

    def body(self, form: Form) -> dict[str, str]:
        """The body of the call, without empty fields."""
        return {member: value for field, member in (self.fields or {}).items() if (value := self._value(form, field))}

    def typed(self, form: Form) -> list[str]:
        """The typed and chosen values."""
        return [value for field in self.fields or () if (value := self._value(form, field))]

    @property
    def text_field(self) -> str:
        """The field that the citizen reads, which a reply template can fill."""
        fields = self.fields or {}
        return next((field for field, member in fields.items() if member in TEMPLATED or field == "later"), "")

    def put_template(self, form: Form, templates: Sequence[Mapping[str, Any]]) -> None:
        """Put the chosen reply template into the text, after what is typed there; a script does it without a step."""
        chosen, _space, language = form.value("template").partition(" ")
        template = next((one for one in templates if one["id"] == chosen), None)
        if template and self.text_field and language in template["text"]:
            typed = form.value(self.text_field)
            form.set(self.text_field, "\n\n".join(filter(None, (typed, template["text"][language]))))
            form.set("template", "")

    def _value(self, form: Form, field: str) -> str:
        return (read_date(form, field) or "") if field in self.dates else form.value(field)

    def revision(self, opened: OpenedRequest) -> str:
        """The revision that the page shows, for If-Match."""
        return opened.revision if self.api == ASSIGNMENTS else opened.request_revision

    def steps(self, opened: OpenedRequest) -> Sequence[Mapping[str, Any]]:
        """The history to which this action adds a step."""
        if self.api == REQUESTS or opened.assignment is None:
            steps: Sequence[Mapping[str, Any]] = opened.request["history"]
            return steps
        return list(opened.assignment["history"])

    def is_done(self, step: Mapping[str, Any], form: Form, account: str) -> bool:
        """Whether a step is this action by this account, sent before."""
        typed = {value for member, value in self.body(form).items() if member in IN_HISTORY}
        recorded = {step.get("words"), step.get("reason"), step.get("outcome")}
        return step["action"] == (self.step or self.name) and step["by"] == account and typed <= recorded


EMPTY_CODES = ("required", "reason_needed", "words_needed")
"""Codes of errors about an empty field."""
TEMPLATED = ("question", "note", "reply")
"""Members of a body that a reply template can fill; a delay's reason is in the field `later`."""
IN_HISTORY = ("question", "note", "reply", "outcome", "reason")
"""Members of a body that the step in the history repeats."""
ACCEPT = OfferedAct("accept", _("You accepted the request. You work on it now."))
ASK = OfferedAct(
    "ask",
    _("Your question was sent. The due date is paused until the citizen answers."),
    fields={"question": "question"},
    needed={"question": _("Write your question.")},
    step="question",
)
PROGRESS = OfferedAct(
    "progress",
    _("Your report was sent to the citizen."),
    fields={"note": "note"},
    needed={"note": _("Write what was done.")},
)
DELAY = OfferedAct(
    "delay",
    _("The citizen was told the new date. The due date stays."),
    fields={"later": "reason", "until": "until"},
    needed={"later": _("Write why it takes longer."), "until": _("Write the new date.")},
    dates=("until",),
)
RESOLVE = OfferedAct(
    "resolve",
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
    _("The request was transferred. The other department has it now."),
    fields={"to": "to", "why": "reason"},
    needed={"to": _("Choose a department."), "why": _("Write why they are responsible.")},
)
ATTACH = OfferedAct("attach", _("The file was added. The citizen sees it too."), api=REQUESTS)
OVERRIDE = OfferedAct(
    "override",
    _("You let the request pass. It comes to your worklist in a moment."),
    api=REQUESTS,
    fields={"grounds": "reason"},
    needed={"grounds": _("Write why the checks do not count here.")},
)
MERGE = OfferedAct(
    "merge",
    _("The requests are joined. The citizen who filed this one hears about every step of the other."),
    api=REQUESTS,
    fields={"into": "into", "same": "reason"},
    codes={"merged-already": "into", "too-many-merged": "into"},
    needed={"into": _("Write the number of the other request."), "same": _("Write why it is the same thing.")},
    step="mark_duplicate",
)
UNMERGE = OfferedAct(
    "unmerge",
    _("The request is separate again."),
    api=REQUESTS,
    fields={"different": "reason"},
    needed={"different": _("Write why it is a separate matter.")},
    step="unmark_duplicate",
)
ACTS = {act.name: act for act in (OVERRIDE, ACCEPT, ASK, PROGRESS, RESOLVE, DELAY, TRANSFER, ATTACH, MERGE, UNMERGE)}

CLAIM = OfferedAct("claim", _("You are responsible for this request now."), step="assign")
ASSIGN = OfferedAct("assign", _("The request is assigned."), fields={"officer": "to"})
RELEASE = OfferedAct("release", _("Nobody is responsible for this request now."))
NOTE = OfferedAct(
    "note",
    _("Your note was added. No citizen and no other department sees it."),
    fields={"text": "text"},
    codes={"/mentions": "mentions"},
    needed={"text": _("Write your note.")},
    path="notes",
)
PART = OfferedAct(
    "part",
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
RECUSE = OfferedAct("recuse", _("Thank you. You do not see this request any more."), fields={"interested": "officer"})
OTHERS_INTEREST = _("The officer does not see this request any more.")
"""What a head is told who named an officer."""
INSIDE = {act.name: act for act in (CLAIM, ASSIGN, RELEASE, NOTE, PART, RECUSE)}
