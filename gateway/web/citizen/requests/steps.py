"""The steps that the holder of a request can take: the body of each call, and the note afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.web.forms.form import Form
from gateway.web.words import _


@dataclass(frozen=True, slots=True)
class CitizenStep:
    """A step. `body` makes the body of the call from the form; `note` says afterwards what was done.

    `words` is the member of the body with the typed text: a step in the history with the same text is this step, sent
    twice. With `once` any such step is, whatever was typed. `needs` are the messages for empty fields.
    """

    name: str
    note: str
    body: Callable[[Form], dict[str, Any]]
    words: str = "words"
    once: bool = False
    needs: Mapping[str, str] = field(default_factory=dict)

    def was_taken(self, request: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
        """Whether this step is in the history already."""
        taken = [entry for entry in request["history"] if entry["action"] == self.name and entry["who"] == "citizen"]
        if not taken:
            return False
        return self.once or taken[-1].get("words", "") == body.get(self.words, "")


def _rating(form: Form) -> dict[str, Any]:
    typed = form.value("rating")
    return {"rating": int(typed)} if typed in ("1", "2", "3", "4", "5") else {}


def _words(form: Form) -> dict[str, Any]:
    return {"words": form.value("words")} if form.value("words") else {}


ANSWER = CitizenStep(
    "answer",
    _("Your answer was sent. The department goes on with the work."),
    lambda form: {"answer": form.value("answer")},
    words="answer",
    needs={"answer": _("Write your answer.")},
)
TOLD_MORE = _("What you added has been sent. The department reads it with the other request.")
"""The note after the answer of a citizen whose request was merged."""
APPEAL = CitizenStep(
    "appeal",
    _("Your appeal was filed. It has a number of its own."),
    lambda form: {"grounds": form.value("grounds")},
    words="grounds",
    needs={"grounds": _("Write why the decision is wrong.")},
)
OTHERS = (
    CitizenStep("confirm", _("Thank you. You confirmed that it is done."), _rating, once=True),
    CitizenStep(
        "dispute",
        _("Your dispute was sent. The head of the department has to look at it again."),
        lambda form: {"reason": form.value("reason"), **_words(form)},
        needs={"reason": _("Choose what is wrong.")},
    ),
    CitizenStep(
        "rate",
        _("Thank you for your rating."),
        lambda form: _rating(form) | _words(form),
        once=True,
        needs={"rating": _("Choose how it went.")},
    ),
    CitizenStep("withdraw", _("You took the request back."), _words, once=True),
    CitizenStep(
        "separate",
        _("The department has it again as a request of its own."),
        lambda form: {"reason": form.value("reason")},
        words="reason",
        needs={"reason": _("Write why it is about something else.")},
    ),
)
