"""Publishing words: the guard takes personal data out of a description, and an officer reads it before it is public."""

import json
from typing import Annotated

from pydantic import BeforeValidator, Field

from services.requests.publishing import schemas
from services.requests.publishing.guard import HARD, find_personal, redact
from services.requests.reading.models import has_or_gets
from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.request import Request
from services.requests.request.models.words import language_of_words
from services.requests.request.service.access_log import AccessLog
from services.requests.request.service.merged import is_hidden
from services.requests.request.service.sealed_texts import answers_of, published_words
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, NotFoundError, PreconditionFailedError, field_error
from shared.jsonbody import Body
from shared.paging import time_text
from shared.seal import KeyRing, SealPurpose
from shared.spelling import text_of

PLACE, DESCRIPTION = "place", "description"
Typed = BeforeValidator(lambda text: text_of(text) if isinstance(text, str) else text)


class PublicWords(Body):
    """The words to be published, as the officer has read them; an empty text publishes none."""

    description: Annotated[str, Field(max_length=2000), Typed] = ""
    place: Annotated[str, Field(max_length=300), Typed] = ""


class WordPublishing:
    """The use cases of officers who publish words of requests at their department."""

    def __init__(self, store: RequestStore, accesses: AccessLog, keys: KeyRing) -> None:
        self._store = store
        self._accesses = accesses
        self._keys = keys

    async def proposal(self, officer: Principal, number: str) -> tuple[schemas.Publication, int]:
        """The words, what the guard makes of them, and the revision. Raises NotFoundError, ConflictError."""
        request = await self._at_department(officer, number)
        await self._accesses.note(officer, request)
        return self._view(request), request.rev

    async def publish(
        self, officer: Principal, number: str, rev: int, body: PublicWords, language: str
    ) -> tuple[schemas.Publication, int]:
        """Publish these words in place of earlier ones.

        Raises InvalidError for words that contain numbers of a person, PreconditionFailedError, and what `proposal`
        raises.
        """
        request = await self._at_department(officer, number)
        if errors := [field_error(f"/{name}", "personal", language) for name in _unfit(body)]:
            raise InvalidError(errors=errors)
        words = json.dumps(body.model_dump(), ensure_ascii=False)
        sealed = self._keys.seal(words, SealPurpose.REQUEST_PUBLIC_WORDS, owner=number)
        now = utc_now()
        request.publication = {"sealed": sealed, "by": officer.id, "at": now}
        request.note("publish", ActorKind.OFFICER, now, by=officer.id)
        return await self._saved(request, rev)

    async def take_back(self, officer: Principal, number: str, rev: int) -> tuple[schemas.Publication, int]:
        """Publish no words any more."""
        request = await self._at_department(officer, number)
        if request.publication is not None:
            request.publication = None
            request.note("unpublish", ActorKind.OFFICER, utc_now(), by=officer.id)
        return await self._saved(request, rev)

    async def _at_department(self, officer: Principal, number: str) -> Request:
        request = await self._store.get(number)
        if request is None or not has_or_gets(request, officer.department):
            raise NotFoundError
        if await is_hidden(self._store, request, officer.id):
            raise NotFoundError
        here = request.department == officer.department
        if request.public_id is None or request.anonymised_at is not None or not here:
            raise ConflictError("not-published")
        return request

    async def _saved(self, request: Request, rev: int) -> tuple[schemas.Publication, int]:
        if request.rev != rev or await self._store.save_many([request]):
            raise PreconditionFailedError
        return self._view(request), rev + 1

    def _view(self, request: Request) -> schemas.Publication:
        texts = self._texts(request)
        return {
            "number": request.id,
            "id": str(request.public_id),
            "published": request.publication is not None,
            "published_at": time_text(request.publication["at"]) if request.publication else None,
            "description": marked(texts[DESCRIPTION]),
            "place": marked(texts[PLACE]),
        }

    def _texts(self, request: Request) -> dict[str, str]:
        """The published words; else those of the citizen."""
        if request.publication is not None:
            return {name: text or "" for name, text in published_words(self._keys, request).items()}
        answers, sealed = answers_of(self._keys, request), request.sealed_address
        address = self._keys.unseal(sealed, SealPurpose.REQUEST_ADDRESS, owner=request.id) if sealed else ""
        return {DESCRIPTION: str(answers.get(DESCRIPTION, "")), PLACE: str(answers.get(PLACE) or address)}


def marked(text: str) -> schemas.MarkedText:
    """A text with what the guard finds in it."""
    found = find_personal(text)
    kinds = list(dict.fromkeys(str(mark.kind) for mark in found))
    return {"text": text, "redacted": redact(text, found, language_of_words(text) or "en"), "found": kinds}  # type: ignore[typeddict-item]


def _unfit(body: PublicWords) -> list[str]:
    """The texts that contain what is never published."""
    texts = {DESCRIPTION: body.description, PLACE: body.place}
    return [name for name, text in texts.items() if any(mark.kind in HARD for mark in find_personal(text))]
