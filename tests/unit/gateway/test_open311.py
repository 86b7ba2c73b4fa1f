"""The Open311 server's translation: forms, attributes, times, and answers in JSON and XML."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from gateway.open311 import definitions, formats, views
from gateway.open311.definitions import answers_of, definition_of
from gateway.open311.reading import PostedForm, address_of, form_in, moment_of, number_in, span_of
from shared.errors import BadRequestError, InvalidError, NotFoundError
from tests.cases import cases

TITLE = {"en": "Title", "ur": "عنوان"}
ENTRY: dict[str, Any] = {
    "code": "lamp-out",
    "districts": [],
    "form": {
        "required": ["problem", "place", "description"],
        "properties": {
            "problem": {"type": "string", "enum": ["out", "day"], "x-title": TITLE, "x-options": {"out": TITLE}},
            "blocked": {"type": "boolean"},
            "days": {"type": "integer"},
            "since": {"type": "string", "format": "date"},
            "kinds": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
            "place": {"type": "string", "maxLength": 20},
            "more": {"type": "string", "maxLength": 2000},
            "description": {"type": "string", "maxLength": 40},
        },
    },
}
DISTRICTS = {"kohat": {"en": "Kohat", "ur": "کوہاٹ"}}
URLENCODED = "application/x-www-form-urlencoded; charset=utf-8"


def test_questions_of_a_form_are_attributes() -> None:
    attributes = {one["code"]: one for one in definition_of(ENTRY, DISTRICTS, "en")["attributes"]}
    assert {code: one["datatype"] for code, one in attributes.items()} == {
        "problem": "singlevaluelist",
        "blocked": "singlevaluelist",
        "days": "number",
        "since": "datetime",
        "kinds": "multivaluelist",
        "place": "string",
        "more": "text",
        "district": "singlevaluelist",
    }
    assert [code for code, one in attributes.items() if one["required"]] == ["problem"]
    assert attributes["problem"]["values"] == [{"key": "out", "name": "Title"}, {"key": "day", "name": "day"}]
    assert attributes["district"]["values"] == [{"key": "kohat", "name": "Kohat"}]


def test_attributes_are_answers_of_the_right_type() -> None:
    sent = {
        "problem": ["out"], "blocked": ["Yes"], "days": ["۱۲"], "since": ["2026-03-02T00:00:00Z"], "kinds": ["a", "b"],
        "unknown": ["x"], "more": [""],
    }  # fmt: skip
    assert answers_of(ENTRY, sent) == {
        "problem": "out", "blocked": True, "days": 12, "since": "2026-03-02", "kinds": ["a", "b"],
    }  # fmt: skip
    assert answers_of(ENTRY, {"blocked": ["perhaps"], "days": ["many"]}) == {"blocked": "perhaps", "days": "many"}


@cases(
    "fields, place, where, description",
    [
        ({"lat": "33.5", "long": "71.4"}, {"latitude": 33.5, "longitude": 71.4}, "33.500, 71.400", None),
        ({"address_string": "Road, Kohat"}, {"address": "Road, Kohat"}, "Road, Kohat", None),
        (
            {"address_string": "Road, Kohat", "description": "Dark.", "media_url": "https://example.org/a"},
            {"address": "Road, Kohat"},
            "Road, Kohat",
            "Dark.\nhttps://example.org/a",
        ),
        (
            {"address_string": "Road, Kohat", "description": "Dark.", "media_url": "javascript:x"},
            {"address": "Road, Kohat"},
            "Road, Kohat",
            "Dark.",
        ),
    ],
)
def test_a_form_is_a_filing(fields: dict[str, str], place: dict[str, Any], where: str, description: str | None) -> None:
    person = dict.fromkeys(("first_name", "last_name", "phone", "device_id", "account_id"), "about a person")
    filed = definitions.filing_of(ENTRY, PostedForm(person | fields, {"problem": ["out"]}), "en")
    expected = {"problem": "out", "place": where} | ({"description": description} if description else {})
    assert filed == {"service": "lamp-out", "channel": "open311", "place": place, "answers": expected}


def test_a_form_without_a_location_is_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        definitions.filing_of(ENTRY, PostedForm({"description": "Dark."}), "en")
    assert formats.name_of(refused.value.errors[0]["pointer"]) == "lat"


def test_forms_are_read_strictly() -> None:
    body = b"a=1&b=&attribute[x]=1&attribute[y][]=2&attribute[y][]=3&ur=%DA%AF"
    form = form_in(URLENCODED, body)
    assert (form.fields, form.attributes) == ({"a": "1", "ur": "گ"}, {"x": ["1"], "y": ["2", "3"]})
    for kind, bad in (("application/json", b"{}"), (URLENCODED, b"a=\xff"), (URLENCODED, b"a=%00"), ("", b"a=1")):
        with pytest.raises(BadRequestError):
            form_in(kind, bad)


@cases("path", ["/open311/v2/services", "/open311/v2/a/b/c.json", "/open311/v2/x.html", "/open311/v2/.json/x"])
def test_other_paths_are_not_found(path: str) -> None:
    with pytest.raises(NotFoundError):
        address_of(path)


def test_times_are_read_with_their_zone_and_span_ninety_days() -> None:
    for text in ("2026-03-02T05:00:00Z", "2026-03-02T10:00:00 05:00", "2026-03-02T10:00:00+05:00", "2026-03-02T05:00"):
        moment = moment_of({"start_date": text}, "start_date", "en")
        assert moment is not None
        assert moment.utctimetuple()[:5] == (2026, 3, 2, 5, 0)
    assert span_of({"start_date": "2026-03-01"}, timedelta(days=1), "en") == (
        "2026-03-01T00:00:00.000Z",
        "2026-05-30T00:00:00.000Z",
    )
    assert span_of({"end_date": "2026-03-02"}, timedelta(days=1), "en")[0] == "2026-03-01T00:00:00.000Z"
    for sent in (
        {"start_date": "soon"},
        {"start_date": "2026-03-02", "end_date": "2026-03-01"},
        {"start_date": "2026-03-01", "end_date": "2026-05-31"},
    ):
        with pytest.raises(InvalidError):
            span_of(sent, timedelta(days=1), "en")


def test_a_page_has_an_end() -> None:
    assert number_in({"page_size": "1000"}, "page_size", 50, 1000, "en") == 1000
    for text in ("1001", "0", "-1", "many"):
        with pytest.raises(InvalidError):
            number_in({"page_size": text}, "page_size", 50, 1000, "en")


def test_xml_says_the_same_as_json() -> None:
    content = [{"description": "<b> & گ", "lat": None, "metadata": True, "values": [{"key": "a"}, {"key": "b"}]}]
    [item] = ElementTree.fromstring(formats.as_xml(content, formats.SERVICES))
    assert (item.tag, item.findtext("description"), item.findtext("lat")) == ("service", "<b> & گ", "")
    assert item.findtext("metadata") == "true"
    assert [one.text for one in item.findall("values/value/key")] == ["a", "b"]


@cases(
    "state, outcome, status",
    [
        ("routed", None, "OPEN"),
        ("in_progress", None, "IN_PROGRESS"),
        ("resolved", "granted", "FIXED"),
        ("resolved", "not_granted", "NO_FURTHER_ACTION"),
        ("disputed", None, "REOPEN"),
        ("withdrawn", None, "CLOSED"),
        ("a state of a later version", None, "OPEN"),
    ],
)
def test_a_step_has_the_status_that_fixmystreet_shows(state: str, outcome: str | None, status: str) -> None:
    assert views.status_of({"state": state, "outcome": outcome}) == status


def test_the_same_form_has_the_same_key_and_another_partner_another() -> None:
    assert definitions.retry_key("a", b"x=1") == definitions.retry_key("a", b"x=1")
    assert len({definitions.retry_key(key, body) for key in "ab" for body in (b"x=1", b"x=2")}) == 4
