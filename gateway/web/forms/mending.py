"""What is wrong with an answer, in words that say how to mend it.

The service says what is wrong; where the catalogue has words of its own for it they are shown as they are, and else
the question's own bounds are named.
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
"""The keywords of a schema that each kind of error comes from (services/requests/catalogue/eligibility.py)."""


def field_of(error: FieldError) -> str:
    """The name of the field that an error is about: `/answers/place` is `answers.place`."""
    return error["pointer"].strip("/").replace("/", ".")


def mended(
    errors: Iterable[FieldError], form: ServiceForm, answers: Mapping[str, Any], words: Translator
) -> dict[str, str]:
    """Words for each field with an error; the first error of a field counts."""
    told: dict[str, str] = {}
    for error in errors:
        field = field_of(error)
        told.setdefault(field, _told(error, field, form, answers, words))
    return told


def _told(error: FieldError, field: str, form: ServiceForm, answers: Mapping[str, Any], words: Translator) -> str:
    if field == DISTRICT and error["code"] in ("required", "district_unclear"):
        return words.say("Choose the district")
    question = form.question(field) if field.startswith("answers.") else None
    if question is None:
        return error["message"]
    if question.kind == "date" and error["code"] == "format" and not DATE.fullmatch(str(answers.get(question.name))):
        return words.say(
            "%(question)s: write day, month and year in numbers, such as 9, 3 and 2026",
            question=words.own(question.title),
        )
    if KEYWORDS.get(error["code"], set()) & question.own:
        return error["message"]
    return _how_to_answer(question, error, words)


def _how_to_answer(question: FormQuestion, error: FieldError, words: Translator) -> str:
    name = words.own(question.title)
    match error["code"]:
        case "required":
            return _to_answer(question, name, words)
        case "too_short":
            return words.say("%(question)s: write at least %(n)s letters", question=name, n=question.shortest)
        case "too_long":
            return words.say("%(question)s: shorten it to %(n)s letters", question=name, n=question.longest)
        case "too_small" | "too_big":
            return _bounds(question, name, words)
        case "type" if question.whole:
            return words.say("%(question)s: write a whole number in digits, such as 3", question=name)
        case "type" if question.kind == "number":
            return words.say("%(question)s: write a number in digits, such as 2.5", question=name)
        case "choice":
            return words.say("%(question)s: choose an answer", question=name)
    return f"{name}: {error['message']}"


def _to_answer(question: FormQuestion, name: str, words: Translator) -> str:
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


def _bounds(question: FormQuestion, name: str, words: Translator) -> str:
    least, most = (words.number(n) if n is not None else None for n in (question.least, question.most))
    if least is not None and most is not None:
        return words.say(
            "%(question)s: write a number from %(least)s to %(most)s", question=name, least=least, most=most
        )
    if least is not None:
        return words.say("%(question)s: write a number of at least %(least)s", question=name, least=least)
    return words.say("%(question)s: write a number of at most %(most)s", question=name, most=most)
