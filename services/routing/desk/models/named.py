"""Lists of named things, such as saved views, whose ids clients choose."""

from typing import Any

from shared.errors import ConflictError, NotFoundError

Named = dict[str, Any]


def with_one(named: list[Named], one: Named, most: int, full: type[ConflictError]) -> list[Named]:
    """The list with this one in place of the one with its id, by (English) names. Raises `full` beyond `most`."""
    others = [other for other in named if other["id"] != one["id"]]
    if len(others) >= most:
        raise full
    return sorted([*others, one], key=lambda each: (english(each["name"]).casefold(), each["id"]))


def without(named: list[Named], removed: str) -> list[Named]:
    """The list without the one with this id. Raises NotFoundError."""
    left = [one for one in named if one["id"] != removed]
    if len(left) == len(named):
        raise NotFoundError
    return left


def english(name: str | dict[str, str]) -> str:
    """The name, if it has only one language; else the English one."""
    return name if isinstance(name, str) else name["en"]
