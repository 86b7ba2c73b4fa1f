"""A citizen's actions on a filed request: correct, answer, confirm, dispute, withdraw, rate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from services.requests.catalogue.eligibility import filed_event, identity_of, verify
from services.requests.catalogue.models.dates import day_of
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates.models import leave
from services.requests.request.models.files import require_open_for
from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.models.waiting import Waits
from services.requests.request.service.merged import primary_of
from services.requests.request.service.sealed_texts import seal_answers
from services.requests.request.store.requests import RequestStore
from shared import events
from shared.changing import OvertakenError, retry_overtaken, save
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.jsonbody import Body
from shared.records import Records
from shared.seal import KeyRing, SealPurpose
from shared.spelling import AS_TEXT
from shared.transitions import TransitionRefusedError

CitizenWords = Annotated[str, Field(min_length=1, max_length=2000), AS_TEXT]


class Correction(Body):
    """All answers, corrected."""

    answers: dict[str, Any]


class Answer(Body):
    """The answer to the department's question."""

    answer: CitizenWords


class Confirmation(Body):
    """Confirmation of the outcome, with an optional rating from 1 (poor) to 5 (excellent)."""

    rating: Annotated[int, Field(ge=1, le=5)] | None = None


class Dispute(Body):
    """The reason of a dispute, and the citizen's words."""

    reason: Literal[
        "not_done",
        "partly_done",
        "nobody_spoke_to_me",
        "wrong_or_empty_reply",
        "wrong_photo_or_report",
        "closed_by_forwarding",
        "treated_badly",
        "other",
    ]
    words: CitizenWords | None = None


class Withdrawal(Body):
    """The withdrawal of a request, with the citizen's words."""

    words: CitizenWords | None = None


class Rating(Body):
    """A rating from 1 (poor) to 5 (excellent), with the citizen's words."""

    rating: Annotated[int, Field(ge=1, le=5)]
    words: CitizenWords | None = None


@dataclass(frozen=True, slots=True)
class CitizenActs:
    """The citizen's actions; each checks ownership and the life cycle's table."""

    store: RequestStore
    catalogue: Catalogue
    citizens: Records[CitizenReplica]
    keys: KeyRing

    async def correct(self, citizen_id: str, number: str, body: Correction, language: str) -> Request:
        """Replace the answers and run the rules of the version that it was filed under."""
        request = await self._own(citizen_id, number)
        checks = await self.catalogue.find_version(request.service, request.service_version)
        if checks is None:
            raise NotFoundError
        answers = checks.read(body.answers)
        if errors := checks.form_errors(answers, language, day_of(request.submitted_at)):
            raise InvalidError(errors=errors)
        identity = await identity_of(self.citizens, citizen_id, checks)

        def change(request: Request, now: datetime) -> None:
            request.require_steps_left()
            request.take("correct", ActorKind.CITIZEN, now, by=citizen_id)
            request.sealed_answers = seal_answers(self.keys, answers, of=number)
            results = verify(request, checks, answers, verified=not request.anonymous, identity=identity)
            request.emit(filed_event(events.RequestCorrected, request, results), now)

        return await self._change(citizen_id, number, change)

    async def answer(self, citizen_id: str, number: str, body: Answer) -> Request:
        """Answer the department's question; for a merged request, add information for the department of its primary.

        Raises TransitionRefusedError, also if the primary has ended.
        """
        primary = await primary_of(self.store, await self._own(citizen_id, number))
        if primary is not None:
            require_open_for(primary, "attachment")

        def change(request: Request, now: datetime) -> None:
            note = self.keys.seal(body.answer, SealPurpose.REQUEST_NOTE, owner=number)
            if request.merged_into:  # the state stays: the question was asked of another citizen
                request.require_steps_left()
                request.note("tell_more", ActorKind.CITIZEN, now, by=citizen_id, sealed_words=note)
                request.emit(events.RequestToldMore(citizen_id=citizen_id, into=request.merged_into), now)
                return
            request.take("answer", ActorKind.CITIZEN, now, by=citizen_id, sealed_words=note)
            request.emit(events.RequestAnswered(citizen_id=citizen_id), now)

        return await self._change(citizen_id, number, change)

    async def confirm(self, citizen_id: str, number: str, body: Confirmation) -> Request:
        """Confirm the outcome."""

        def change(request: Request, now: datetime) -> None:
            request.take("confirm", ActorKind.CITIZEN, now, by=citizen_id, rating=body.rating)
            request.emit(events.RequestConfirmed(citizen_id=citizen_id, rating=body.rating), now)

        return await self._change(citizen_id, number, change)

    async def rate(self, citizen_id: str, number: str, body: Rating) -> Request:
        """Rate a finished request, once, within 30 days."""

        def change(request: Request, now: datetime) -> None:
            if not request.may_rate(now):
                raise ConflictError("rated-before")
            words = self._sealed(body.words, number)
            request.note("rate", ActorKind.CITIZEN, now, by=citizen_id, rating=body.rating, sealed_words=words)
            request.emit(events.RequestRated(citizen_id=citizen_id, rating=body.rating), now)

        return await self._change(citizen_id, number, change)

    async def dispute(self, citizen_id: str, number: str, body: Dispute) -> Request:
        """Dispute the outcome; the request goes to the head of the department."""

        def change(request: Request, now: datetime) -> None:
            if request.appeal_of is not None:  # an authority's decision is final
                raise TransitionRefusedError(state=str(request.state))
            if request.disputed:
                raise ConflictError("disputed-before")
            if request.waits_until is not None and now > request.waits_until:
                raise ConflictError("dispute-too-late", days=int(Waits.of(request.waits).dispute))
            words = self._sealed(body.words, number)
            request.take("dispute", ActorKind.CITIZEN, now, by=citizen_id, reason=body.reason, sealed_words=words)
            request.disputed = True
            request.emit(events.RequestDisputed(citizen_id=citizen_id, reason=body.reason), now)

        return await self._change(citizen_id, number, change)

    async def withdraw(self, citizen_id: str, number: str, body: Withdrawal) -> Request:
        """Withdraw the request."""

        def change(request: Request, now: datetime) -> None:
            words = self._sealed(body.words, number)
            request.take("withdraw", ActorKind.CITIZEN, now, by=citizen_id, sealed_words=words)
            request.emit(events.RequestWithdrawn(citizen_id=citizen_id), now)

        return await self._change(citizen_id, number, change)

    def _sealed(self, words: str | None, number: str) -> str | None:
        return self.keys.seal(words, SealPurpose.REQUEST_NOTE, owner=number) if words else None

    async def _own(self, citizen_id: str, number: str) -> Request:
        request = await self.store.get(number)
        if request is None or request.citizen_id != citizen_id:
            raise NotFoundError
        return request

    async def _change(self, citizen_id: str, number: str, change: Callable[[Request, datetime], None]) -> Request:
        """The citizen's request after `change`."""

        async def attempt() -> Request:
            request = await self._own(citizen_id, number)
            primary = await self.store.get(request.merged_into) if request.merged_into else None
            change(request, utc_now())
            await self._save(request, primary)
            return request

        return await retry_overtaken(attempt)

    async def _save(self, request: Request, primary: Request | None) -> None:
        """Write the request; a citizen who withdraws a merged one unfollows its primary. Raises OvertakenError."""
        if primary is None or request.merged_into or not leave(primary, request.id, utc_now(), only=request.citizen_id):
            await save(self.store, request)
        elif not await self.store.save_together([request, primary]):
            raise OvertakenError
