"""Every sealed value has an owner, given by an id."""

import ast

import pytest

from deploy.docs.routes import SERVICES
from tests.architecture.repository import files, tree_of


@pytest.mark.parametrize("service", SERVICES)
def test_no_value_is_sealed_for_a_constant_owner(service: str) -> None:
    """A constant in the code is not an owner."""
    owners = [
        (file, node.lineno, keyword.value)
        for file in files(".py", under=(f"services/{service}",))
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("seal", "unseal")
        for keyword in node.keywords
        if keyword.arg == "owner"
    ]
    assert owners
    assert [(file, line) for file, line, owner in owners if isinstance(owner, ast.Constant | ast.JoinedStr)] == []
