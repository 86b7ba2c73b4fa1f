"""Verification: the form is checked field by field, then the service's rules one by one.

Validators are compiled once for each catalogue entry and run in microseconds.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import jsonschema_rs

from services.requests.catalogue.models.answers import about_answers, empty_texts, spelled
from services.requests.catalogue.models.catalogue import CatalogueEntry, Document, rule_of
from services.requests.catalogue.models.dates import BOUNDS, broken_bounds, day_of, times_since
from services.requests.catalogue.models.forms import compile_schema
from services.requests.catalogue.models.routing_words import RoutingWords
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from shared import events
from shared.clock import utc_now
from shared.errors import LANGUAGES, MAX_ERRORS, FieldError, field_error, pointer_of
from shared.records import Records

NAMES_DEPARTMENT = "names_department"
"""The question that says which department a complaint is about; that one must neither have nor see it."""
FIELD_CODES = {
    "required": "required",
    "additionalProperties": "unknown",
    "minLength": "too_short",
    "maxLength": "too_long",
    "minItems": "too_short",
    "maxItems": "too_long",
    "minimum": "too_small",
    "exclusiveMinimum": "too_small",
    "maximum": "too_big",
    "exclusiveMaximum": "too_big",
    "type": "type",
    "enum": "choice",
    "const": "choice",
    "pattern": "format",
    "format": "format",
}
DOCUMENT_THERE = {"en": "It is there: {document}", "ur": "موجود ہے: {document}"}
DOCUMENT_MISSING = {"en": "Add this document: {document}", "ur": "یہ دستاویز شامل کریں: {document}"}
FILES_THERE = {"en": "The files are there.", "ur": "فائلیں موجود ہیں۔"}
FILES_MISSING = {
    "en": "Add photos or PDF files: {required} are needed.",
    "ur": "تصویریں یا PDF فائلیں شامل کریں: {required} درکار ہیں۔",
}
FILES = "documents"
"""The code of the rule that requires a number of files of any kind."""
UNVERIFIED = "unverified"
MAX_VALUES = 1000
"""Answers with more values are refused: listing thousands of errors would take a second."""
ACTION_AFTER = {"information_needed": "need", "ineligible": "refuse"}


@dataclass(frozen=True)
class RuleResult:
    """The result of a rule, with its text in both languages."""

    code: str
    passed: bool
    otherwise: str
    words: dict[str, str]


class Checks:
    """The compiled form and rules of one catalogue entry."""

    def __init__(self, entry: CatalogueEntry) -> None:
        self.entry = entry
        self._form = compile_schema(entry.form)
        self._schemas = [entry.form, *(about_answers(rule.requires) for rule in entry.eligibility)]
        self._bounded = {
            name: field for name, field in entry.form.get("properties", {}).items() if BOUNDS.keys() & field.keys()
        }
        self._rules = [(rule, compile_schema(rule.requires)) for rule in entry.eligibility]
        self._routing_words = RoutingWords(entry.form)
        self._documents = [(one, compile_schema(one.when or {})) for one in entry.documents.values()]
        self.asks_identity = any('"identity"' in json.dumps(rule.requires) for rule in entry.eligibility)
        """Whether a rule may read the registry's verdict on the citizen, which costs a read."""

    def read(self, answers: dict[str, Any]) -> dict[str, Any]:
        """The answers in their normal spelling, as the rules read them and as they are stored."""
        read: dict[str, Any] = spelled(answers, self._schemas)
        return read

    def form_errors(self, answers: dict[str, Any], language: str, today: date | None = None) -> list[FieldError]:
        """Field errors of answers given on a day, without values; pointers start at /answers."""
        if len(list(islice(_values(answers), MAX_VALUES + 1))) > MAX_VALUES:
            return [field_error("/answers", "too_long", language)]
        errors: list[FieldError] = []
        for error in self._form.iter_errors(answers):
            errors.extend(self._field_errors(error, language))
            if len(errors) >= MAX_ERRORS:
                break
        errors += self._date_errors(answers, today or day_of(utc_now()), language)
        return [*errors, *self._empty_texts(answers, errors, language)][:MAX_ERRORS]

    def run_rules(
        self,
        answers: dict[str, Any],
        district: str,
        *,
        verified: bool,
        identity: str = UNVERIFIED,
        today: date | None = None,
    ) -> list[RuleResult]:
        """The results of all declared rules, in order, for a filing of that day."""
        instance = {**_rule_input(answers, district, today), "citizen": {"verified": verified, "identity": identity}}
        results = []
        for rule, validator in self._rules:
            passed = validator.is_valid(instance)
            words = rule.passed if passed else rule.failed
            results.append(RuleResult(rule.code, passed, rule.otherwise, words.model_dump()))
        return results

    def documents(
        self, answers: dict[str, Any], district: str, files: Sequence[str | None], *, today: date | None = None
    ) -> list[RuleResult]:
        """For each required document, whether one of the files is that document."""
        rule_input = _rule_input(answers, district, today)
        required = [document for document, validator in self._documents if validator.is_valid(rule_input)]
        return [*(_document_result(document, files) for document in required), *self._enough_files(len(files))]

    def _enough_files(self, files: int) -> list[RuleResult]:
        """Whether there are enough files; no result if the service requires no number."""
        required = self.entry.attachments.required
        if not required:
            return []
        passed = files >= required
        texts = FILES_THERE if passed else FILES_MISSING
        return [_result(FILES, passed, texts, required=dict.fromkeys(LANGUAGES, str(required)))]

    def facts(self, answers: dict[str, Any]) -> dict[str, str | int | bool]:
        """What routing rules may read: closed answers, and which declared words are in a text."""
        facts = {name: answers[name] for name in self.entry.fact_names if name in answers}
        # JSON Schema accepts 2.0 as an integer; routing rules compare with 2.
        closed = {name: int(fact) if isinstance(fact, float) else fact for name, fact in facts.items()}
        return {**self._routing_words.found(answers), **closed}

    def _date_errors(self, answers: dict[str, Any], today: date, language: str) -> Iterator[FieldError]:
        for name, question in self._bounded.items():
            for keyword, code in broken_bounds(question, answers.get(name), today):
                error = field_error(_pointer([name]), code, language)
                own = self._own_words([name], keyword, language)
                yield error | {"message": own} if own else error

    def _empty_texts(self, answers: dict[str, Any], found: list[FieldError], language: str) -> Iterator[FieldError]:
        reported = tuple(f"{error['pointer']}/" for error in found)
        for pointer in empty_texts(answers, self.entry.form, ("answers",)):
            if not f"{pointer}/".startswith(reported):
                yield field_error(pointer, "words_needed", language)

    def _field_errors(self, error: jsonschema_rs.ValidationError, language: str) -> list[FieldError]:
        keyword = str(error.schema_path[-1]) if error.schema_path else ""
        path = [str(part) for part in error.instance_path]
        code = FIELD_CODES.get(keyword, "invalid")
        if keyword == "required":
            path.append(str(getattr(error.kind, "property", "")))
        if keyword == "additionalProperties":
            return [
                field_error(_pointer([*path, name]), code, language)
                for name in list(getattr(error.kind, "unexpected", []))[:5]
            ]
        entry = field_error(_pointer(path), code, language)
        own = self._own_words(path, keyword, language)
        return [entry | {"message": own}] if own else [entry]

    def _own_words(self, path: list[str], keyword: str, language: str) -> str | None:
        schema: dict[str, Any] = self.entry.form
        for part in path:
            below = schema.get("properties", {}).get(part) or schema.get("items")
            schema = below if isinstance(below, dict) else {}
        words: str | None = schema.get("x-messages", {}).get(keyword, {}).get(language)
        return words


