"""YAML as administrators write it: only what JSON can express."""

from collections.abc import Hashable
from typing import Any

import yaml

WIDTH = 110


class YamlError(ValueError):
    """A text that is not YAML, or that JSON cannot express. `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class _Loader(yaml.SafeLoader):
    """Has no dates, which JSON does not have, and no aliases, with which a short text can expand without end."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise YamlError(self.line + 1)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Keys are texts, and each occurs once."""
        found = super().construct_mapping(node, deep=deep)
        if len(found) != len(node.value) or not all(isinstance(name, str) for name in found):
            raise YamlError(node.start_mark.line + 1)
        return found


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> Any:
    """The value of a text; None if it is empty. Raises YamlError."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise error if isinstance(error, YamlError) else YamlError(1) from None


def write_yaml(value: Any) -> str:
    """A value as YAML that is easy to read and to change."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=WIDTH)
