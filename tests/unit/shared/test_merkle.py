"""Merkle trees as in RFC 9162; proofs hold for their leaves only."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from shared.proof import merkle
from tests.cases import cases

LEAVES = st.integers(1, 70).map(lambda n: [merkle.leaf_hash(bytes([i])) for i in range(n)])
HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)


def by_the_book(nodes: list[str]) -> str:
    """RFC 9162, 2.1.1, word by word: split at the largest power of two below the size."""
    if not nodes:
        return sha256(b"").hexdigest()
    if len(nodes) == 1:
        return nodes[0]
    k = 1
    while k * 2 < len(nodes):
        k *= 2
    return merkle.node_hash(by_the_book(nodes[:k]), by_the_book(nodes[k:]))


@cases("size", range(70))
def test_the_tree_is_that_of_the_standard(size: int) -> None:
    nodes = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    assert merkle.root_of(nodes) == by_the_book(nodes)


@given(LEAVES, st.data())
def test_every_leaf_has_a_path_to_the_root(leaves: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.path_to(leaves, index)
    assert merkle.root_by(leaves[index], index, len(leaves), path) == merkle.root_of(leaves)
    assert len(path) <= 7


@given(LEAVES, st.data())
def test_other_leaf_index_or_path_has_another_root(leaves: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root, size = merkle.path_to(leaves, index), merkle.root_of(leaves), len(leaves)
    assert merkle.root_by(data.draw(HASHES), index, size, path) != root
    for other in range(size):
        if other != index:
            assert merkle.root_by(leaves[index], other, size, path) != root
    if path:
        spoilt = data.draw(st.integers(0, len(path) - 1))
        assert merkle.root_by(leaves[index], index, size, path[:spoilt] + path[spoilt + 1 :]) != root
        changed = [*path[:spoilt], data.draw(HASHES), *path[spoilt + 1 :]]
        assert merkle.root_by(leaves[index], index, size, changed) != root
    assert merkle.root_by(leaves[index], index, size, [*path, leaves[0]]) is None
    assert merkle.root_by(leaves[index], size, size, path) is None


@given(st.integers(1, 40), st.sampled_from([1, 2, 4, 8]), st.data())
def test_the_tree_of_the_tiles_roots_is_the_tree_of_the_leaves(size: int, tile: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    tiles = [leaves[i : i + tile] for i in range(0, size, tile)]
    roots = [merkle.root_of(inside) for inside in tiles]
    assert merkle.root_of(roots) == merkle.root_of(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.path_to(tiles[index // tile], index % tile) + merkle.path_to(roots, index // tile)
    assert path == merkle.path_to(leaves, index)


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.leaf_hash(bytes.fromhex(left + right)) != merkle.node_hash(left, right)