def verify(
    request: Request, checks: Checks, answers: dict[str, Any], *, verified: bool, identity: str = UNVERIFIED
) -> list[RuleResult]:
    """Run the rules on a submitted request and take the edge for their results.

    `verified`: whether the citizen's account was opened with a code; `identity`: the registry's verdict.
    """
    results = results_of(request, checks, answers, documents_of(request), verified=verified, identity=identity)
    failed = [result.otherwise for result in results if not result.passed]
    action = "pass"
    if failed:
        action = ACTION_AFTER["ineligible" if "ineligible" in failed else "information_needed"]
    request.facts = checks.facts(answers)
    request.take(action, ActorKind.RULES, utc_now(), results=recorded(results))
    if failed:
        department = checks.entry.department_for({"district": request.district, **request.facts}).to
        request.intended = department if request.facts.get(NAMES_DEPARTMENT) != department else None
    assert request.state in (State.VERIFYING, State.INFORMATION_NEEDED, State.INELIGIBLE)
    return results


def results_of(
    request: Request,
    checks: Checks,
    answers: dict[str, Any],
    files: Sequence[str | None],
    *,
    verified: bool,
    identity: str = UNVERIFIED,
) -> list[RuleResult]:
    """The results of the rules for a request with these files, as of the day it was filed."""
    today = day_of(request.submitted_at) if request.history else None
    results = checks.run_rules(answers, request.district, verified=verified, identity=identity, today=today)
    return results + checks.documents(answers, request.district, files, today=today)


