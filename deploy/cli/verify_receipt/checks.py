"""What a receipt or a proof shows, line by line: proven, wrong, or not shown by this file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import Any

from deploy.cli.verify_receipt.evidence import Evidence, Object
from deploy.cli.verify_receipt.signatures import Signatures, unverified
from services.requests.models import chain, merkle
from services.requests.models.day import Leaf, root_hash
from services.requests.models.receipt import FIRST_ENTRIES, RECEIPT_TYPE, ROOT_TYPE


class Verdict(Enum):
    """How one line ended."""

    PROVEN = "proven"
    WRONG = "WRONG"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Line:
    """One finding in plain words."""

    verdict: Verdict
    text: str


@dataclass(frozen=True)
class Trust:
    """What the reader brought of their own: keys and roots; None where the file's own have to do."""

    keys: Object | None = None
    roots: list[Object] | None = None
    earlier: Evidence | None = None


def check(evidence: Evidence, trust: Trust) -> list[Line]:
    """All findings about a file."""
    keys = trust.keys or evidence.keys
    if keys is None:
        where = unverified(evidence.receipt).get("iss", "the portal")
        words = f"signature: no key to check it with; get {where}/.well-known/receipt-keys.json, then --keys FILE"
        return [Line(Verdict.NOT_SHOWN, words)]
    signatures = Signatures(keys)
    said = signatures.said(evidence.receipt, RECEIPT_TYPE)
    if said is None:
        return [Line(Verdict.WRONG, "the receipt was not signed by any of the keys, or was altered")]
    claims, kid = said
    lines = [
        Line(Verdict.PROVEN, f"signature: signed by {claims.get('iss')} with key {kid}"),
        Line(
            Verdict.PROVEN,
            f"received: {claims.get('number')} ({claims.get('service')}, version {claims.get('version')}, "
            f"{claims.get('kind')}) at {claims.get('submitted_at')}, body SHA-256 {str(claims.get('body'))[:16]}...",
        ),
    ]
    if evidence.history is None:
        words = "history: this file is only the receipt; save the answer of /requests/NUMBER/proof and check that"
        return [*lines, Line(Verdict.NOT_SHOWN, words)]
    number = str(claims.get("number"))
    lines += _history(evidence.history, claims)
    lines += _roots(evidence.roots, signatures, trust.roots)
    lines += _inclusions(number, evidence, trust.roots or [])
    if trust.earlier is not None:
        lines += _since(evidence, trust.earlier, signatures)
    return lines


def _history(history: Sequence[Object], claims: Mapping[str, Any]) -> Iterator[Line]:
    """Whether the history is one chain that begins as the receipt says."""
    broken = chain.link_breaks(str(claims.get("number")), history)
    for found in broken:
        yield Line(Verdict.WRONG, f"history: step {found.n} is not as it was written ({found.what})")
    began = history[:FIRST_ENTRIES][-1].get("hash") if history else None
    if began != claims.get("history"):
        yield Line(Verdict.WRONG, "history: it does not begin as the receipt says")
    elif not broken:
        last = history[-1]
        yield Line(
            Verdict.PROVEN,
            f"history: {len(history)} steps in one chain that begins as the receipt says; "
            f"the last is {last.get('action')} ({last.get('to')}) at {last.get('at')}",
        )


def _roots(roots: Sequence[Object], signatures: Signatures, trusted: Sequence[Object] | None) -> Iterator[Line]:
    """Whether the roots are signed, vouch for each other, and are those that the reader trusts."""
    if not roots:
        yield Line(Verdict.NOT_SHOWN, "daily roots: none is in this file (each day is closed after midnight, UTC)")
        return
    wrong = [root for root in roots if not _is_signed(root, signatures)]
    yield from (
        Line(Verdict.WRONG, f"daily root of {root.get('date')}: not signed as it stands here") for root in wrong
    )
    gaps = [after for before, after in pairwise(roots) if not _follows(before, after)]
    yield from (
        Line(Verdict.WRONG, f"daily root of {root.get('date')}: does not follow the day before") for root in gaps
    )
    if not wrong and not gaps:
        days = f"{roots[0].get('date')} to {roots[-1].get('date')}" if len(roots) > 1 else str(roots[0].get("date"))
        yield Line(Verdict.PROVEN, f"daily roots: {days}, each signed, each vouching for the day before")
    if trusted is not None:
        yield from _as_trusted(roots, trusted)


