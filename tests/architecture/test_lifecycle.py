"""Only the tables of transitions change the state of a request or an assignment."""

import ast

from tests.architecture.repository import files, name_of, tree_of

MOVES = {
    "services/requests/request/models/request.py": "self.state",
    "services/routing/models/assignment.py": "self.state",
}
FILES_OF_REQUESTS = {
    "services/requests/files/service/keeping.py": "attachment.state",
    "services/requests/files/service/attachment_sweep.py": "attachment.state",
}
"""Files have states of their own, about the antivirus."""


def written(tree: ast.AST) -> set[str]:
    """Code that sets or deletes a `state`, also by `setattr`, `replace`, an update, or a new record."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "state" and not isinstance(node.ctx, ast.Load):
            found.add(ast.unparse(node))
        if isinstance(node, ast.Dict) and "'$set'" in {ast.unparse(key) for key in node.keys if key is not None}:
            updated = ast.unparse(node)
            found |= {updated} if "'state':" in updated else set()
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in ("setattr", "__setattr__") and "'state'" in {ast.unparse(given) for given in node.args}:
                found.add(ast.unparse(node))
            if name in ("Request", "Assignment", "replace") and "state" in {given.arg for given in node.keywords}:
                found.add(ast.unparse(node))
    return found


def test_only_the_tables_of_transitions_set_a_state() -> None:
    found = {
        name_of(file): written(tree_of(file)) for file in files(".py", under=("services/requests", "services/routing"))
    }
    assert {name: texts for name, texts in found.items() if texts} == {
        name: {text} for name, text in (MOVES | FILES_OF_REQUESTS).items()
    }
