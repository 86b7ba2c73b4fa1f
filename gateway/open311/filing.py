"""A posted request as the portal's own filing, and the names of its fields for refusals."""

import hashlib
from collections.abc import Mapping
from typing import Any

from gateway.open311.definitions import DESCRIPTION, DISTRICT, PLACE, answers_of
from gateway.open311.reading import MAX_DESCRIPTION, PostedForm, degrees_in
from shared.clock import utc_now
from shared.errors import InvalidError, field_error

NOTICE = {
    "en": "Follow it at %(url)s/track with the number %(number)s and the code %(code)s.",
    "ur": "اسے %(url)s/ur/track پر نمبر %(number)s اور کوڈ %(code)s سے دیکھیں۔",
}
MAX_ADDRESS, MAX_URL = 300, 500


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
