"""The root of a day: over how far each history went that grew on it, and over the root of the day before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.proof import merkle
from shared.proof.chain import canonical, digest


@dataclass(frozen=True)
class Leaf:
    """How far the history of a request went at the end of a day, and the hash that it ended with."""

    number: str
    count: int
    head: str

    @property
    def hash(self) -> str:
        """Its node in the day's tree."""
        return merkle.leaf_hash(canonical([self.number, self.count, self.head]))


def root_hash(shown: Mapping[str, Any]) -> str:
    """The root of a day: over its date, its number of leaves, their tree, and the root of the day before."""
    return digest({name: shown.get(name) for name in ("date", "count", "tree", "previous")})
