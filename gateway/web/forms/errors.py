"""Error messages of answers, which say how to correct the answer.

The service says what is wrong. If the catalogue has its own message for that, it is shown; otherwise the message names
the limits of the question.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.web.forms.answers import DATE
from gateway.web.forms.schema import FormQuestion
from gateway.web.forms.steps import DISTRICT, ServiceForm
from gateway.web.words import Translator
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
    name = words.localised(question.title)
    match error["code"]:
        case "required":
            return _required_message(question, name, words)
        case "too_short":
            return words.say("%(question)s: write at least %(n)s letters", question=name, n=question.min_length)
        case "too_long":
            return words.say("%(question)s: shorten it to %(n)s letters", question=name, n=question.max_length)
        case "too_small" | "too_big":
            return _bounds_message(question, name, words)
        case "type" if question.integer:
            return words.say("%(question)s: write a whole number in digits, such as 3", question=name)
        case "type" if question.kind == "number":
            return words.say("%(question)s: write a number in digits, such as 2.5", question=name)
        case "choice":
            return words.say("%(question)s: choose an answer", question=name)
    return f"{name}: {error['message']}"


def _required_message(question: FormQuestion, name: str, words: Translator) -> str:
    match question.kind:
        case "choice" | "list":
            return words.say("%(question)s: choose an answer", question=name)
        case "yes":
            return words.say("%(question)s: choose yes or no", question=name)
        case "number":
            return words.say("%(question)s: write a number", question=name)
        case "date":
            return words.say("%(question)s: give the day, month and year", question=name)
    return words.say("%(question)s: write an answer", question=name)


def _bounds_message(question: FormQuestion, name: str, words: Translator) -> str:
    least, most = (words.number(n) if n is not None else None for n in (question.minimum, question.maximum))
    if least is not None and most is not None:
        return words.say(
            "%(question)s: write a number from %(least)s to %(most)s", question=name, least=least, most=most
        )
    if least is not None:
        return words.say("%(question)s: write a number of at least %(least)s", question=name, least=least)
    return words.say("%(question)s: write a number of at most %(most)s", question=name, most=most)
