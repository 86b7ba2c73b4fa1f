"""Receipts, proofs, daily roots and the keys that sign them."""

from typing import Any

from typing_extensions import TypedDict

from shared.clock import TimeText

_Edge = TypedDict("_Edge", {"from": str | None, "to": str | None})


class ChainLink(_Edge):
    """A step of the history's chain: what it was, the digest of all else, and the hash that vouches for it."""

    n: int
    action: str
    who: str
    at: TimeText | None
    noted_at: TimeText | None
    details: str
    hash: str | None


class Inclusion(TypedDict):
    """Where the history stands in the tree of a day."""

    date: str
    count: int
    head: str
    index: int
    size: int
    path: list[str]


class DailyRoot(TypedDict):
    """A closed day (UTC): the number of its leaves, their tree, the root before, its own root and its signature."""

    date: str
    count: int
    tree: str
    previous: str | None
    root: str
    signature: str


class DailyRoots(TypedDict):
    """Closed days, newest first; `next` is the date to go on before."""

    roots: list[DailyRoot]
    next: str | None


class ReceiptKeys(TypedDict):
    """Public keys as a JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


class Receipt(TypedDict):
    """The signed receipt, and where the keys are that it is checked with."""

    number: str
    receipt: str
    keys: str


class Proof(TypedDict):
    """All that is needed to check a request without asking anybody."""

    number: str
    receipt: str
    history: list[ChainLink]
    inclusions: list[Inclusion]
    roots: list[DailyRoot]
    keys: ReceiptKeys
