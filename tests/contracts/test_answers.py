"""The description of the API: each answer has a type with named fields, and an example that is of it."""

import importlib
from typing import Any

import jsonschema
import pytest
import yaml
from fastapi import FastAPI

from deploy.docs.routes import SERVICES
from deploy.local.home import ROOT
from shared.answers import show_examples

FILES = {service: ROOT / "services" / service / "examples.yaml" for service in SERVICES}


def described(service: str) -> dict[str, Any]:
    """The description of a service as the door fetches it."""
    app = FastAPI()
    app.include_router(importlib.import_module(f"services.{service}.api").router)
    show_examples(app, FILES[service])
    return app.openapi()


DESCRIBED = {service: described(service) for service in SERVICES}


def answers() -> list[Any]:
    """Every JSON answer to what went well: the service, and what is described of it."""
    return [
        pytest.param(service, content, id=f"{method.upper()} {path} {status}")
        for service, description in DESCRIBED.items()
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and (content := answer.get("content", {}).get("application/json")) is not None
    ]


def types_of(schema: dict[str, Any]) -> list[str]:
    """The names of the types that an answer may be of."""
    return [one["$ref"].rpartition("/")[2] for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]


@pytest.mark.parametrize(("service", "content"), answers())
def test_an_answer_has_named_fields_and_an_example_of_each_type(service: str, content: dict[str, Any]) -> None:
    components = DESCRIBED[service]["components"]
    names = types_of(content["schema"])
    assert names
    shown = (
        {names[0]: content["example"]} if len(names) == 1 else {n: e["value"] for n, e in content["examples"].items()}
    )
    assert list(shown) == names
    for name, example in shown.items():
        known = components["schemas"][name]
        assert known["properties"]
        jsonschema.validate(example, {"$ref": f"#/components/schemas/{name}", "components": components})
        assert example.keys() <= known["properties"].keys()


@pytest.mark.parametrize("service", SERVICES)
def test_no_example_is_of_a_type_that_is_gone(service: str) -> None:
    used = {
        name
        for kept, content in (param.values for param in answers())
        if kept == service
        for name in types_of(content["schema"])
    }
    assert yaml.safe_load(FILES[service].read_text(encoding="utf-8")).keys() == used


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_show_them(service: str) -> None:
    assert "show_examples(app, EXAMPLES)" in (ROOT / "services" / service / "app.py").read_text(encoding="utf-8")
