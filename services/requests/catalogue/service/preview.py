"""Previews a version with sample answers: the checks a citizen would see, and the department. Nothing is stored."""

from typing import Annotated, Any

from pydantic import Field

from services.requests.catalogue.eligibility import Checks, verify
from services.requests.catalogue.schemas import Tried
from services.requests.catalogue.tables import districts
from services.requests.request.models.request import Request
from shared.errors import FieldError, field_error
from shared.jsonbody import Body


class Sample(Body):
    """Sample answers and a district."""

    answers: dict[str, Any]
    district: Annotated[str, Field(max_length=60)]


def try_out(checks: Checks, sample: Sample, language: str) -> Tried:
    """Run form, rules and routing as for a real filing: errors of the form, or results of rules and the department."""
    entry = checks.entry.model_dump(exclude_none=True)
    sample.answers = checks.read(sample.answers)
    errors = [*_district_errors(checks, sample, language), *checks.form_errors(sample.answers, language)]
    if errors:
        return Tried(errors=errors, state=None, checks=[], department=None, entry=entry)
    # Documents count as sent: the preview is about form and rules.
    sent = [{"kind": "attachment", "document": code} for code in checks.entry.documents]
    request = Request(id="", district=sample.district, attachments=sent)
    results = verify(request, checks, sample.answers, verified=True, identity="confirmed")
    rule = checks.entry.department_for({"district": sample.district, **request.facts})
    return Tried(
        errors=[],
        state=request.state,
        checks=[{"code": r.code, "passed": r.passed, "words": r.words[language]} for r in results],
        department={"to": rule.to, "because": getattr(rule.because, language)},
        entry=entry,
    )


def _district_errors(checks: Checks, sample: Sample, language: str) -> list[FieldError]:
    offered = checks.entry.districts or districts()
    return [] if sample.district in offered else [field_error("/district", "district", language)]
