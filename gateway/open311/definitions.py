"""Services of the catalogue as the standard describes them, and its answers as the catalogue takes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.spelling import code_of, number_of

DESCRIPTION, PLACE, DISTRICT = "description", "place", "district"
LONG_TEXT = 300
"""A longer text is described as `text`, a shorter one as `string`."""
YES_NO = {"true": {"en": "Yes", "ur": "ہاں"}, "false": {"en": "No", "ur": "نہیں"}}
YES = frozenset({"true", "yes", "1", "on", "ہاں"})
NO = frozenset({"false", "no", "0", "off", "نہیں"})
WHERE = {
    "title": {"en": "District", "ur": "ضلع"},
    "hint": {
        "en": "Only where point and address do not tell the district.",
        "ur": "صرف اگر نقطے اور پتے سے ضلع معلوم نہ ہو۔",
    },
}
PLACE_HINT = {
    "en": "Without it, address_string or the point is taken.",
    "ur": "یہ نہ ہو تو address_string یا نقطہ لیا جاتا ہے۔",
}
Entry = Mapping[str, Any]


def service_of(entry: Entry, language: str) -> dict[str, Any]:
    """A service in the list of services."""
    return {
        "service_code": entry["code"],
        "service_name": entry["name"][language],
        "description": entry["summary"][language],
        "metadata": True,
        "type": "realtime",
        "keywords": entry["category"],
        "group": entry["category"],
    }


def definition_of(entry: Entry, districts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The questions of a service as attributes; the description is a field of its own."""
    form = entry["form"]
    questions = {name: schema for name, schema in form["properties"].items() if name != DESCRIPTION}
    attributes = [
        _attribute(name, schema, order, name in form.get("required", ()), language)
        for order, (name, schema) in enumerate(questions.items(), 1)
    ]
    served = entry.get("districts") or list(districts)
    values = [{"key": code, "name": districts[code][language]} for code in served if code in districts]
    hint = WHERE["hint"][language]
    attributes.append(
        {
            "variable": True,
            "code": DISTRICT,
            "datatype": "singlevaluelist",
            "required": False,
            "datatype_description": hint,
            "order": len(attributes) + 1,
            "description": WHERE["title"][language],
            "values": values,
        }
    )
    return {"service_code": entry["code"], "attributes": attributes}


def answers_of(entry: Entry, sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The attributes that a client sent, as answers; what cannot be read is left to the service to refuse."""
    properties = entry["form"]["properties"]
    return {name: _answer(schema, sent[name]) for name, schema in properties.items() if any(sent.get(name, ()))}


def _attribute(name: str, schema: Entry, order: int, required: bool, language: str) -> dict[str, Any]:
    hint = schema.get("x-hint", {}).get(language)
    attribute: dict[str, Any] = {
        "variable": True,
        "code": name,
        "datatype": _datatype(schema),
        "required": required and name != PLACE,
        "datatype_description": PLACE_HINT[language] if name == PLACE else hint,
        "order": order,
        "description": schema.get("x-title", {}).get(language, name),
    }
    if options := _options(schema):
        attribute["values"] = [{"key": key, "name": words.get(language, key)} for key, words in options.items()]
    return attribute


def _datatype(schema: Entry) -> str:
    if schema.get("type") == "array":
        return "multivaluelist"
    if _options(schema):
        return "singlevaluelist"
    if schema.get("type") in ("integer", "number"):
        return "number"
    if schema.get("format") == "date":
        return "datetime"
    return "text" if schema.get("maxLength", 0) > LONG_TEXT else "string"


def _options(schema: Entry) -> dict[str, Any]:
    """The choices of a question with their names."""
    if schema.get("type") == "boolean":
        return YES_NO
    listed = schema.get("items", schema)
    names = listed.get("x-options", {}) or schema.get("x-options", {})
    return {str(value): names.get(str(value), {}) for value in listed.get("enum", ())}


def _answer(schema: Entry, values: Sequence[str]) -> Any:
    if schema.get("type") == "array":
        return [_answer(schema.get("items", {}), [value]) for value in values if value]
    text = values[0]
    if schema.get("type") == "boolean":
        plain = text.strip().lower()
        return plain in YES if plain in YES | NO else text
    if schema.get("type") in ("integer", "number"):
        number = number_of(text)
        return text if number is None else number
    return code_of(text)[:10] if schema.get("format") == "date" else text
