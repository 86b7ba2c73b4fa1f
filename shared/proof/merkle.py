"""Merkle trees by RFC 9162: one hash for many leaves, and for each leaf a short proof of inclusion.

Nodes are hex texts. A tree of more than `TILE` leaves is the tree of its tiles' roots, so a proof needs one tile only.
"""

from collections.abc import Sequence
from hashlib import sha256

TILE = 1024
"""Leaves in a tile; a power of two, so that tiles are complete subtrees."""
EMPTY = sha256(b"").hexdigest()


def leaf_hash(data: bytes) -> str:
    """The hash of a leaf."""
    return sha256(b"\0" + data).hexdigest()


def node_hash(left: str, right: str) -> str:
    """The hash of two sibling nodes."""
    return sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def root_of(nodes: Sequence[str]) -> str:
    """The root over the nodes of one level."""
    level = list(nodes)
    if not level:
        return EMPTY
    while len(level) > 1:
        # Pairs from the left, an odd one goes up as it is: the same tree as splitting at the largest power of two.
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def path_to(nodes: Sequence[str], index: int) -> list[str]:
    """The hashes needed to compute the root from the node at `index`, from the bottom up."""
    path, level = [], list(nodes)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
        index //= 2
    return path


def root_by(leaf: str, index: int, size: int, path: Sequence[str]) -> str | None:
    """The root computed from a leaf at `index` of `size` and its path; None where the path does not fit."""
    if not 0 <= index < size:
        return None
    node, rest, last = leaf, list(path), size - 1
    while last > 0:
        if index & 1 or index < last:
            if not rest:
                return None
            sibling = rest.pop(0)
            node = node_hash(sibling, node) if index & 1 else node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return None if rest else node
