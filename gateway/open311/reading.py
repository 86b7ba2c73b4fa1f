"""What clients send: paths, parameters, dates and forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from gateway.open311.formats import JSON, XML
from shared.clock import utc_now, written, zoned
from shared.errors import BadRequestError, InvalidError, NotFoundError, field_error
from shared.jsonbody import FORBIDDEN_CHARACTERS

PREFIX = "/open311/v2/"
MAX_SPAN = timedelta(days=90)
MAX_REQUESTS, MAX_IDS, MAX_PARAMETERS = 1000, 100, 200
MAX_DESCRIPTION = 4000
ATTRIBUTE = re.compile(r"attribute\[([A-Za-z0-9_.-]{1,60})\](?:\[\])?")
Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Address:
    """What a path names: a resource, one thing of it, and the form of the answer."""

    resource: str
    key: str
    form: str


def address_of(path: str) -> Address:
    """What a path names. Raises NotFoundError."""
    name, dot, form = path.removeprefix(PREFIX).rpartition(".")
    resource, _, key = name.partition("/")
    if not dot or form not in (JSON, XML) or not path.startswith(PREFIX) or "/" in key:
        raise NotFoundError
    return Address(resource, key, form)


def form_of(path: str) -> str:
    """The form in which a refusal is written: that of the path, else XML, which every client must read."""
    return JSON if path.endswith(f".{JSON}") else XML


def query_of(text: str) -> dict[str, str]:
    """The parameters of a query that are not empty; a plus in a time is one that nobody escaped.

    Raises BadRequestError for too many.
    """
    try:
        pairs = parse_qsl(text, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise BadRequestError from None
    return {name: value.strip() for name, value in pairs if value.strip()}


@dataclass(frozen=True)
class PostedForm:
    """A posted form: plain fields, and attributes with all their values."""

    fields: dict[str, str]
    attributes: dict[str, list[str]] = field(default_factory=dict)


def form_in(content_type: str, body: bytes) -> PostedForm:
    """The fields of a form. Raises BadRequestError for one that is not URL-encoded UTF-8."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise BadRequestError
    try:
        pairs = parse_qsl(body.decode("utf-8"), max_num_fields=MAX_PARAMETERS, errors="strict")
    except ValueError:
        raise BadRequestError from None
    form = PostedForm({})
    for name, value in pairs:
        if FORBIDDEN_CHARACTERS.search(value):
            raise BadRequestError
        if found := ATTRIBUTE.fullmatch(name):
            form.attributes.setdefault(found[1], []).append(value.strip())
        elif value.strip():
            form.fields[name] = value.strip()
    return form


def list_of(text: str) -> list[str]:
    """The items of a list with commas."""
    return [item.strip() for item in text.split(",") if item.strip()][:MAX_IDS]


def span_of(sent: Parameters, usual: timedelta, language: str) -> tuple[str, str]:
    """The first and last moment of a query: at most 90 days, by default those up to now. Raises InvalidError."""
    start, end = (moment_of(sent, name, language) for name in ("start_date", "end_date"))
    if end is None:
        end = utc_now() + timedelta(seconds=1) if start is None else min(start + MAX_SPAN, utc_now() + MAX_SPAN)
    start = start or end - usual
    if not timedelta() <= end - start <= MAX_SPAN:
        raise InvalidError(errors=[field_error("/start_date", "span", language, days=MAX_SPAN.days)])
    return written(start), written(end)


def moment_of(sent: Parameters, name: str, language: str) -> datetime | None:
    """A time with its zone (UTC without one); None if none was sent. Raises InvalidError."""
    text = sent.get(name)
    if text is None:
        return None
    try:
        return zoned(datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text))
    except ValueError:
        raise InvalidError(errors=[field_error(f"/{name}", "format", language)]) from None


def number_in(sent: Parameters, name: str, usual: int, most: int, language: str) -> int:
    """A whole number from 1 to `most`. Raises InvalidError."""
    text = sent.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
        raise InvalidError(errors=[field_error(f"/{name}", "format", language)])
    return int(text)


def degrees_in(fields: Parameters, name: str, pointer: str, language: str) -> float | None:
    """Degrees of latitude or longitude. Raises InvalidError."""
    text = fields.get(name)
    try:
        return None if text is None else float(text)
    except ValueError:
        raise InvalidError(errors=[field_error(pointer, "format", language)]) from None


def is_on(sent: Parameters, name: str) -> bool:
    """Whether a switch is on."""
    return sent.get(name, "").lower() in ("true", "1", "yes")
