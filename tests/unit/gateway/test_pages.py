"""The gateway's own pages, and the merged description of the API."""

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import aiohttp
import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.openapi import SERVICES, merge
from gateway.routes import RouteTable, is_repeatable
from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.files import read_entries
from services.requests.filing.api.anonymous import EXAMPLE
from services.requests.settings import RequestsSettings
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tools.api_descriptions import description_of


@pytest.fixture(scope="module")
def parts() -> dict[str, dict[str, Any]]:
    """The description of each real service."""
    return {service: description_of(service) for service in SERVICES}


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    """A gateway of a demo."""
    services = FakeServices(openapi={"paths": {"/api/v1/catalogue": {"get": {"summary": "<b>", "responses": {}}}}})
    async with gateway_before(services, env="demo") as url:
        yield url


async def fetched(url: str) -> tuple[aiohttp.ClientResponse, str]:
    """An answer and its text."""
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 200
        return answer, await answer.text()


def test_merged_description_is_valid_and_complete(parts: dict[str, dict[str, Any]]) -> None:
    merged = merge(parts, "http://127.0.0.1:8080")
    OpenAPIV31SpecValidator(merged).validate()
    for path in (
        "registrations",
        "sessions",
        "me",
        "requests",
        "track/{number}",
        "departments",
        "notifications",
        "events",
    ):
        assert f"/api/v1/{path}" in merged["paths"]
    ids = [operation["operationId"] for item in merged["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


def test_every_reference_is_resolved(parts: dict[str, dict[str, Any]]) -> None:
    """Clients could not be generated otherwise; the validator of the specification does not check it."""
    merged = merge(parts, "")
    for reference in set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(merged))):
        whole: Any = merged
        for part in reference.removeprefix("#/").split("/"):
            assert part in whole, reference
            whole = whole[part]


def test_every_example_of_a_body_is_valid(parts: dict[str, dict[str, Any]]) -> None:
    merged = merge(parts, "")
    wrong = [
        f"{method} {path}: {error}"
        for path, item in merged["paths"].items()
        for method, operation in item.items()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "example" in content
        for error in jsonschema_rs.Draft202012Validator(
            {**content["schema"], "components": merged["components"]}
        ).iter_errors(content["example"])
    ]
    assert not wrong, "\n".join(wrong)


def test_example_without_a_name_uses_an_anonymous_service() -> None:
    service = read_entries(RequestsSettings.model_fields["catalogue_dir"].default)[EXAMPLE["service"]]
    assert service.anonymous
    assert Checks(service).form_errors(EXAMPLE["answers"], "en") == []


def test_every_operation_names_its_right(parts: dict[str, dict[str, Any]]) -> None:
    paths = merge(parts, "")["paths"]
    assert paths["/api/v1/catalogue"]["get"]["security"] == []
    assert paths["/api/v1/requests"]["post"]["security"] == [{"token": []}]
    assert paths["/api/v1/assignments/{number}/ask"]["post"]["x-roles"] == [
        "appellate",
        "department",
        "head",
        "officer",
    ]
    assert "x-roles" not in paths["/api/v1/catalogue"]["get"]


def test_every_operation_lists_its_problems(parts: dict[str, dict[str, Any]]) -> None:
    paths = merge(parts, "")["paths"]
    filing, read = paths["/api/v1/requests"]["post"]["responses"], paths["/api/v1/catalogue/{code}"]["get"]["responses"]
    assert {"201", "400", "401", "403", "409", "413", "415", "422", "429", "503"} <= filing.keys()
    assert {"404", "429"} <= read.keys()
    assert not {"401", "403", "409", "413", "default"} & read.keys()
    assert "428" in paths["/api/v1/assignments/{number}/accept"]["post"]["responses"]
    headers = {
        (path, given["name"]) for path, item in paths.items() for given in item.get("post", {}).get("parameters", [])
    }
    assert {("/api/v1/requests", "Idempotency-Key"), ("/api/v1/assignments/{number}/accept", "If-Match")} <= headers
    assert "401" in paths["/api/v1/events"]["get"]["responses"]
    assert all(filing[one] == {"$ref": f"#/components/responses/{one}"} for one in filing if one > "399")
    refusals = merge(parts, "")["components"]["responses"]
    assert all(refusal["content"].keys() == {"application/problem+json"} for refusal in refusals.values())


