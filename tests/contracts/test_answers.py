"""The description of the API: each answer has a type with named fields, and an example that is of it."""

from typing import Any

import pytest

from deploy.docs.routes import SERVICES
from deploy.local.home import ROOT
from shared.openapi import types_of
from shared.yaml_file import read_yaml
from tests.cases import cases
from tools.api_descriptions import EXAMPLES, description_of, mistakes_in, mistakes_of_answer


def answers() -> list[Any]:
    """Every JSON answer to what went well: the service, and what is described of it."""
    return [
        (service, content)
        for service in SERVICES
        for path, operations in description_of(service)["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and (content := answer.get("content", {}).get("application/json")) is not None
    ]


@cases("service, content", answers())
def test_an_answer_has_named_fields_and_an_example_of_each_type(service: str, content: dict[str, Any]) -> None:
    names = types_of(content["schema"])
    assert names
    several = {name: example["value"] for name, example in content.get("examples", {}).items()}
    shown = several or {names[0]: content["example"]}
    assert list(shown) == names
    for name, example in shown.items():
        assert description_of(service)["components"]["schemas"][name]["properties"]
        assert mistakes_in(service, name, example) == []


def bodies(service: str) -> list[Any]:
    """The description of every JSON body that has a type."""
    operations = [one for item in description_of(service)["paths"].values() for one in item.values()]
    contents = [one.get("requestBody", {}).get("content", {}).get("application/json") for one in operations]
    return [content for content in contents if content and types_of(content["schema"])]


@pytest.mark.parametrize("service", SERVICES)
def test_every_body_has_an_example(service: str) -> None:
    assert [content["schema"] for content in bodies(service) if "example" not in content] == []


@pytest.mark.parametrize("service", SERVICES)
def test_no_example_is_of_a_type_that_is_gone(service: str) -> None:
    contents = [content for kept, content in answers() if kept == service]
    used = {name for content in [*contents, *bodies(service)] for name in types_of(content["schema"])}
    assert read_yaml(EXAMPLES[service]).keys() == used


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_show_them(service: str) -> None:
    assert "show_examples(app, EXAMPLES)" in (ROOT / "services" / service / "app.py").read_text(encoding="utf-8")


def test_an_answer_that_is_not_as_described_is_found() -> None:
    assert mistakes_of_answer("GET", "/api/v1/departments", 200, {"departments": []}) == []
    assert mistakes_of_answer("GET", "/api/v1/departments", 200, {"departments": [{"code": 1}]})
    assert mistakes_of_answer("GET", "/api/v1/departments", 200, {"departments": [], "secret": 1})
    assert mistakes_of_answer("GET", "/api/v1/departments", 201, {"departments": []})
    assert mistakes_of_answer("GET", "/api/v1/departments", 200, {"departments": []}, {"ETag": '"1"'})


@pytest.mark.parametrize(
    "odd", ["2026-03-02T09:00:00Z", "2026-03-02T09:00:00.014000Z", "2026-03-02T09:00:00.000+00:00"]
)
def test_a_time_that_is_not_written_like_others_is_found(odd: str) -> None:
    counts = read_yaml(EXAMPLES["routing"])["AssignmentCounts"]
    assert mistakes_in("routing", "AssignmentCounts", counts) == []
    assert mistakes_in("routing", "AssignmentCounts", {**counts, "at": odd}) == ["/at is not written like other times"]
