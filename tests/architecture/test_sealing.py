"""Every sealed value belongs to something by its id."""

import ast

import pytest

from deploy.docs.routes import SERVICES
from tests.architecture.repository import files, tree_of


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_sealed_for_everybody(service: str) -> None:
    """An owner that is written in the code would be no owner."""
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
