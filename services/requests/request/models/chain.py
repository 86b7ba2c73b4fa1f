"""The chain of a request's history: each entry has a hash over itself and the hash of the entry before it.

An entry is hashed in two steps (the encoding is in `shared.proof.chain`), so that a proof can show steps without texts:
`details` is the hash of all fields that are not part of the step, and `hash` is the hash of number, previous hash, step
and `details`. Texts and citizens' ids, which an erasure removes, enter the details only as digests.
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
    """The digest of a citizen's random id in an entry, different in each entry."""
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
    """The hash of the newest entry; empty if there is none."""
    return str(history[-1].get("hash", "")) if history else ""


def link_of(entry: Mapping[str, Any]) -> Entry:
    """The part of an entry that a proof shows: the step, and the digest of all other fields."""
    rest = {name: value for name, value in entry.items() if name not in OUTSIDE}
    if DIGESTS[BY] in rest:
        rest.pop(BY, None)
    step = {name: entry.get(name) for name in STEP}
    return {**step, "at": moment_text(step["at"]), "noted_at": moment_text(step["noted_at"]), "details": digest(rest)}


def forget(entry: Entry) -> None:
    """Remove text and citizen from an entry; the chain stays intact."""
    entry.pop(WORDS, None)
    entry.pop(RESEALED, None)
    if DIGESTS[BY] in entry:
        entry[BY] = None


def reseal(keys: KeyRing, number: str, entry: Entry, sealed: str) -> None:
    """Replace the text with one resealed under a new data key, with a mark made with the index key."""
    entry[WORDS] = sealed
    entry[RESEALED] = _reseal_mark(keys, number, entry)


def seal(keys: KeyRing, number: str, history: Sequence[Mapping[str, Any]]) -> str:
    """A keyed hash over length and head of a history, so that truncating or rewriting it needs the key."""
    return keys.blind(f"{number}\0{len(history)}\0{head(history)}", BlindPurpose.REQUEST_HISTORY)


def breaks(number: str, history: Sequence[Mapping[str, Any]], keys: KeyRing | None = None) -> list[Break]:
    """Every broken entry of a stored history. Without keys, resealed texts are not checked."""
    found, previous = [], ""
    for n, entry in enumerate(history, 1):
        if entry.get("n") != n:
            found.append(Break(n, "order"))
        if not _hash_holds(number, previous, entry):
            found.append(Break(n, "altered"))
        elif not _words_hold(number, entry, keys):
            found.append(Break(n, "words"))
        elif entry.get(BY) is not None and entry.get(DIGESTS[BY]) not in (None, person_digest(number, entry)):
            found.append(Break(n, "citizen"))
        previous = str(entry.get("hash", ""))  # report an altered entry once, not all that follow
    return found


def _hash_holds(number: str, previous: str, entry: Mapping[str, Any]) -> bool:
    try:
        return bool(entry.get("hash") == link_hash(number, previous, link_of(entry)))
    except TypeError:  # it contains a value that we never write
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
