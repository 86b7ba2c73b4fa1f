"""A catalogue entry: what a service asks for, who may have it, by when, and from which department.

Read from YAML files or the admin API, validated whole before it is used; each mistake is named by its path.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import jsonschema_rs
import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from services.requests.models.waiting import Waits
from shared.records import Record

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=3, max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Strict(BaseModel):
    """Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Strict):
    """One text in both languages."""

    en: Text
    ur: Text


class Fee(Strict):
    """The fee in Pakistani rupees."""

    amount: Annotated[int, Field(ge=0, le=10_000_000)]
    note: Words | None = None


class Charter(Strict):
    """What a citizen is promised and told before applying."""

    who: Words
    documents: list[Words] = []
    fee: Fee
    officer: Words
    appellate_authority: Words
    source: Text


class Duration(Strict):
    """A time limit in days or hours, of the working calendar or of the clock."""

    days: Annotated[int, Field(gt=0, le=400)] | None = None
    hours: Annotated[int, Field(gt=0, le=2000)] | None = None
    calendar: Literal["working", "elapsed"]

    @model_validator(mode="after")
    def _one_of_both(self) -> "Duration":
        if (self.days is None) == (self.hours is None):
            raise ValueError("give either days or hours")
        return self


class AnswerTimes(Strict):
    """Days that an answer of the citizen is waited for: reminders after `remind`, closed after `close`."""

    remind: Annotated[list[Annotated[int, Field(gt=0, le=365)]], Field(max_length=5)] = []
    close: Annotated[int, Field(gt=0, le=365)]

    @field_validator("close")
    @classmethod
    def _after_the_reminders(cls, value: int, info: ValidationInfo) -> int:
        days = [*info.data.get("remind", []), value]
        if days != sorted(set(days)):
            raise ValueError("reminders come one after the other, and closing after them")
        return value


class DepartmentRule(Strict):
    """`to` this department when every fact named in `when` has one of its values; no `when` always matches."""

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

    @field_validator("requires")
    @classmethod
    def _is_schema(cls, value: dict[str, Any]) -> dict[str, Any]:
        return checked_schema(value)


class Similar(Strict):
    """When another request may be about the same thing: how near (metres), how old (days), how alike (per cent)."""

    metres: Annotated[int, Field(ge=10, le=5000)] = 250
    days: Annotated[int, Field(ge=1, le=365)] = 30
    alike: Annotated[int, Field(ge=1, le=100)] = 60


class CatalogueEntry(Strict):
    """A service as its file declares it."""

    code: Code
    kind: Literal["application", "complaint"]
    category: Code
    name: Words
    summary: Words
    charter: Charter
    due: Duration
    respond: Duration
    answer: AnswerTimes | None = None
    one_active: bool = False
    confidential: Literal["allowed", "always", "never"] = "allowed"
    """Whether the citizen may hide from the department, always does, or must be known to it."""
    anonymous: bool = False
    similar: Similar | Literal[False] | None = None
    """Who asks for the same as somebody near may follow that request; complaints allow it unless they say no."""
    districts: list[Code] = []
    department: Annotated[list[DepartmentRule], Field(min_length=1, max_length=50)]
    form: dict[str, Any]
    eligibility: Annotated[list[EligibilityRule], Field(max_length=50)] = []

    @field_validator("form")
    @classmethod
    def _is_form(cls, value: dict[str, Any]) -> dict[str, Any]:
        if value.get("type") != "object" or value.get("additionalProperties") is not False:
            raise ValueError("a form is an object schema with additionalProperties: false")
        check_properties(value.get("properties", {}))
        return checked_schema(value)

    @model_validator(mode="after")
    def _filers_fit(self) -> "CatalogueEntry":
        if self.anonymous and (self.one_active or self.confidential == "never"):
            raise ValueError("an anonymous filer can neither be known to the department nor counted")
        return self

    @model_validator(mode="after")
    def _rules_fit(self) -> "CatalogueEntry":
        if self.department[-1].when is not None:
            raise ValueError("the last department rule must have no `when`")
        known = {"district", *self.fact_names}
        for rule in self.department:
            if unknown := set(rule.when or {}) - known:
                raise ValueError(f"`when` looks at {sorted(unknown)}, which is neither district nor x-routing")
        return self

    def waits(self, usual: Waits) -> Waits:
        """The waiting times of this service: its own where it declares them."""
        if self.answer is None:
            return usual
        return replace(usual, remind=tuple(self.answer.remind), close=self.answer.close)

    @property
    def likeness(self) -> Similar | None:
        """When requests of this service count as similar; None where nobody else's request can be followed."""
        if self.similar is None and self.kind == "complaint":
            return Similar()
        return self.similar or None

    @property
    def fact_names(self) -> list[str]:
        """The answers that routing may look at: closed choices, numbers and yes/no, never free text."""
        properties: dict[str, Any] = self.form.get("properties", {})
        return [name for name, schema in properties.items() if schema.get("x-routing")]


