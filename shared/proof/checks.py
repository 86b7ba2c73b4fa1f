"""Verification of receipts and proofs. Each finding is proven, wrong, or not shown by the file.

A finding is a code with values; the program that displays it has the texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import Any

from shared.proof import merkle
from shared.proof.chain import link_breaks
from shared.proof.evidence import Evidence, Object
from shared.proof.roots import Leaf, root_hash
from shared.proof.signatures import FIRST_ENTRIES, RECEIPT_TYPE, ROOT_TYPE, Signatures, unverified


class Verdict(Enum):
    """The result of one check."""

    PROVEN = "proven"
    WRONG = "WRONG"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Finding:
    """One finding. `values` come from the file and are not trustworthy."""

    verdict: Verdict
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def proven(code: str, **values: Any) -> Finding:
    """Something that holds."""
    return Finding(Verdict.PROVEN, code, values)


def wrong(code: str, **values: Any) -> Finding:
    """Something that does not hold."""
    return Finding(Verdict.WRONG, code, values)


def not_shown(code: str, **values: Any) -> Finding:
    """Something that this file cannot show."""
    return Finding(Verdict.NOT_SHOWN, code, values)


@dataclass(frozen=True)
class Trust:
    """Keys and roots that the reader provides; None where those in the file have to be used."""

    keys: Object | None = None
    roots: list[Object] | None = None
    earlier: Evidence | None = None


def check(evidence: Evidence, trust: Trust) -> list[Finding]:
    """All findings about a receipt or proof."""
    keys = trust.keys or evidence.keys
    if keys is None:
        return [not_shown("no-key", issuer=unverified(evidence.receipt).get("iss"))]
    signatures = Signatures(keys)
    verified = signatures.verified(evidence.receipt, RECEIPT_TYPE)
    if verified is None:
        return [wrong("not-signed")]
    claims, kid = verified
    found = [proven("signed", issuer=claims.get("iss"), key=kid), proven("received", **_received(claims))]
    if evidence.history is None:
        return [*found, not_shown("only-receipt")]
    number = str(claims.get("number"))
    found += _history(evidence.history, claims)
    found += _roots(evidence.roots, signatures, trust.roots)
    found += _inclusions(number, evidence, trust.roots or [])
    if trust.earlier is not None:
        found += _since(evidence, trust.earlier, signatures)
    return found


def _received(claims: Mapping[str, Any]) -> dict[str, Any]:
    names = ("number", "service", "version", "kind", "submitted_at", "body")
    return {name: claims.get(name) for name in names}


def _history(history: Sequence[Object], claims: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the history is one chain, with the beginning that the receipt states."""
    broken = link_breaks(str(claims.get("number")), history)
    for found in broken:
        yield wrong("step-altered", step=found.n, what=found.what)
    began = history[:FIRST_ENTRIES][-1].get("hash") if history else None
    if began != claims.get("history"):
        yield wrong("other-beginning")
    elif not broken:
        last = history[-1]
        yield proven("history", steps=len(history), **{name: last.get(name) for name in ("action", "to", "at")})


def _roots(roots: Sequence[Object], signatures: Signatures, trusted: Sequence[Object] | None) -> Iterator[Finding]:
    """Whether the roots are signed, follow each other, and are those that the reader trusts."""
    if not roots:
        yield not_shown("no-roots")
        return
    unsigned = [root for root in roots if not _is_signed(root, signatures)]
    yield from (wrong("root-not-signed", day=root.get("date")) for root in unsigned)
    gaps = [after for before, after in pairwise(roots) if not _follows(before, after)]
    yield from (wrong("root-not-next", day=root.get("date")) for root in gaps)
    if not unsigned and not gaps:
        yield proven("roots", days=len(roots), first=roots[0].get("date"), last=roots[-1].get("date"))
    if trusted is not None:
        yield from _as_trusted(roots, trusted)


