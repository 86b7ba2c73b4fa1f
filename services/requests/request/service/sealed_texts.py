"""The texts of a request, sealed and unsealed."""

import json
from typing import Any

from services.requests.request.models.request import Request
from shared.seal import KeyRing, SealPurpose

PURPOSES = {
    "question": SealPurpose.REQUEST_QUESTION,
    "progress": SealPurpose.REQUEST_NOTE,
    "resolve": SealPurpose.REQUEST_REPLY,
    "transfer": SealPurpose.REQUEST_REASON,
    "override": SealPurpose.REQUEST_REASON,
    "delay": SealPurpose.REQUEST_REASON,
    "remit": SealPurpose.REQUEST_REPLY,
}


def purpose_of(action: str) -> SealPurpose:
    """The seal purpose of a history entry's text; citizens' texts are notes."""
    return PURPOSES.get(action, SealPurpose.REQUEST_NOTE)


def seal_answers(keys: KeyRing, answers: dict[str, Any], *, of: str) -> str:
    """The sealed answers for the request with this number."""
    return keys.seal(json.dumps(answers, ensure_ascii=False), SealPurpose.REQUEST_ANSWERS, owner=of)


def published_words(keys: KeyRing, request: Request) -> dict[str, str | None]:
    """The words that an officer has published, by their names; empty if there are none. Raises SealBrokenError."""
    if request.publication is None:
        return {}
    sealed: str = request.publication["sealed"]
    words: dict[str, str | None] = json.loads(keys.unseal(sealed, SealPurpose.REQUEST_PUBLIC_WORDS, owner=request.id))
    return words


def answers_of(keys: KeyRing, request: Request) -> dict[str, Any]:
    """The answers; empty if they were erased. Raises SealBrokenError."""
    if not request.sealed_answers:
        return {}
    answers: dict[str, Any] = json.loads(
        keys.unseal(request.sealed_answers, SealPurpose.REQUEST_ANSWERS, owner=request.id)
    )
    return answers
