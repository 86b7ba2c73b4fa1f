"""A catalogue entry: a service's form, rules, times and departments.

It comes from a YAML file or the admin API; errors are reported by pointer.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, model_validator

from services.requests.catalogue.models.forms import form_mistakes, schema_mistakes
from services.requests.catalogue.models.routing_words import RoutingWords
from services.requests.request.models.attachment import MAX_IN_FILING, USUAL_IN_FILING
from shared.errors import Mistake, MistakesError
from shared.rules import conditions_hold
from shared.spelling import AS_TEXT

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=3, max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000), AS_TEXT]
Keyword = Annotated[str, StringConstraints(min_length=2, max_length=60), AS_TEXT]


class Strict(BaseModel):
    """A frozen model without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Strict):
    """One text in both languages."""

    en: Text
    ur: Text


class Fee(Strict):
    """The fee in Pakistani rupees."""

    amount: Annotated[int, Field(ge=0, le=10_000_000)]
    note: Words | None = None


class Document(Words):
    """A document that a citizen needs. One with a code must be sent as a file before the request is routed."""

    code: Code | None = None
    when: dict[str, Any] | None = None
    """A JSON Schema over the input of rules; the document is required only if it holds."""
    kinds: Annotated[list[Literal["picture", "pdf"]], Field(min_length=1)] = ["picture", "pdf"]

    def takes(self, media_type: str) -> bool:
        """Whether a file of this type may be this document."""
        return ("picture" if media_type.startswith("image/") else "pdf") in self.kinds


class Charter(Strict):
    """The citizen's charter of the service, shown before applying."""

    who: Words
    documents: list[Document] = []
    fee: Fee
    officer: Words
    appellate_authority: Words
    source: Text


class Duration(Strict):
    """A time limit in days or hours, in working time or by the clock."""

    days: Annotated[int, Field(gt=0, le=400)] | None = None
    hours: Annotated[int, Field(gt=0, le=2000)] | None = None
    calendar: Literal["working", "elapsed"]

    @model_validator(mode="after")
    def _one_of_both(self) -> "Duration":
        if (self.days is None) == (self.hours is None):
            raise ValueError("give either days or hours")
        return self


class EscalationLevel(Strict):
    """An official to whom an overdue request is escalated: `after` the due date, or at once."""

    to: Literal["head", "organisation"]
    after: Duration | None = None


class DueLimit(Duration):
    """The time limit for resolving a request, and the escalation after it; without `escalate` the default one."""

    escalate: Annotated[list[EscalationLevel], Field(max_length=10)] | None = None


class DepartmentRule(Strict):
    """Route `to` this department if every fact in `when` has one of its values; without `when` always."""

    when: dict[str, list[str | int | bool]] | None = None
    to: Code
    because: Words


class EligibilityRule(Strict):
    """A rule of verification: a JSON Schema over {"answers", "district", "citizen"}."""

    code: Code
    requires: dict[str, Any]
    otherwise: Literal["information_needed", "ineligible"]
    passed: Words
    failed: Words


class AttachmentRule(Strict):
    """How many files may be sent with a filing, and how many must be; until then the request waits for its citizen."""

    most: Annotated[int, Field(ge=0, le=MAX_IN_FILING)] = USUAL_IN_FILING
    required: Annotated[int, Field(ge=0, le=MAX_IN_FILING)] = 0

    @model_validator(mode="after")
    def _possible(self) -> "AttachmentRule":
        if self.required > self.most:
            raise ValueError("more files are required than may be sent")
        return self


class CatalogueEntry(Strict):
    """A service of the catalogue."""

    code: Code
    kind: Literal["application", "complaint"]
    category: Code
    name: Words
    summary: Words
    keywords: Annotated[list[Keyword], Field(max_length=40)] | None = None
    """What citizens type to find it if they do not know its name, in any language and spelling."""
    charter: Charter
    due: DueLimit
    respond: Duration
    one_active: bool = False
    confidential: Literal["allowed", "always", "never"] = "allowed"
    """Whether the citizen may stay hidden from the department, always is, or never."""
    anonymous: bool = False
    public: bool = False
    """Whether status, dates and rough place of its requests are published (docs/open311.md)."""
    attachments: AttachmentRule = AttachmentRule()
    evidence: bool = False
    """Whether the department must add a file as evidence before it can resolve a request."""
    districts: list[Code] = []
    department: Annotated[list[DepartmentRule], Field(min_length=1, max_length=50)]
    form: dict[str, Any]
    eligibility: Annotated[list[EligibilityRule], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _valid(self, info: ValidationInfo) -> "CatalogueEntry":
        kept = bool(info.context and info.context.get("kept"))  # it was valid by earlier rules
        if not kept and (mistakes := self._mistakes()):
            raise MistakesError(mistakes)
        return self

    def _mistakes(self) -> list[Mistake]:
        found = [*form_mistakes(self.form), *self._document_mistakes()]
        codes = {rule_of(code) for code in self.documents}
        for n, rule in enumerate(self.eligibility):
            found += schema_mistakes(rule.requires, f"/eligibility/{n}/requires")
            if rule.code in codes:
                found.append(Mistake(f"/eligibility/{n}/code", "rule_twice"))
            codes.add(rule.code)
        if self.department[-1].when is not None:
            found.append(Mistake(f"/department/{len(self.department) - 1}/when", "rule_last"))
        if not found:
            known = {"district", *self.fact_names, *RoutingWords(self.form).facts}
            found += [
                Mistake(f"/department/{n}/when/{name}", "rule_fact")
                for n, choice in enumerate(self.department)
                for name in sorted((choice.when or {}).keys() - known)
            ]
        if self.anonymous and (self.one_active or self.confidential == "never"):
            found.append(Mistake("/anonymous", "anonymous_unfit"))
        if self.public and (self.confidential == "always" or self.kind != "complaint" or self.one_active):
            found.append(Mistake("/public", "public_unfit"))
        return found

    def _document_mistakes(self) -> list[Mistake]:
        found: list[Mistake] = []
        codes: set[str | None] = set()
        for n, document in enumerate(self.charter.documents):
            if document.when is not None:
                found += schema_mistakes(document.when, f"/charter/documents/{n}/when")
            if document.code is not None and document.code in codes:
                found.append(Mistake(f"/charter/documents/{n}/code", "document_twice"))
            codes.add(document.code)
        if len(self.documents) > self.attachments.most:
            found.append(Mistake("/attachments/most", "documents_most"))
        return found

    @property
    def documents(self) -> dict[str, Document]:
        """The documents that must be sent as files, by code."""
        return {document.code: document for document in self.charter.documents if document.code is not None}

    @property
    def fact_names(self) -> list[str]:
        """The answers that routing rules may read: choices, numbers and yes/no, never free text."""
        properties: dict[str, Any] = self.form.get("properties", {})
        return [name for name, schema in properties.items() if schema.get("x-routing")]

    def unknown_departments(self, known: Collection[str]) -> list[Mistake]:
        """Errors for rules that name a department which is not among these."""
        return [
            Mistake(f"/department/{n}/to", "department")
            for n, rule in enumerate(self.department)
            if rule.to not in known
        ]

    def department_for(self, facts: Mapping[str, Any]) -> DepartmentRule:
        """The first rule that matches these facts, as routing will choose it."""
        return next(rule for rule in self.department if conditions_hold(rule.when, facts))


def rule_of(document: str) -> str:
    """The code of the result for a required document."""
    return f"document-{document}"