def documents_of(request: Request) -> list[str | None]:
    """The document that each of the citizen's files is."""
    return [entry.get("document") for entry in request.attachments if entry["kind"] == "attachment"]


def recorded(results: Sequence[RuleResult]) -> list[dict[str, Any]]:
    """Results as stored in the history."""
    return [{"code": r.code, "passed": r.passed, "words": r.words} for r in results]


def _rule_input(answers: dict[str, Any], district: str, today: date | None) -> dict[str, Any]:
    """The input of rules, except for the citizen."""
    return {"answers": answers, "district": district, **times_since(answers, today or day_of(utc_now()))}


def _document_result(document: Document, files: Sequence[str | None]) -> RuleResult:
    passed = document.code in files
    texts, names = DOCUMENT_THERE if passed else DOCUMENT_MISSING, {"en": document.en, "ur": document.ur}
    return _result(rule_of(document.code or ""), passed, texts, document=names)


def _result(code: str, passed: bool, texts: dict[str, str], **values: dict[str, str]) -> RuleResult:
    """A result about files, with the value filled into its texts."""
    [(name, value)] = values.items()
    words = {language: text.replace(f"{{{name}}}", value[language]) for language, text in texts.items()}
    return RuleResult(code, passed, "information_needed", words)


def _values(value: Any) -> Iterator[Any]:
    """Every value in an answer, at any depth."""
    if isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield part
            yield from _values(part)


def _pointer(path: list[str]) -> str:
    return pointer_of(["answers", *(part[:60] for part in path)])


def filed_event(
    kind: type[events.RequestSubmitted] | type[events.RequestCorrected], request: Request, results: list[RuleResult]
) -> events.RequestFiled:
    """The event of a filing or a correction, with ids and closed answers only, no free text."""
    failed = [result.code for result in results if not result.passed]
    return kind.model_validate({**filed_fields(request), "failed_rules": failed})


def filed_fields(request: Request) -> dict[str, Any]:
    """The fields of every event that leads to routing."""
    return {
        "citizen_id": request.citizen_id,
        "service": request.service,
        "service_version": request.service_version,
        "kind": request.kind,
        "district": request.district,
        "facts": request.facts,
        "state": request.state,
        "channel": request.channel,
        "point": request.sealed_point,
    }


async def identity_of(citizens: Records[CitizenReplica], citizen_id: str, checks: Checks) -> str:
    """The registry's verdict on a citizen, read only if a rule may use it."""
    citizen = await citizens.get(citizen_id) if checks.asks_identity else None
    return citizen.identity if citizen is not None else UNVERIFIED
