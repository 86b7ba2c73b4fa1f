"""The chain of a request's history: each entry carries a hash over itself and the hash of the entry before it.

An entry is hashed in two steps (`shared.proof.chain` has the encoding), so that a proof can show the step without the
words: `details` is the hash of all that is beside the step's own members, and `hash` is the hash of the number, the
previous hash, the step and `details`. What an erasure may remove (what somebody wrote, who the citizen was) stands in
the details by its digest only.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from shared.proof.chain import STEP, Break, digest, link_hash, moment_text
from shared.seal import BlindPurpose, KeyRing

WORDS, BY = "sealed_words", "by"
DIGESTS = {WORDS: "words_digest", BY: "by_digest"}
RESEALED = "words_resealed"
OUTSIDE = frozenset({*STEP, WORDS, RESEALED, "hash"})
Entry = dict[str, Any]


def text_digest(text: str) -> str:
    """SHA-256 (hex) of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def person_digest(number: str, entry: Mapping[str, Any]) -> str:
    """What stands for a citizen's id, which is random, in an entry: another value in each."""
    return digest([number, entry["n"], entry[BY]])


def append(number: str, history: list[Entry], entry: Entry) -> None:
    """Add an entry to a history with its digests and its hash."""
    if entry.get(WORDS) is not None:
        entry[DIGESTS[WORDS]] = text_digest(entry[WORDS])
    if entry["who"] == "citizen" and entry.get(BY) is not None:
        entry[DIGESTS[BY]] = person_digest(number, entry)
    entry["hash"] = link_hash(number, head(history), link_of(entry))
    history.append(entry)


def head(history: Sequence[Mapping[str, Any]]) -> str:
    """The hash of the newest entry; empty when there is none."""
    return str(history[-1].get("hash", "")) if history else ""


def link_of(entry: Mapping[str, Any]) -> Entry:
    """The part of an entry that a proof shows: the step, and the digest of everything else."""
    rest = {name: value for name, value in entry.items() if name not in OUTSIDE}
    if DIGESTS[BY] in rest:
        rest.pop(BY, None)
    step = {name: entry.get(name) for name in STEP}
    return {**step, "at": moment_text(step["at"]), "noted_at": moment_text(step["noted_at"]), "details": digest(rest)}


def forget(entry: Entry) -> None:
    """Remove from an entry what somebody wrote and who the citizen was; the chain still holds."""
    entry.pop(WORDS, None)
    entry.pop(RESEALED, None)
    if DIGESTS[BY] in entry:
        entry[BY] = None


def reseal(keys: KeyRing, number: str, entry: Entry, sealed: str) -> None:
    """Put words that were sealed anew (another data key) in place of the old, vouched for by the index key."""
    entry[WORDS] = sealed
    entry[RESEALED] = _reseal_mark(keys, number, entry)


def seal(keys: KeyRing, number: str, history: Sequence[Mapping[str, Any]]) -> str:
    """A keyed hash over the length and the head of a history: without the key nobody can cut or rewrite it unseen."""
    return keys.blind(f"{number}\0{len(history)}\0{head(history)}", BlindPurpose.REQUEST_HISTORY)


def breaks(number: str, history: Sequence[Mapping[str, Any]], keys: KeyRing | None = None) -> list[Break]:
    """Every place where a stored history is not what was written. Without keys, resealed words are not judged."""
    found, previous = [], ""
    for place, entry in enumerate(history, 1):
        if entry.get("n") != place:
            found.append(Break(place, "order"))
        if not _hash_holds(number, previous, entry):
            found.append(Break(place, "altered"))
        elif not _words_hold(number, entry, keys):
            found.append(Break(place, "words"))
        elif entry.get(BY) is not None and entry.get(DIGESTS[BY]) not in (None, person_digest(number, entry)):
            found.append(Break(place, "citizen"))
        previous = str(entry.get("hash", ""))  # one altered entry is one finding, not all that follow
    return found


def _hash_holds(number: str, previous: str, entry: Mapping[str, Any]) -> bool:
    try:
        return bool(entry.get("hash") == link_hash(number, previous, link_of(entry)))
    except TypeError:  # something stands in it that we never write
        return False


def _words_hold(number: str, entry: Mapping[str, Any], keys: KeyRing | None) -> bool:
    words = entry.get(WORDS)
    if words is None or text_digest(str(words)) == entry.get(DIGESTS[WORDS]):
        return True
    if RESEALED not in entry:
        return False
    return keys is None or entry[RESEALED] == _reseal_mark(keys, number, entry)


def _reseal_mark(keys: KeyRing, number: str, entry: Mapping[str, Any]) -> str:
    parts = (number, str(entry["n"]), str(entry.get(DIGESTS[WORDS])), text_digest(str(entry[WORDS])))
    return keys.blind("\0".join(parts), BlindPurpose.REQUEST_RESEALED)