def test_operations_with_idempotency_key_are_repeatable(parts: dict[str, dict[str, Any]]) -> None:
    posts = {path: item["post"] for path, item in merge(parts, "")["paths"].items() if "post" in item}
    keyed = {
        path
        for path, operation in posts.items()
        if "Idempotency-Key" in {given["name"] for given in operation.get("parameters", ())}
    }
    files = {path for path in keyed if path.endswith("/attachments")}  # go through as they come, never twice
    assert keyed - files == {path for path in posts if is_repeatable(RouteTable(), "POST", path)}


def test_every_operation_has_a_summary(parts: dict[str, dict[str, Any]]) -> None:
    told = [
        (operation["summary"], operation["description"] if "description" in operation else operation["summary"])
        for item in merge(parts, "")["paths"].values()
        for operation in item.values()
    ]
    assert len(told) > 100
    for short, whole in told:
        assert len(short) <= 110, short
        assert " " in short, short
        assert " ".join(whole.split()).startswith(short)
    assert "Log in with CNIC or mobile (staff: their login) and password" in {short for short, _ in told}


def test_unreachable_operation_is_not_described() -> None:
    operation = {"summary": "x", "responses": {}}
    merged = merge({"identity": {"paths": {"/secret": {"get": operation}, "/api/v1/requests": {"get": operation}}}}, "")
    streams = {"/api/v1/events", "/api/v1/assignments/events", "/api/v1/track/{number}/events"}
    assert merged["paths"].keys() == streams


def test_type_names_are_unique(parts: dict[str, dict[str, Any]]) -> None:
    """Client generators merge two types with the same name, and drop operations that need the other."""
    named: dict[str, Any] = {}
    for service, part in parts.items():
        for name, schema in merge({service: part}, "")["components"]["schemas"].items():
            assert schema["title"] == name
            assert named.setdefault(name, schema) == schema, name


def test_responses_declare_the_headers_of_the_gateway(parts: dict[str, dict[str, Any]]) -> None:
    merged = merge(parts, "")
    accepted = merged["paths"]["/api/v1/assignments/{number}/accept"]["post"]["responses"]["200"]["headers"]
    assert accepted.keys() == {"ETag", "RateLimit", "RateLimit-Policy", "X-Request-Id"}
    assert "Retry-After" in merged["components"]["responses"]["503"]["headers"]
    filed = merged["paths"]["/api/v1/requests"]["post"]["responses"]["201"]["headers"]
    assert {"Location", "Idempotent-Replayed"} <= filed.keys()


async def test_description_is_served_without_a_service(url: str) -> None:
    async with gateway_before(FakeServices(openapi={"paths": {}}), routing_url="http://127.0.0.1:1") as lame:
        _, text = await fetched(f"{lame}/api/v1/openapi.json")
    assert "/api/v1/events" in text


class Links(HTMLParser):
    """Everything that a page loads, links or would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Collect addresses, scripts and styles."""
        self.found += [value or "" for name, value in attributes if name in ("href", "src")]
        self.active += [tag] if tag in ("script", "style", "iframe") else []
        self.active += [name for name, _ in attributes if name.startswith("on") or name == "style"]


async def test_docs_page_is_small_and_self_contained(url: str) -> None:
    answer, text = await fetched(f"{url}/docs")
    assert answer.content_type == "text/html"
    assert '<html lang="en"' in text
    links = Links()
    links.feed(text)
    assert links.active == []
    assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in links.found)
    assert "/docs.css" in links.found
    assert len(text.encode()) < 16_000
    assert "script-src" not in answer.headers["Content-Security-Policy"]


async def test_texts_of_services_are_escaped(url: str) -> None:
    _, text = await fetched(f"{url}/docs")
    assert "&lt;b&gt;" in text


async def test_style_sheet_is_served(url: str) -> None:
    answer, _ = await fetched(f"{url}/docs.css")
    assert answer.content_type == "text/css"


async def test_security_txt_has_a_contact_and_is_valid_for_months(url: str) -> None:
    answer, text = await fetched(f"{url}/.well-known/security.txt")
    assert answer.content_type == "text/plain"
    assert text.startswith("Contact: ")
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", text, re.MULTILINE)


async def test_docs_pages_are_compressed(url: str) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as http, http.get(f"{url}/docs") as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["Vary"]
