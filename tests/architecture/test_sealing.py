"""Whatever a service seals can be sealed anew with another key: its places are in the table of its command."""

import ast
from importlib import import_module

import pytest

from deploy.docs.routes import SERVICES
from tests.architecture.repository import files, tree_of


def texts_of(service: str) -> dict[str, str]:
    """Module-level names of a service that stand for one text."""
    found: dict[str, str] = {}
    for file in files(".py", under=(f"services/{service}",)):
        for node in tree_of(file).body:
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                continue
            target, value = node.targets[0], node.value
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values = value.elts if isinstance(value, ast.Tuple) else [value]
            for name, one in zip(names, values, strict=False):
                if isinstance(name, ast.Name) and isinstance(one, ast.Constant) and isinstance(one.value, str):
                    found[f"{file}:{name.id}"] = one.value
    return found


def places_of(service: str) -> set[str]:
    """What the calls of `seal` in a service are for, as far as it is written there."""
    texts, found = texts_of(service), set()
    for file in files(".py", under=(f"services/{service}",)):
        for call in [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call)]:
            if not isinstance(call.func, ast.Attribute) or call.func.attr != "seal" or len(call.args) != 2:
                continue
            place = call.args[1]
            if isinstance(place, ast.Constant):
                found.add(str(place.value))
            elif isinstance(place, ast.Name):
                found |= {text for key, text in texts.items() if key == f"{file}:{place.id}"}
            elif isinstance(place, ast.Attribute):
                found |= {text for key, text in texts.items() if key.endswith(f":{place.attr}")}
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_sealed_can_be_sealed_anew(service: str) -> None:
    table = set(import_module(f"services.{service}.resealing").PLACES)
    assert places_of(service) <= table


def test_the_places_are_found() -> None:
    assert {"citizen.cnic", "identity.key", "staff.totp"} <= places_of("identity")
    assert {"request.answers", "request.draft", "attachment.key"} <= places_of("requests")
    assert places_of("routing")
    assert places_of("notifier")


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_sealed_for_everybody(service: str) -> None:
    """Every value belongs to something by its id: an owner that is written in the code would be no owner."""
    owners = [
        (file, node.lineno, keyword.value)
        for file in files(".py", under=(f"services/{service}",))
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("seal", "unseal")
        for keyword in node.keywords
        if keyword.arg == "of"
    ]
    assert owners
    assert [(file, line) for file, line, owner in owners if isinstance(owner, ast.Constant | ast.JoinedStr)] == []
