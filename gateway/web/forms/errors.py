"""Error messages of answers, which say how to correct the answer.

The service says what is wrong. If the catalogue has its own message for that, it is shown; otherwise the message names
the limits of the question.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.web.forms.answers import DATE
from gateway.web.forms.schema import FormQuestion
from gateway.web.forms.steps import DISTRICT, ServiceForm
from gateway.web.words import Translator, _
from shared.errors import FieldError

KEYWORDS = {
    "required": {"required"},
    "too_short": {"minLength"},
    "too_long": {"maxLength"},
    "too_small": {"minimum", "exclusiveMinimum"},
    "too_big": {"maximum", "exclusiveMaximum"},
    "type": {"type"},
    "choice": {"enum", "const"},
    "format": {"pattern", "format"},
    "too_late": {"x-not-after"},
    "too_early": {"x-not-before"},
}
"""The keywords of a schema that cause each kind of error (services/requests/catalogue/eligibility.py)."""

CHOOSE = _("%(question)s: choose an answer")
REQUIRED = {
    "choice": CHOOSE,
    "list": CHOOSE,
    "yes": _("%(question)s: choose yes or no"),
    "number": _("%(question)s: write a number"),
    "date": _("%(question)s: give the day, month and year"),
}
BETWEEN = _("%(question)s: write a number from %(least)s to %(most)s")
TEXTS = {
    "too_short": _("%(question)s: write at least %(n)s letters"),
    "too_long": _("%(question)s: shorten it to %(n)s letters"),
    "too_small": BETWEEN,
    "too_big": BETWEEN,
    "choice": CHOOSE,
}


def field_of(error: FieldError) -> str:
    """The name of the field with the error: `/answers/place` is `answers.place`."""
    return error["pointer"].strip("/").replace("/", ".")


def field_messages(
    errors: Iterable[FieldError], form: ServiceForm, answers: Mapping[str, Any], words: Translator
) -> dict[str, str]:
    """The message of each field with an error; the first error of a field counts."""
    messages: dict[str, str] = {}
    for error in errors:
        field = field_of(error)
        messages.setdefault(field, _message(error, field, form, answers, words))
    return messages


def _message(error: FieldError, field: str, form: ServiceForm, answers: Mapping[str, Any], words: Translator) -> str:
    if field == DISTRICT and error["code"] in ("required", "district_unclear"):
        return words.say("Choose the district")
    question = form.question(field) if field.startswith("answers.") else None
    if question is None:
        return error["message"]
    if question.kind == "date" and error["code"] == "format" and not DATE.fullmatch(str(answers.get(question.name))):
        return words.say(
            "%(question)s: write day, month and year in numbers, such as 9, 3 and 2026",
            question=words.localised(question.title),
        )
    if KEYWORDS.get(error["code"], set()) & question.own_messages:
        return error["message"]
    return _general_message(question, error, words)


def _general_message(question: FormQuestion, error: FieldError, words: Translator) -> str:
    code, name = error["code"], words.localised(question.title)
    text = _text_about(question, code)
    if text is None:
        return f"{name}: {error['message']}"
    least, most = (words.number(n) if n is not None else "" for n in (question.minimum, question.maximum))
    letters = question.max_length if code == "too_long" else question.min_length
    return words.say(text, question=name, n=letters, least=least, most=most)


def _text_about(question: FormQuestion, code: str) -> str | None:
    match code:
        case "required":
            return REQUIRED.get(question.kind, _("%(question)s: write an answer"))
        case "type" if question.integer:
            return _("%(question)s: write a whole number in digits, such as 3")
        case "type" if question.kind == "number":
            return _("%(question)s: write a number in digits, such as 2.5")
        case "too_small" | "too_big" if question.maximum is None:
            return _("%(question)s: write a number of at least %(least)s")
        case "too_small" | "too_big" if question.minimum is None:
            return _("%(question)s: write a number of at most %(most)s")
    return TEXTS.get(code)