@dataclass(kw_only=True)
class ServiceEntry(Record):
    """One document of `catalogue`: the entry in force, its version; the service's code is its id."""

    source: ClassVar[str] = "requests"

    version: int = 0
    entry: dict[str, Any] = field(default_factory=dict)
    """{"json": text}: keys of a JSON Schema may hold dots and dollars, which documents do not take."""
    from_file: bool = False


def checked_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself. Raises ValueError with the path of what is wrong with it, or of a reference outwards."""
    if "$ref" in yaml.safe_dump(schema) or "$dynamicRef" in yaml.safe_dump(schema):
        raise ValueError("references are not taken")
    try:
        jsonschema_rs.meta.validate({**schema, "$schema": DRAFT})
        jsonschema_rs.validator_for({**schema, "$schema": DRAFT})
    except (jsonschema_rs.ValidationError, ValueError) as error:
        path = "/".join(map(str, getattr(error, "instance_path", [])))
        raise ValueError(f"not a JSON Schema at /{path}") from None
    return schema


def read_entries(folder: Path) -> dict[str, CatalogueEntry]:
    """The entries of a folder's YAML files, by code. Raises ValueError naming the file and the path in it."""
    entries: dict[str, CatalogueEntry] = {}
    for file in sorted(folder.glob("*.yaml")):
        try:
            entry = CatalogueEntry.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"{file.name}: {error}") from None
        if entry.code != file.stem:
            raise ValueError(f"{file.name}: the code in it is {entry.code}")
        entries[entry.code] = entry
    return entries


@cache
def districts() -> dict[str, dict[str, str]]:
    """The districts that services are offered in where they name none of their own."""
    text = (Path(__file__).parent.parent / "districts.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.safe_load(text)
    return loaded


def check_properties(properties: Any) -> None:
    """Raise ValueError naming the property whose own words or routing mark cannot be used."""
    if not isinstance(properties, dict):
        raise ValueError("properties must be an object")
    for name, schema in properties.items():
        if not isinstance(schema, dict):
            raise ValueError(f"/properties/{name}: a question is described by an object")
        try:
            MESSAGES.validate_python(schema.get("x-messages", {}))
        except ValidationError:
            raise ValueError(f"/properties/{name}/x-messages: words in both languages for each keyword") from None
        if schema.get("x-routing") and not _is_closed(schema):
            raise ValueError(f"/properties/{name}: x-routing takes choices, booleans and bounded integers only")


def _is_closed(schema: dict[str, Any]) -> bool:
    """Whether the answer can be nothing that somebody wrote: it travels in events."""
    if "enum" in schema:
        return all(isinstance(value, str | bool | int) for value in schema["enum"])
    bounded = all(isinstance(schema.get(bound), int) for bound in ("minimum", "maximum"))
    return schema.get("type") == "boolean" or (schema.get("type") == "integer" and bounded)


MESSAGES: TypeAdapter[dict[str, Words]] = TypeAdapter(dict[str, Words])