def _as_trusted(roots: Sequence[Object], trusted: Sequence[Object]) -> Iterator[Finding]:
    known = {str(root.get("date")): root.get("root") for root in trusted}
    compared = [root for root in roots if str(root.get("date")) in known]
    differing = [root for root in compared if known[str(root.get("date"))] != root.get("root")]
    yield from (wrong("root-differs", day=root.get("date")) for root in differing)
    if not compared:
        yield wrong("roots-unknown")
    elif not differing:
        yield proven("roots-known", same=len(compared), days=len(roots))


def _is_signed(root: Object, signatures: Signatures) -> bool:
    verified = signatures.verified(str(root.get("signature")), ROOT_TYPE)
    if verified is None or root.get("root") != root_hash(root):
        return False
    return all(verified[0].get(name) == root.get(name) for name in ("date", "root", "tree", "count", "previous"))


def _follows(before: Object, after: Object) -> bool:
    try:
        next_day = (date.fromisoformat(str(before.get("date"))) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return False
    return after.get("date") == next_day and after.get("previous") == before.get("root")


def _inclusions(number: str, evidence: Evidence, trusted: Sequence[Object]) -> Iterator[Finding]:
    """Whether the daily roots include this history, and how much of it."""
    history = evidence.history or []
    trees = {str(root.get("date")): root for root in evidence.roots}
    held = 0
    for inclusion in evidence.inclusions:
        day, count = str(inclusion.get("date")), inclusion.get("count")
        if not _is_in(number, inclusion, trees.get(day)):
            yield wrong("leaf-not-in", day=day)
        elif not isinstance(count, int) or not 0 < count <= len(history):
            yield wrong("steps-gone", day=day, held=count, steps=len(history))
        elif history[count - 1].get("hash") != inclusion.get("head"):
            yield wrong("rewritten", day=day, step=count)
        else:
            held = max(held, count)
            yield proven("held", day=day, step=count, steps=len(history))
    if held < len(history):
        yield _not_held(history, held, _newest(evidence.roots), _newest(trusted))


def _not_held(history: Sequence[Object], held: int, newest: str, trusted: str) -> Finding:
    """The finding about the steps after the first `held`, which are in no root of the file."""
    steps = {"first": held + 1, "last": len(history)}
    noted = min(str(link.get("noted_at"))[:10] for link in history[held:])
    if noted < newest:
        return wrong("left-out", **steps)
    return not_shown("old-file" if noted <= trusted else "not-closed", **steps)


def _newest(roots: Sequence[Object]) -> str:
    """The date of the newest root; empty, which is before all dates, without roots."""
    return max((str(root.get("date")) for root in roots), default="")


def _is_in(number: str, inclusion: Object, root: Object | None) -> bool:
    if root is None or inclusion.get("size") != root.get("count"):
        return False
    try:
        leaf = Leaf(number, inclusion["count"], inclusion["head"]).hash
        tree = merkle.root_by(leaf, inclusion["index"], inclusion["size"], inclusion["path"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return bool(tree == root.get("tree"))


def _since(now: Evidence, earlier: Evidence, signatures: Signatures) -> Iterator[Finding]:
    """Whether everything in an earlier proof is still the same."""
    before, history = earlier.history or [], now.history or []
    earlier_receipt = signatures.verified(earlier.receipt, RECEIPT_TYPE)
    receipt = signatures.verified(now.receipt, RECEIPT_TYPE)
    if earlier_receipt is None or receipt is None or earlier_receipt[0] != receipt[0]:
        yield wrong("earlier-other")
        return
    hashes = [link.get("hash") for link in history]
    if hashes[: len(before)] == [link.get("hash") for link in before]:
        yield proven("earlier-stands", steps=len(before))
    else:
        yield wrong("earlier-altered")
    known = {str(root.get("date")): root.get("root") for root in earlier.roots}
    for root in now.roots:
        if known.get(str(root.get("date")), root.get("root")) != root.get("root"):
            yield wrong("earlier-root", day=root.get("date"))
