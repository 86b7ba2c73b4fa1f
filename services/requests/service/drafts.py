"""Drafts: kept sealed for seven days after the last change, with what is still missing told each time.

Written over bad networks: beginning one again with the same Idempotency-Key, and writing the same again, changes
nothing and is answered like the first time.
"""

import json
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol

from pydantic import Field

from services.requests.catalogue import Catalogue
from services.requests.models.draft import KEPT_FOR, MOST_DRAFTS, Draft
from services.requests.service.filing import hiding_errors, place_errors
from shared.clock import Clock, utc_now
from shared.errors import ConflictError, FieldError, InvalidError, NotFoundError, PreconditionFailedError, field_error
from shared.jsonbody import Body
from shared.seal import KeyRing

TURNS = MOST_DRAFTS + 5
PLACE = "request.draft"


class DraftPlace(Body):
    """Where it is, as far as is known."""

    district: Annotated[str, Field(max_length=60)] | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class DraftFiling(Body):
    """What was written so far; only the service must be known."""

    service: Annotated[str, Field(max_length=60)]
    place: DraftPlace = Field(default_factory=DraftPlace)
    answers: dict[str, Any] = Field(default_factory=dict)
    confidential: bool = False


class TooManyDraftsError(ConflictError):
    """The citizen has as many drafts as anybody may have."""

    code = "too-many-drafts"


class KeptDrafts(Protocol):
    """Where drafts are kept."""

    async def insert(self, draft: Draft) -> bool:
        """Keep a new draft; False when its id or its slot is taken."""

    async def get(self, citizen_id: str, draft_id: str, now: Any) -> Draft | None:
        """A citizen's draft, unless its time is over."""

    async def of_citizen(self, citizen_id: str, now: Any) -> list[Draft]:
        """A citizen's drafts."""

    async def replace(self, draft: Draft, seen: int) -> bool:
        """Put a draft in the place of its revision `seen`; False when that is not there any more."""

    async def remove(self, citizen_id: str, draft_id: str) -> None:
        """Remove a citizen's draft; there may be none."""

    async def remove_expired(self, citizen_id: str, now: Any) -> None:
        """Free the slots of a citizen's drafts whose time is over."""


@dataclass(frozen=True)
class Shown:
    """A draft with what it holds, and what stands in the way of filing it."""

    draft: Draft
    filing: dict[str, Any]
    errors: list[FieldError]


class Drafts:
    """The use cases of drafts; each is its citizen's own."""

    def __init__(self, store: KeptDrafts, catalogue: Catalogue, keys: KeyRing, clock: Clock = utc_now) -> None:
        self._store = store
        self._catalogue = catalogue
        self._keys = keys
        self._clock = clock

    async def begin(self, citizen_id: str, key: str, filing: DraftFiling, language: str) -> tuple[Shown, bool]:
        """Keep a new draft; True when an earlier one with the same key is meant.

        Raises InvalidError for an unknown service or a key of another draft, TooManyDraftsError.
        """
        text, digest = self._written(filing)
        draft_id = self._keys.blind(f"{citizen_id}\0{key}", "draft.id")[:32]
        for _ in range(TURNS):
            now = self._clock()
            there = await self._store.get(citizen_id, draft_id, now)
            if there is not None:
                if there.begun_as != digest:
                    raise InvalidError("idempotency-key-reused")
                return self._shown(there, language), True
            await self._known(filing, language)
            await self._store.remove_expired(citizen_id, now)
            taken = {draft.slot for draft in await self._store.of_citizen(citizen_id, now)}
            free = next((slot for slot in range(MOST_DRAFTS) if slot not in taken), None)
            if free is None:
                raise TooManyDraftsError(most=MOST_DRAFTS)
            sealed = self._keys.seal(text, PLACE, of=draft_id)
            times = {"begun_at": now, "changed_at": now, "expires_at": now + KEPT_FOR}
            draft = Draft(draft_id, citizen_id, free, filing.service, sealed, digest, digest, 1, **times)
            if await self._store.insert(draft):
                return self._shown(draft, language), False
        raise TooManyDraftsError(most=MOST_DRAFTS)

    async def write(self, citizen_id: str, draft_id: str, revision: int, filing: DraftFiling, language: str) -> Shown:
        """Put another text in place of a draft's; the same text again is not a change. Raises as `begin`."""
        draft = await self._own(citizen_id, draft_id)
        text, digest = self._written(filing)
        if draft.hash == digest:
            return self._shown(draft, language)
        await self._known(filing, language)
        now = self._clock()
        newer = replace(
            draft,
            service=filing.service,
            sealed=self._keys.seal(text, PLACE, of=draft_id),
            hash=digest,
            revision=revision + 1,
            changed_at=now,
            expires_at=now + KEPT_FOR,
        )
        if draft.revision != revision or not await self._store.replace(newer, revision):
            raise PreconditionFailedError
        return self._shown(newer, language)

    async def one(self, citizen_id: str, draft_id: str, language: str) -> Shown:
        """A draft. Raises NotFoundError."""
        return self._shown(await self._own(citizen_id, draft_id), language)

    async def own(self, citizen_id: str, language: str) -> list[Shown]:
        """A citizen's drafts, those changed last first."""
        found = await self._store.of_citizen(citizen_id, self._clock())
        return [self._shown(d, language) for d in sorted(found, key=lambda d: d.changed_at, reverse=True)]

    async def remove(self, citizen_id: str, draft_id: str) -> None:
        """Throw a draft away; there may be none any more."""
        await self._store.remove(citizen_id, draft_id)

    async def _own(self, citizen_id: str, draft_id: str) -> Draft:
        draft = await self._store.get(citizen_id, draft_id, self._clock())
        if draft is None:
            raise NotFoundError
        return draft

    async def _known(self, filing: DraftFiling, language: str) -> None:
        code = "service" if await self._catalogue.find(filing.service) is None else None
        if code is None and self._catalogue.is_retired(filing.service):
            code = "service_retired"
        if code:
            raise InvalidError(errors=[field_error("/service", code, language)])

    def _written(self, filing: DraftFiling) -> tuple[str, str]:
        text = json.dumps(filing.model_dump(exclude_none=True), ensure_ascii=False, sort_keys=True)
        return text, self._keys.blind(text, PLACE)

    def _shown(self, draft: Draft, language: str) -> Shown:
        filing: dict[str, Any] = json.loads(self._keys.unseal(draft.sealed, PLACE, of=draft.id))
        checks = self._catalogue.in_force(draft.service)
        if checks is None:
            return Shown(draft, filing, [field_error("/service", "service_retired", language)])
        errors = place_errors(DraftPlace.model_validate(filing["place"]), checks.entry, language)
        errors += hiding_errors(filing["confidential"], checks.entry, language)
        return Shown(draft, filing, [*errors, *checks.form_errors(filing["answers"], language)])
