"""The API description: each response has a type with named fields, and a matching example."""

from typing import Any

import pytest

from deploy.docs.routes import SERVICES
from deploy.local.home import ROOT
from shared.openapi import types_of
from shared.yaml_file import read_yaml
from tests.cases import cases
from tools.api_descriptions import EXAMPLES, description_of, mistakes_in, mistakes_of_answer


def answers() -> list[Any]:
    """Every JSON response to a success: the service, and its description."""
    return [
        (service, content)
        for service in SERVICES
        for path, operations in description_of(service)["paths"].items()
        if not path.startswith("/api/v1/callbacks/")  # each provider wants an answer of its own form
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and (content := answer.get("content", {}).get("application/json")) is not None
    ]


@cases("service, content", answers)
def test_a_response_has_named_fields_and_an_example_of_each_type(service: str, content: dict[str, Any]) -> None:
    names = types_of(content["schema"])
    assert names
    several = {name: example["value"] for name, example in content.get("examples", {}).items()}
    shown = several or {names[0]: content["example"]}
    assert list(shown) == names
    for name, example in shown.items():
        assert description_of(service)["components"]["schemas"][name]["properties"]
        assert mistakes_in(service, name, example) == []


def bodies(service: str) -> list[Any]:
    """The description of every JSON body with a type."""
    operations = [one for item in description_of(service)["paths"].values() for one in item.values()]
    contents = [one.get("requestBody", {}).get("content", {}).get("application/json") for one in operations]
    return [content for content in contents if content and types_of(content["schema"])]


@pytest.mark.parametrize("service", SERVICES)
def test_every_body_has_an_example(service: str) -> None:
    assert [content["schema"] for content in bodies(service) if "example" not in content] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_example_belongs_to_a_used_type(service: str) -> None:
    contents = [content for kept, content in answers() if kept == service]
    used = {name for content in [*contents, *bodies(service)] for name in types_of(content["schema"])}
    assert read_yaml(EXAMPLES[service]).keys() == used


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_shows_its_examples(service: str) -> None:
    assert "service_app(" in (ROOT / "services" / service / "app.py").read_text(encoding="utf-8")


def test_a_response_that_differs_from_its_description_is_detected() -> None:
    assert mistakes_of_answer("GET", "/api/v1/departments", 200, {"departments": []}) == []
    assert mistakes_of_answer("GET", "/api/v1/departments", 200, {"departments": [{"code": 1}]})
    assert mistakes_of_answer("GET", "/api/v1/departments", 200, {"departments": [], "secret": 1})
    assert mistakes_of_answer("GET", "/api/v1/departments", 201, {"departments": []})
    assert mistakes_of_answer("GET", "/api/v1/departments", 200, {"departments": []}, {"ETag": '"1"'})


@pytest.mark.parametrize(
    "odd", ["2026-03-02T09:00:00Z", "2026-03-02T09:00:00.014000Z", "2026-03-02T09:00:00.000+00:00"]
)
def test_a_time_in_another_format_is_detected(odd: str) -> None:
    counts = read_yaml(EXAMPLES["routing"])["AssignmentCounts"]
    assert mistakes_in("routing", "AssignmentCounts", counts) == []
    assert mistakes_in("routing", "AssignmentCounts", {**counts, "at": odd}) == ["/at is not written like other times"]
