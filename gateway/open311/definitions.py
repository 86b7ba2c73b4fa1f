"""Services of the catalogue as the standard describes them, and a posted request as the portal's own filing."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.open311.reading import MAX_DESCRIPTION, PostedForm, degrees_in
from shared.clock import utc_now
from shared.errors import InvalidError, field_error
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
NOTICE = {
    "en": "Follow it at %(url)s/track with the number %(number)s and the code %(code)s.",
    "ur": "اسے %(url)s/ur/track پر نمبر %(number)s اور کوڈ %(code)s سے دیکھیں۔",
}
MAX_ADDRESS, MAX_URL = 300, 500
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


def filing_of(entry: Mapping[str, Any], form: PostedForm, language: str) -> dict[str, Any]:
    """The filing. Raises InvalidError for a location that is missing or not a number."""
    place = place_of(form, language)
    answers = answers_of(entry, form.attributes)
    properties = entry["form"]["properties"]
    if description := described(form, properties.get(DESCRIPTION, {}).get("maxLength", MAX_DESCRIPTION)):
        answers[DESCRIPTION] = description
    if PLACE in properties and PLACE not in answers:
        longest = properties[PLACE].get("maxLength", MAX_ADDRESS)
        answers[PLACE] = place.get("address", point_text(place))[:longest]
    return {"service": entry["code"], "channel": "open311", "place": place, "answers": answers}


def place_of(form: PostedForm, language: str) -> dict[str, Any]:
    """The location: a point, an address, or both. Raises InvalidError."""
    place: dict[str, Any] = {
        "latitude": degrees_in(form.fields, "lat", "/place/latitude", language),
        "longitude": degrees_in(form.fields, "long", "/place/longitude", language),
        "address": form.fields.get("address_string"),
        "district": next(iter(form.attributes.get(DISTRICT, ())), None) or None,
    }
    place = {name: value for name, value in place.items() if value is not None}
    if "latitude" not in place and "address" not in place:
        raise InvalidError(errors=[field_error("/place/latitude", "required", language)])
    return place


def described(form: PostedForm, longest: int) -> str:
    """The description, with the address of a picture where there is room for it."""
    text, media = form.fields.get(DESCRIPTION, ""), form.fields.get("media_url", "")
    with_media = f"{text}\n{media}" if media.startswith(("https://", "http://")) and len(media) <= MAX_URL else text
    return with_media if len(with_media) <= longest else text


def point_text(place: Mapping[str, Any]) -> str:
    """The point in words, for a form that asks where it is."""
    return f"{place['latitude']:.3f}, {place['longitude']:.3f}" if {"latitude", "longitude"} <= place.keys() else ""


def retry_key(api_key: str, body: bytes) -> str:
    """The Idempotency-Key of a form: the standard has none, and clients that hear nothing send the form again."""
    day = f"{utc_now():%Y-%m-%d}"
    return hashlib.sha256(f"{api_key}\0{day}\0".encode() + body).hexdigest()


def notice_of(url: str, filed: Mapping[str, str], language: str) -> str:
    """How the person follows the request."""
    return NOTICE[language] % {"url": url, "number": filed["number"], "code": filed["code"]}
