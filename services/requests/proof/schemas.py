"""Receipts, proofs, daily roots and the keys that sign them."""

from typing import Any

from typing_extensions import TypedDict

from shared.clock import TimeText

_Edge = TypedDict("_Edge", {"from": str | None, "to": str | None})


class ChainLink(_Edge):
    """A step of the history, the digest of its other fields, and its hash in the chain."""

    n: int
    action: str
    who: str
    at: TimeText | None
    noted_at: TimeText | None
    details: str
    hash: str | None


class Inclusion(TypedDict):
    """The position of the history in the tree of a day."""

    date: str
    count: int
    head: str
    index: int
    size: int
    path: list[str]


class DailyRoot(TypedDict):
    """A closed day (UTC): number of leaves, their tree, the previous root, its root and its signature."""

    date: str
    count: int
    tree: str
    previous: str | None
    root: str
    signature: str


class DailyRoots(TypedDict):
    """Closed days, newest first; `next` is the date for the next page."""

    roots: list[DailyRoot]
    next: str | None


class ReceiptKeys(TypedDict):
    """Public keys as a JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


class Receipt(TypedDict):
    """The signed receipt, and the address of the keys that verify it."""

    number: str
    receipt: str
    keys: str


class Proof(TypedDict):
    """Everything needed to verify a request offline."""

    number: str
    receipt: str
    history: list[ChainLink]
    inclusions: list[Inclusion]
    roots: list[DailyRoot]
    keys: ReceiptKeys
