"""Checks answers before filing; nothing is stored. Rules about the citizen, who is not known yet, count as met."""

from typing import Annotated, Any

from pydantic import Field

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.location import district_of
from services.requests.catalogue.models.catalogue import Code
from services.requests.catalogue.schemas import Checked, Destination
from services.requests.filing.service.drafts import DraftFiling, DraftPlace, missing_and_wrong, written_errors
from services.requests.request.models.attachment import MAX_IN_FILING
from services.requests.request.schemas import Check
from shared.jsonbody import Body


class Written(Body):
    """Place and answers so far, and the files to be sent with them."""

    place: DraftPlace = Field(default_factory=DraftPlace)
    answers: dict[str, Any] = Field(default_factory=dict)
    confidential: bool = False
    files: Annotated[int, Field(ge=0, le=MAX_IN_FILING)] = 0
    documents: Annotated[list[Code], Field(max_length=MAX_IN_FILING)] = Field(default_factory=list)
    """Codes of the charter's documents among the files."""


def foresee(checks: Checks, written: Written, language: str) -> Checked:
    """Missing and wrong fields; if there are none, the results of the rules and the department."""
    written.answers = checks.read(written.answers)
    filing = DraftFiling(
        service=checks.entry.code, place=written.place, answers=written.answers, confidential=written.confidential
    )
    missing, wrong = missing_and_wrong(written_errors(filing, checks, language))
    complete = not missing and not wrong
    result: Checked = {"missing": missing, "wrong": wrong, "complete": complete, "checks": [], "department": None}
    if complete:
        result["checks"] = _results(checks, written, language)
        result["department"] = _department(checks, written, language)
    return result


def _results(checks: Checks, written: Written, language: str) -> list[Check]:
    results = checks.run_rules(written.answers, _district(written), verified=True, identity="confirmed")
    others = max(0, written.files - len(written.documents))
    results += checks.documents(written.answers, _district(written), [*written.documents, *[None] * others])
    return [{"code": r.code, "passed": r.passed, "words": r.words[language]} for r in results]


def _department(checks: Checks, written: Written, language: str) -> Destination:
    rule = checks.entry.department_for({"district": _district(written), **checks.facts(written.answers)})
    return {"to": rule.to, "because": getattr(rule.because, language)}


def _district(written: Written) -> str:
    found = district_of(written.place)
    assert found is not None  # it was among the errors
    return found[0]
