"""Checking a request: its form field by field, then the service's rules one by one, in words to act on.

Validators are compiled once for each catalogue entry and run in microseconds.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jsonschema_rs

from services.requests.models.catalogue import CatalogueEntry
from services.requests.models.forms import compile_schema
from services.requests.models.lifecycle import State, Who
from services.requests.models.request import Request
from shared.clock import utc_now
from shared.errors import MOST_ERRORS, FieldError, field_error

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
DOCUMENTS_THERE = {"en": "The documents are attached.", "ur": "دستاویزات منسلک ہیں۔"}
DOCUMENTS_MISSING = {
    "en": "Attach {required} documents (pictures or PDF), then send your answers again.",
    "ur": "{required} دستاویزات (تصویریں یا PDF) منسلک کریں، پھر اپنے جوابات دوبارہ بھیجیں۔",
}
UNVERIFIED = "unverified"
MOST_VALUES = 1000
"""So many values and no more are looked at in answers: finding each of thousands wrong takes a second."""
STATE_AFTER = {"information_needed": "need", "ineligible": "refuse"}


@dataclass(frozen=True)
class RuleResult:
    """How one rule ended, with its words in both languages."""

    code: str
    passed: bool
    otherwise: str
    words: dict[str, str]


class Checks:
    """The compiled form and rules of one catalogue entry."""

    def __init__(self, entry: CatalogueEntry) -> None:
        self.entry = entry
        self._form = compile_schema(entry.form)
        self._rules = [(rule, compile_schema(rule.requires)) for rule in entry.eligibility]
        self.asks_identity = any('"identity"' in json.dumps(rule.requires) for rule in entry.eligibility)
        """Whether a rule may look at what the registry of identities said, which costs a read."""

    def form_errors(self, answers: dict[str, Any], language: str) -> list[FieldError]:
        """Field errors of the answers; pointers start at /answers. Never a value of theirs."""
        if len(list(islice(_values(answers), MOST_VALUES + 1))) > MOST_VALUES:
            return [field_error("/answers", "too_long", language)]
        errors: list[FieldError] = []
        for error in self._form.iter_errors(answers):
            errors.extend(self._field_errors(error, language))
            if len(errors) >= MOST_ERRORS:
                break
        return errors[:MOST_ERRORS]

    def run_rules(
        self, answers: dict[str, Any], district: str, *, verified: bool, identity: str = UNVERIFIED
    ) -> list[RuleResult]:
        """The result of every declared rule, in order."""
        instance = {"answers": answers, "district": district, "citizen": {"verified": verified, "identity": identity}}
        results = []
        for rule, validator in self._rules:
            passed = validator.is_valid(instance)
            words = rule.passed if passed else rule.failed
            results.append(RuleResult(rule.code, passed, rule.otherwise, words.model_dump()))
        return results

    def documents(self, files: int) -> list[RuleResult]:
        """Whether the files are there that the service asks for; nothing where it asks for none."""
        required = self.entry.attachments.required
        if not required:
            return []
        passed = files >= required
        texts = DOCUMENTS_THERE if passed else DOCUMENTS_MISSING
        words = {language: text.replace("{required}", str(required)) for language, text in texts.items()}
        return [RuleResult("documents", passed, "information_needed", words)]

    def facts(self, answers: dict[str, Any]) -> dict[str, str | int | bool]:
        """The answers that routing may look at."""
        told = {name: answers[name] for name in self.entry.fact_names if name in answers}
        # To JSON Schema 2.0 is a whole number; to rules of routing only 2 is 2.
        return {name: int(fact) if isinstance(fact, float) else fact for name, fact in told.items()}

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
    """Run the rules on a submitted request and take the edge that their results call for.

    `verified` is whether its citizen opened the account with a code, `identity` what the registry of identities said.
    """
    results = checks.run_rules(answers, request.district, verified=verified, identity=identity)
    results += checks.documents(len(request.attachments))
    failed = [result.otherwise for result in results if not result.passed]
    action = "pass"
    if failed:
        action = STATE_AFTER["ineligible" if "ineligible" in failed else "information_needed"]
    recorded = [{"code": r.code, "passed": r.passed, "words": r.words} for r in results]
    request.facts = checks.facts(answers)
    request.take(action, Who.RULES, utc_now(), results=recorded)
    if failed:
        request.intended = checks.entry.department_for({"district": request.district, **request.facts}).to
    assert request.state in (State.VERIFYING, State.INFORMATION_NEEDED, State.INELIGIBLE)
    return results


def _values(value: Any) -> Iterator[Any]:
    """Everything that stands in an answer, whatever it stands in."""
    if isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield part
            yield from _values(part)


def _pointer(path: list[str]) -> str:
    return "/answers" + "".join("/" + part.replace("~", "~0").replace("/", "~1")[:60] for part in path)