def _as_trusted(roots: Sequence[Object], trusted: Sequence[Object]) -> Iterator[Line]:
    known = {str(root.get("date")): root.get("root") for root in trusted}
    compared = [root for root in roots if str(root.get("date")) in known]
    differing = [root for root in compared if known[str(root.get("date"))] != root.get("root")]
    for root in differing:
        yield Line(Verdict.WRONG, f"daily root of {root.get('date')}: not the one in your file of roots")
    if not compared:
        yield Line(Verdict.WRONG, "daily roots: your file of roots has none of these days")
    elif not differing:
        yield Line(
            Verdict.PROVEN, f"daily roots: {len(compared)} of {len(roots)} stand in your file of roots, the same"
        )


def _is_signed(root: Object, signatures: Signatures) -> bool:
    said = signatures.said(str(root.get("signature")), ROOT_TYPE)
    if said is None or root.get("root") != root_hash(root):
        return False
    return all(said[0].get(name) == root.get(name) for name in ("date", "root", "tree", "count", "previous"))


def _follows(before: Object, after: Object) -> bool:
    try:
        next_day = (date.fromisoformat(str(before.get("date"))) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return False
    return after.get("date") == next_day and after.get("previous") == before.get("root")


def _inclusions(number: str, evidence: Evidence, trusted: Sequence[Object]) -> Iterator[Line]:
    """How much of the history the daily roots hold, and that they hold this history."""
    history = evidence.history or []
    trees = {str(root.get("date")): root for root in evidence.roots}
    held = 0
    for inclusion in evidence.inclusions:
        day, count = str(inclusion.get("date")), inclusion.get("count")
        if not _is_in(number, inclusion, trees.get(day)):
            yield Line(Verdict.WRONG, f"root of {day}: does not hold what is said to be in it")
        elif not isinstance(count, int) or not 0 < count <= len(history):
            yield Line(
                Verdict.WRONG, f"root of {day}: held {count} steps, the history has {len(history)}: steps are gone"
            )
        elif history[count - 1].get("hash") != inclusion.get("head"):
            yield Line(Verdict.WRONG, f"root of {day}: held another history up to step {count}: it was rewritten")
        else:
            held = max(held, count)
            yield Line(Verdict.PROVEN, f"root of {day}: holds this history up to step {count} of {len(history)}")
    if held < len(history):
        after = f"steps {held + 1} to {len(history)}" if held + 1 < len(history) else f"step {len(history)}"
        noted = min(str(link.get("noted_at"))[:10] for link in history[held:])
        if noted < _newest(evidence.roots):
            yield Line(Verdict.WRONG, f"{after}: should stand in a daily root by now, and does not")
        elif noted <= _newest(trusted):
            words = "in no root of this file, and your file of roots has that day: save the proof anew and check that"
            yield Line(Verdict.NOT_SHOWN, f"{after}: {words}")
        else:
            yield Line(Verdict.NOT_SHOWN, f"{after}: not in a daily root yet (each day is closed after midnight, UTC)")


def _newest(roots: Sequence[Object]) -> str:
    """The date of the newest of some roots; before all dates when there is none."""
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


def _since(now: Evidence, earlier: Evidence, signatures: Signatures) -> Iterator[Line]:
    """Whether what an earlier proof showed still stands."""
    was, history = earlier.history or [], now.history or []
    said = signatures.said(earlier.receipt, RECEIPT_TYPE)
    mine = signatures.said(now.receipt, RECEIPT_TYPE)
    if said is None or mine is None or said[0] != mine[0]:
        yield Line(Verdict.WRONG, "earlier proof: its receipt is of another request, or not signed by these keys")
        return
    hashes = [link.get("hash") for link in history]
    if hashes[: len(was)] == [link.get("hash") for link in was]:
        yield Line(Verdict.PROVEN, f"earlier proof: all {len(was)} steps that it showed are still there, unchanged")
    else:
        yield Line(Verdict.WRONG, "earlier proof: steps that it showed were altered or removed since")
    known = {str(root.get("date")): root.get("root") for root in earlier.roots}
    for root in now.roots:
        if known.get(str(root.get("date")), root.get("root")) != root.get("root"):
            yield Line(Verdict.WRONG, f"daily root of {root.get('date')}: another one than in the earlier proof")
