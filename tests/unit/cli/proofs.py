"""A proof like the portal's, in memory: one request, two closed days, real keys."""

import json
from datetime import UTC, datetime
from typing import Any, cast

from services.requests.proof.models import ReceiptKey
from services.requests.proof.service.receipts import Receipts, make_key
from services.requests.proof.store import ReceiptKeyStore
from services.requests.request.models import chain
from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.request import Request
from shared.proof import merkle
from shared.proof.roots import Leaf, root_hash
from shared.proof.signatures import ROOT_TYPE
from tests.builders import CITIZEN, KEYS, NUMBER, a_request, rechain
from tests.fakes import START, FakeClock

OTHERS = [Leaf(f"RB-0000-000{n}-0", 2, "a" * 64) for n in range(4)]
DAYS = ("2026-03-02", "2026-03-03")


class OneKey:
    """The store of one key."""

    def __init__(self) -> None:
        self.key = make_key(KEYS, START)

    async def all(self) -> list[ReceiptKey]:
        """That key."""
        return [self.key]


async def signer() -> Receipts:
    """A signer with a new key."""
    receipts = Receipts(cast(ReceiptKeyStore, OneKey()), KEYS, FakeClock(), days=365, issuer="https://rabta.example")
    await receipts.prepare()
    return receipts


def a_history() -> Request:
    """A request with three steps, the last one with a text."""
    request = a_request(body_hash="b" * 64)
    request.note("submit", ActorKind.CITIZEN, START, by=CITIZEN, version=1)
    request.take("pass", ActorKind.RULES, START, results=[])
    request.take("route", ActorKind.ROUTING, START, sealed_words="words")
    for entry in request.history:  # the clock of this machine has nothing to do with it
        entry["noted_at"] = datetime(2026, 3, 2, 9, entry["n"], tzinfo=UTC)
    rechain(NUMBER, request.history)
    return request


def a_root(signs: Receipts, day: str, leaves: list[Leaf], previous: str | None) -> dict[str, Any]:
    """A published root."""
    shown = {"date": day, "count": len(leaves), "tree": merkle.root_of([leaf.hash for leaf in leaves])}
    shown["previous"] = previous
    root = root_hash(shown)
    return {**shown, "root": root, "signature": signs.sign(ROOT_TYPE, {**shown, "root": root}, START)}


async def a_proof(signs: Receipts | None = None, request: Request | None = None) -> dict[str, Any]:
    """The response of /proof for a request in the root of the first day."""
    signs, request = signs or await signer(), request or a_history()
    leaf = Leaf(NUMBER, len(request.history), chain.head(request.history))
    leaves = sorted([*OTHERS, leaf], key=lambda leaf: leaf.number)
    place = leaves.index(leaf)
    first = a_root(signs, DAYS[0], leaves, None)
    inclusion = {
        "date": DAYS[0],
        "count": leaf.count,
        "head": leaf.head,
        "index": place,
        "size": len(leaves),
        "path": merkle.path_to([leaf.hash for leaf in leaves], place),
    }
    proof = {
        "number": NUMBER,
        "receipt": signs.receipt(request),
        "history": [{**chain.link_of(entry), "hash": entry["hash"]} for entry in request.history],
        "inclusions": [inclusion],
        "roots": [first, a_root(signs, DAYS[1], [], first["root"])],
        "keys": signs.published(),
    }
    copy: dict[str, Any] = json.loads(json.dumps(proof))
    return copy
