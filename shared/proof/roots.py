"""The root of a day: over all histories that grew on that day, and the root of the day before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.proof import merkle
from shared.proof.chain import canonical, digest


@dataclass(frozen=True)
class Leaf:
    """The length of a request's history at the end of a day, and the hash of its last step."""

    number: str
    count: int
    head: str

    @property
    def hash(self) -> str:
        """Its node in the day's tree."""
        return merkle.leaf_hash(canonical([self.number, self.count, self.head]))


def root_hash(root: Mapping[str, Any]) -> str:
    """The hash of a day: over its date, its number of leaves, their tree, and the root of the day before."""
    return digest({name: root.get(name) for name in ("date", "count", "tree", "previous")})
