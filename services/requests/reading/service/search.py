"""Finds requests by their text, which is unsealed and searched in memory (docs/adr/0038)."""

from collections.abc import Callable, Iterator, Sequence

import structlog

from services.requests.request.models.request import Request
from services.requests.request.models.words import folded, texts_of, words_of
from services.requests.request.service.sealed_texts import answers_of, purpose_of
from shared.seal import KeyRing, SealBrokenError, SealPurpose

MAX_SEARCHED = 1_000
"""Requests searched at once."""
MAX_WORDS = 10

log = structlog.get_logger(__name__)


class TextSearch:
    """Searches answers, address, names of the service, and the texts of the history."""

    def __init__(self, keys: KeyRing, names_of: Callable[[str], Sequence[str]]) -> None:
        self._keys = keys
        self._names_of = names_of

    def matching(self, requests: Sequence[Request], text: str) -> list[Request]:
        """The requests that contain every word of `text`, also as a part of words; none if it has no words."""
        words = words_of(text)[:MAX_WORDS]
        return [request for request in requests if self._contains(request, words)] if words else []

    def _contains(self, request: Request, words: Sequence[str]) -> bool:
        try:
            searched = folded("\n".join(self._texts(request)))
        except SealBrokenError as error:  # the other requests are still searched
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return False
        return all(word in searched for word in words)

    def _texts(self, request: Request) -> Iterator[str]:
        yield from self._names_of(request.service)
        yield from texts_of(answers_of(self._keys, request))
        if request.sealed_address:
            yield self._keys.unseal(request.sealed_address, SealPurpose.REQUEST_ADDRESS, owner=request.id)
        for entry in request.history:
            if sealed := entry.get("sealed_words"):
                yield self._keys.unseal(sealed, purpose_of(entry["action"]), owner=request.id)
