"""An entry of the catalogue as the fields of a form, and back.

The names of fields are the pointers of the service's errors with dots, such as `charter.who.en`. Questions, rules,
documents and departments are YAML.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.web.administration.yamltext import YamlError, read_yaml, write_yaml
from gateway.web.forms.answers import read_number
from gateway.web.forms.form import Form
from gateway.web.words import Translator
from shared.errors import FieldError

BLANK = Path(__file__).with_name("blank-service.yaml")
LANGUAGES = ("en", "ur")
TEXTS = ("name", "summary", "charter.who", "charter.officer", "charter.appellate_authority")
LINES = ("kind", "category", "confidential", "charter.source", "charter.fee.amount")
COUNTS = ("attachments.most", "attachments.required")
TICKS = ("one_active", "anonymous", "public", "evidence")
TIMES = ("due", "respond")
IN_YAML = ("department", "form", "eligibility")
DOCUMENTS = "charter.documents"
NOTE = "charter.fee.note"
SEPARATORS = re.compile(r"[,،\n]")
Entry = Mapping[str, Any]


def fields_of(entry: Entry) -> list[tuple[str, str]]:
    """All fields of an entry."""
    fields = [(f"{name}.{one}", at(entry, name).get(one, "")) for name in (*TEXTS, NOTE) for one in LANGUAGES]
    fields += [(name, str(at(entry, name, ""))) for name in (*LINES, *COUNTS)]
    fields += [(name, "yes") for name in TICKS if entry.get(name)]
    fields += [("districts", code) for code in entry.get("districts", ())]
    fields.append(("keywords", "\n".join(entry.get("keywords", ()))))
    documents = at(entry, DOCUMENTS, ())
    fields.append((DOCUMENTS, write_yaml(documents) if documents else ""))
    for name in TIMES:
        fields += list(time_fields(name, entry[name]).items())
    fields += [(name, write_yaml(entry[name]) if entry.get(name) else "") for name in IN_YAML]
    return fields


def at(entry: Entry, name: str, other: Any = None) -> Any:
    """The value at a name with dots; an empty mapping, or `other`, if there is none."""
    found: Any = entry
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if found is None:
        return {} if other is None else other
    return found


def time_fields(name: str, time: Entry) -> dict[str, str]:
    """A time limit as a number and a unit."""
    unit = "days" if "days" in time else "hours"
    return {f"{name}.amount": str(time[unit]), f"{name}.unit": f"{unit}-{time['calendar']}"}


def read_entry(form: Form, code: str, words: Translator) -> dict[str, Any]:
    """The entry in a form; unreadable YAML becomes an error of its field."""
    charter = {name: both(form, f"charter.{name}") for name in ("who", "officer", "appellate_authority")}
    fee: dict[str, Any] = {"amount": number(form, "charter.fee.amount")}
    if any(both(form, NOTE).values()):
        fee["note"] = both(form, NOTE)
    entry: dict[str, Any] = {
        "code": code,
        **{name: form.value(name) for name in ("kind", "category", "confidential")},
        **{name: both(form, name) for name in ("name", "summary")},
        "charter": {
            **charter,
            "documents": yaml_field(form, DOCUMENTS, words) or [],
            "fee": fee,
            "source": form.value("charter.source"),
        },
        **{name: read_time(form, name) for name in TIMES},
        **{name: form.has(name) for name in TICKS},
        "attachments": {name: number(form, f"attachments.{name}") for name in ("most", "required")},
        "districts": form.values("districts"),
        **{name: yaml_field(form, name, words) for name in IN_YAML},
    }
    keywords = [word.strip() for word in SEPARATORS.split(form.value("keywords")) if word.strip()]
    entry |= {"keywords": keywords} if keywords else {}
    return {name: value for name, value in entry.items() if value is not None}


def both(form: Form, name: str) -> dict[str, str]:
    """A text in both languages."""
    return {one: form.value(f"{name}.{one}").replace("\r\n", "\n") for one in LANGUAGES}


def number(form: Form, name: str) -> Any:
    """A number; other text stays as it was typed, and the service reports it."""
    return read_number(form.value(name))


def read_time(form: Form, name: str) -> dict[str, Any]:
    """A time limit from its number and unit."""
    unit, _, calendar = form.value(f"{name}.unit").partition("-")
    return {unit or "days": number(form, f"{name}.amount"), "calendar": calendar}


def yaml_field(form: Form, name: str, words: Translator) -> Any:
    """The value of a field with YAML; None if it is empty or unreadable."""
    try:
        return read_yaml(form.raw(name))
    except YamlError as error:
        form.add_error(
            name, words.say("Line %(n)s cannot be read as YAML. Look at it and at the one before.", n=error.line)
        )
        return None


def add_errors(form: Form, errors: Sequence[FieldError]) -> None:
    """Add the service's errors to the fields; in a field with YAML, with the path of each."""
    found: dict[str, list[str]] = {}
    for error in errors:
        name, path = field_for(error["pointer"])
        found.setdefault(name, []).append(f"{path}: {error['message']}" if path else error["message"])
    for name, messages in found.items():
        form.add_error(name, "\n".join(messages))


def field_for(pointer: str) -> tuple[str, str]:
    """The field of an error, and the path in it if it contains more than one value."""
    name = pointer.strip("/").replace("/", ".")
    first, _, _rest = name.partition(".")
    if first in IN_YAML:
        return first, pointer
    if first in TIMES:
        return f"{first}.amount", ""
    if name.startswith(DOCUMENTS):
        return DOCUMENTS, pointer
    if first in ("keywords", "districts"):
        return first, pointer
    if name in TEXTS or name == NOTE:
        return f"{name}.en", ""
    return name, ""


def blank() -> dict[str, Any]:
    """A new service: one question, and the usual times."""
    entry: dict[str, Any] = read_yaml(BLANK.read_text(encoding="utf-8"))
    return entry
