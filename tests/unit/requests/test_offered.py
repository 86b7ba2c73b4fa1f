"""The public list of services: its lines, search, and ETags."""

import json
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.responses import Response

from services.requests.catalogue.api.catalogue import catalogue, catalogue_entry, districts
from services.requests.catalogue.models.versions import ServiceEntry, text_of
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.service.views import CatalogueQuery, offered
from services.requests.catalogue.store import CatalogueStore, VersionStore
from services.requests.filing.api.foreseeing import check
from services.requests.filing.service.foreseeing import Written
from shared.errors import NotFoundError
from tests.builders import a_catalogue_entry, words
from tests.fakes import START

LAMP = {"code": "lamp-out", "name": {"en": "Lamp out", "ur": "بتی بند ہے"}, "keywords": ["andhera"]}
METER: dict[str, Any] = {
    "code": "meter-new",
    "kind": "application",
    "name": words("A new meter"),
    "summary": words("Have a meter put up."),
    "districts": ["swat"],
    "department": [
        {"when": {"lights": ["many"]}, "to": "works", "because": words("They keep many.")},
        {"to": "power", "because": words("They keep one.")},
    ],
}


def stored(**changes: Any) -> ServiceEntry:
    """A published service."""
    entry = a_catalogue_entry(**changes)
    record = ServiceEntry(id=entry.code)
    record.put_in_force(text_of(entry), "admin", START)
    return record


def a_catalogue(*services: ServiceEntry) -> Catalogue:
    """A catalogue of these services."""
    known = Catalogue(cast(CatalogueStore, None), cast(VersionStore, None))
    for service in services:
        known.remember(service)
    return known


def codes(known: Catalogue, **wanted: Any) -> list[str]:
    """The codes of the listed services, in order."""
    return [service["code"] for service in offered(known, CatalogueQuery(**wanted))["services"]]


def asked(tag: str = "") -> Request:
    """A request with the ETag of an earlier response."""
    return Request({"type": "http", "headers": [(b"if-none-match", tag.encode())]})


def test_list_entry_has_both_languages() -> None:
    fee = {"amount": 250, "note": words("At the bank.")}
    charter = {**a_catalogue_entry().charter.model_dump(), "fee": fee}
    [line] = offered(a_catalogue(stored(**METER, charter=charter)), CatalogueQuery())["services"]
    assert line == {
        "code": "meter-new",
        "kind": "application",
        "category": "roads",
        "name": words("A new meter"),
        "summary": words("Have a meter put up."),
        "department": "power",
        "fee": fee,
        "due": {"days": 3, "calendar": "working"},
        "confidential": "allowed",
        "anonymous": False,
        "public": False,
        "districts": ["swat"],
        "version": 1,
    }


def test_it_is_narrowed_by_words_department_and_kind() -> None:
    known = a_catalogue(stored(**METER), stored(**LAMP))
    assert codes(known) == codes(known, q="؟") == ["lamp-out", "meter-new"]
    assert codes(known, q="andhera") == codes(known, q="بتي") == ["lamp-out"]
    assert codes(known, q="kettle") == []
    assert codes(known, department="power") == ["lamp-out", "meter-new"]
    assert codes(known, department="works") == codes(known, kind="application") == ["meter-new"]
    assert codes(known, kind="complaint", department="works") == codes(known, department="nobody") == []


def test_search_follows_retirement_and_publication() -> None:
    lamp = stored(**LAMP)
    known = a_catalogue(lamp)
    assert codes(known, q="andhera") == ["lamp-out"]
    lamp.rev, lamp.entry = 1, {"json": text_of(a_catalogue_entry(**LAMP | {"keywords": ["roshni"]}))}
    lamp.version = 2
    known.remember(lamp)
    assert codes(known, q="andhera") == []
    assert codes(known, q="roshni") == ["lamp-out"]
    lamp.rev = 2
    lamp.retire("admin", START)
    known.remember(lamp)
    assert codes(known, q="roshni") == codes(known) == []


async def answers(known: Catalogue, tag: str = "") -> list[Response]:
    """The list, and one service in full."""
    return [
        await catalogue(asked(tag), CatalogueQuery(), known),
        await catalogue_entry(asked(tag), "lamp-out", known),
    ]


@pytest.mark.parametrize("place", [0, 1])
async def test_client_with_the_current_version_gets_304(place: int) -> None:
    lamp = stored(**LAMP)
    known = a_catalogue(lamp)
    first = (await answers(known))[place]
    tag = first.headers["etag"]
    assert (first.status_code, first.headers["cache-control"]) == (200, "public, max-age=60")
    again = (await answers(known, f'"other", W/{tag}'))[place]
    assert (again.status_code, again.body, again.headers["etag"]) == (304, b"", tag)
    lamp.rev, lamp.version = 1, 2
    known.remember(lamp)
    changed = (await answers(known, tag))[place]
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    assert "lamp-out" in json.dumps(json.loads(bytes(changed.body)))


async def test_districts_have_an_etag() -> None:
    first = await districts(asked())
    told = json.loads(bytes(first.body))["districts"]
    assert {"code": "swat", "name": {"en": "Swat", "ur": "سوات"}} in told
    assert (await districts(asked(first.headers["etag"]))).status_code == 304


async def foreseen(known: Catalogue, code: str = "lamp-out", **written: Any) -> Any:
    """The response of the check before filing."""
    answer = await check(asked(), code, Written.model_validate(written), known)
    assert answer.headers["cache-control"] == "no-store"
    return json.loads(bytes(answer.body))


async def test_obstacles_are_reported_before_filing() -> None:
    told = await foreseen(a_catalogue(stored(**LAMP)), answers={"lights": "three"}, files=1)
    assert [error["pointer"] for error in told["missing"]] == ["/place/district"]
    assert [(error["pointer"], error["code"]) for error in told["wrong"]] == [("/answers/lights", "choice")]
    assert (told["complete"], told["checks"], told["department"]) == (False, [], None)


async def test_complete_sample_is_verified_and_routed() -> None:
    rule = {
        "code": "one-only",
        "requires": {"properties": {"answers": {"properties": {"lights": {"const": "one"}}}}},
        "otherwise": "ineligible",
        "passed": words("It is one."),
        "failed": words("One at a time."),
    }
    known = a_catalogue(stored(**METER, eligibility=[rule], attachments={"required": 1}))
    for lights, department, passed in (("one", "power", [True, True]), ("many", "works", [False, False])):
        told = await foreseen(
            known, "meter-new", place={"district": "swat"}, answers={"lights": lights}, files=int(passed[1])
        )
        assert told["complete"]
        assert [result["passed"] for result in told["checks"]] == passed
        assert [result["code"] for result in told["checks"]] == ["one-only", "documents"]
        assert told["department"]["to"] == department


async def test_retired_service_cannot_be_tried() -> None:
    lamp = stored(**LAMP)
    lamp.retire("admin", START)
    with pytest.raises(NotFoundError):
        await check(asked(), "lamp-out", Written(), a_catalogue(lamp))
