"""Filing a request: checked, verified, and written once with its history and its event, before anybody says 201.

Filings that arrive while a write is under way share the next one. The Idempotency-Key stands in the request's own
document under a unique index, so a retry finds the first filing whatever happened in between.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.requests.catalogue import Catalogue
from services.requests.models.catalogue import districts
from services.requests.models.lifecycle import Who
from services.requests.models.number import new_number
from services.requests.models.request import Request
from services.requests.store import ACTIVE_INDEX, IDEMPOTENCY_INDEX, RequestStore
from services.requests.verification import Checks, RuleResult, verify
from shared import events
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, UnavailableError, field_error, field_errors
from shared.groupcommit import GroupCommit, OverloadedError
from shared.jsonbody import parse_object
from shared.seal import KeyRing

NEW_NUMBER_TRIES = 5
KEY_MOST = 100


class Place(BaseModel):
    """Where it is: a district, and what else is known."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    district: Annotated[str, Field(max_length=60)]
    address: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class Filing(BaseModel):
    """What a citizen sends to file a request."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    service: Annotated[str, Field(max_length=60)]
    place: Place
    answers: dict[str, Any]


class KeyReusedError(InvalidError):
    """The Idempotency-Key stands for another body."""

    code = "idempotency-key-reused"


class OneActiveError(ConflictError):
    """The service allows one active application for a citizen."""

    code = "one-active"


@dataclass(frozen=True)
class Filed:
    """A request that is durable; `replayed` when an earlier filing with the same key is meant."""

    request: Request
    replayed: bool


class Intake:
    """Files requests."""

    def __init__(self, store: RequestStore, catalogue: Catalogue, keys: KeyRing) -> None:
        self._store = store
        self._catalogue = catalogue
        self._keys = keys
        self._commit: GroupCommit[Request, str | None] = GroupCommit(self._insert)

    async def file(self, citizen_id: str, key: str, body: bytes, language: str) -> Filed:
        """File the request in `body` (JSON) for a citizen. Returns after the durable write.

        Raises InvalidError with field errors, KeyReusedError, OneActiveError, UnavailableError.
        """
        body_hash = hashlib.sha256(body).hexdigest()
        try:
            request = await self._prepare(citizen_id, body, language)
        except InvalidError:
            # A retry is answered by its first filing even if the catalogue has changed since.
            if earlier := await self._store.by_key(citizen_id, key):
                return self._replay(earlier, body_hash)
            raise
        request.idempotency_key, request.body_hash = key, body_hash
        return await self._write(request)

    async def _prepare(self, citizen_id: str, body: bytes, language: str) -> Request:
        filing = read_filing(body, language)
        found = await self._catalogue.find(filing.service)
        if found is None:
            raise InvalidError(errors=[field_error("/service", "service", language)])
        checks, version = found
        errors = [*_place_errors(filing.place, checks, language), *checks.form_errors(filing.answers, language)]
        if errors:
            raise InvalidError(errors=errors)
        return self._request(citizen_id, filing, checks, version)

    def _request(self, citizen_id: str, filing: Filing, checks: Checks, version: int) -> Request:
        now = utc_now()
        place, number = filing.place, new_number()
        request = Request(
            id=number,
            citizen_id=citizen_id,
            kind=checks.entry.kind,
            service=filing.service,
            service_version=version,
            district=place.district,
            sealed_answers=seal_answers(self._keys, filing.answers),
            submitted_at=now,
            active_service=filing.service if checks.entry.one_active else None,
        )
        if place.address:
            request.sealed_address = self._keys.seal(place.address, "request.address")
        if place.latitude is not None and place.longitude is not None:
            request.point = {"latitude": place.latitude, "longitude": place.longitude}
        request.note("submit", Who.CITIZEN, now, by=citizen_id)
        results = verify(request, checks, filing.answers)
        request.emit(filed_event(events.RequestSubmitted, request, results), now)
        return request

    async def _write(self, request: Request) -> Filed:
        for _ in range(NEW_NUMBER_TRIES):
            try:
                clash = await self._commit.submit(request)
            except OverloadedError:
                raise UnavailableError(headers={"Retry-After": "2"}) from None
            if clash is None:
                return Filed(request, replayed=False)
            if clash == IDEMPOTENCY_INDEX:
                earlier = await self._store.by_key(request.citizen_id, request.idempotency_key)
                if earlier is not None:
                    return self._replay(earlier, request.body_hash)
            elif clash == ACTIVE_INDEX:
                await self._refuse_second(request)
            else:
                request.renumber(new_number())
        raise UnavailableError(headers={"Retry-After": "1"})

    async def _insert(self, requests: Sequence[Request]) -> Sequence[str | None]:
        return await self._store.insert_many(requests)

    async def _refuse_second(self, request: Request) -> None:
        """Both unique indexes may be in the way; a retry of the same filing is the one that counts."""
        earlier = await self._store.by_key(request.citizen_id, request.idempotency_key)
        if earlier is not None and earlier.body_hash == request.body_hash:
            return
        active = await self._store.active(request.citizen_id, request.service)
        if active is not None:
            raise OneActiveError(number=active.id)

    @staticmethod
    def _replay(earlier: Request, body_hash: str) -> Filed:
        if earlier.body_hash != body_hash:
            raise KeyReusedError
        return Filed(earlier, replayed=True)


def read_filing(body: bytes, language: str) -> Filing:
    """The filing in a JSON body. Raises BadRequestError, InvalidError."""
    try:
        return Filing.model_validate(parse_object(body))
    except ValidationError as error:
        raise InvalidError(errors=field_errors(list(error.errors()), language)) from None


def filed_event(
    kind: type[events.RequestSubmitted] | type[events.RequestCorrected], request: Request, results: list[RuleResult]
) -> events.RequestFiled:
    """The event that tells of a filing or a correction: ids and closed answers, nothing that somebody wrote."""
    return kind.model_validate(
        {
            "citizen_id": request.citizen_id,
            "service": request.service,
            "service_version": request.service_version,
            "kind": request.kind,
            "district": request.district,
            "facts": request.facts,
            "state": request.state,
            "failed_rules": [result.code for result in results if not result.passed],
        }
    )


def seal_answers(keys: KeyRing, answers: dict[str, Any]) -> str:
    """The answers as they are kept."""
    return keys.seal(json.dumps(answers, ensure_ascii=False), "request.answers")


def unseal_answers(keys: KeyRing, sealed: str) -> dict[str, Any]:
    """The answers as they were given."""
    answers: dict[str, Any] = json.loads(keys.unseal(sealed, "request.answers"))
    return answers


def _place_errors(place: Place, checks: Checks, language: str) -> list[dict[str, str]]:
    offered = checks.entry.districts or districts()
    errors = []
    if place.district not in offered:
        errors.append(field_error("/place/district", "district", language))
    if (place.latitude is None) != (place.longitude is None):
        missing = "latitude" if place.latitude is None else "longitude"
        errors.append(field_error(f"/place/{missing}", "required", language))
    return errors
