"""Finding one's own requests by words, although what was written is sealed (docs/adr/0022).

Of each word a keyed hash is kept, 64 bits of BLAKE2b with a key of the citizen's own: a stolen database tells neither
the words nor which citizens wrote the same ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import structlog

from services.requests.request.models.request import Request
from services.requests.request.models.seal_purposes import purpose_of
from services.requests.request.models.words import texts_of, words_of, words_of_all
from services.requests.request.service.answers import answers_of
from shared.seal import KeyRing, SealBrokenError, SealPurpose

MAX_WORDS = 200
MAX_ASKED = 10
FILED = ("sealed_answers", "sealed_address")
NameOf = Callable[[str], Sequence[str]]
"""The names of a service, in each language."""

words_of_name = lru_cache(maxsize=1000)(words_of)

log = structlog.get_logger(__name__)


class WordIndex:
    """Keeps each request's `words` up to what stands in it. `index` is called before every write."""

    def __init__(self, keys: KeyRing, names_of: NameOf) -> None:
        self._keys = keys
        self._names_of = names_of
        self._keyed = lru_cache(maxsize=10_000)(self._make_keyed)

    def index(self, requests: Sequence[Request]) -> None:
        """Bring the words of requests that are about to be written up to date."""
        for request in requests:
            try:
                request.words = self._words_of(request)
            except SealBrokenError as error:  # a write is never refused for the sake of searching
                log.error("seal.broken", purpose=error.purpose, owner=error.owner)

    def blind(self, citizen_id: str, words: Sequence[str]) -> list[int]:
        """What is kept of these words."""
        keyed = self._keyed(citizen_id)
        hashes = []
        for word in words:
            hashed = keyed.copy()  # in half the time of keying anew
            hashed.update(word.encode())
            hashes.append(int.from_bytes(hashed.digest(), signed=True))
        return hashes

    def asked(self, citizen_id: str, text: str) -> list[int]:
        """What to look for when a citizen types this: every one of its words, bounded."""
        return self.blind(citizen_id, words_of(text)[:MAX_ASKED])

    def picker(self, text: str) -> Callable[[Sequence[Mapping[str, Any]]], list[str]] | None:
        """What picks the numbers of stored requests in which all words of a text stand; None where it has no words.

        Of each citizen's words the hashes are others (docs/adr/0022): they are made anew for each that is looked at.
        """
        words = words_of(text)[:MAX_ASKED]

        def pick(stored: Sequence[Mapping[str, Any]]) -> list[str]:
            return [one["_id"] for one in stored if self._stand_in(one, words)]

        return pick if words else None

    def _stand_in(self, stored: Mapping[str, Any], words: Sequence[str]) -> bool:
        there = set(stored.get("words") or ())
        return bool(there) and there.issuperset(self.blind(stored["citizen_id"], words))

    def _words_of(self, request: Request) -> list[int]:
        if request.anonymous or not request.sealed_answers:
            return []
        was: dict[str, Any] = request.stored
        told = len(was.get("history", []))
        if "words" in was and all(
            was.get(name) == getattr(request, name) for name in ("sealed_answers", "sealed_address")
        ):
            new = words_of_all(self._told(request.id, request.history[told:]))
            return _bounded([*request.words, *self.blind(request.citizen_id, new)]) if new else request.words
        named = (word for name in self._names_of(request.service) for word in words_of_name(name))
        words = list(dict.fromkeys([*named, *words_of_all(self._written(request))]))
        return self.blind(request.citizen_id, words[:MAX_WORDS])

    def _written(self, request: Request) -> Iterator[str]:
        yield from texts_of(answers_of(self._keys, request))
        if request.sealed_address:
            yield self._keys.unseal(request.sealed_address, SealPurpose.REQUEST_ADDRESS, owner=request.id)
        yield from self._told(request.id, request.history)

    def _told(self, number: str, entries: Sequence[dict[str, Any]]) -> Iterator[str]:
        """What department and citizen wrote along the way."""
        for entry in entries:
            if sealed := entry.get("sealed_words"):
                yield self._keys.unseal(sealed, purpose_of(entry["action"]), owner=number)

    def _make_keyed(self, citizen_id: str) -> blake2b:
        return blake2b(key=bytes.fromhex(self._keys.blind(citizen_id, "request.words")), digest_size=8)


def _bounded(words: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(words))[:MAX_WORDS]
