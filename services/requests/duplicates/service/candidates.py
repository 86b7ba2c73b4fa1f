"""Finds possible duplicates: for citizens before they file, and for officers beside a request.

Texts are compared, but other citizens see only the similarity.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import structlog
from pydantic import Field

from services.requests.catalogue.location import Place, district_of
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates.models import (
    FOLLOWABLE,
    follows,
    free_text,
    is_at,
    is_private,
    metres_between,
    similarity_to,
)
from services.requests.duplicates.schemas import DuplicateCandidate
from services.requests.duplicates.store import DuplicateStore, query_for
from services.requests.request.models.request import Request
from services.requests.request.service.sealed_texts import answers_of
from shared.clock import utc_now
from shared.errors import InvalidError, field_error
from shared.jsonbody import Body
from shared.paging import time_text
from shared.seal import KeyRing, SealBrokenError

log = structlog.get_logger(__name__)
MAX_COMPARED = 100
MAX_OFFERED = 5
MAX_METRES, MAX_AGE = 250, timedelta(days=30)
MIN_SIMILARITY, MIN_SIMILARITY_WITHOUT_POINT = 0.60, 0.75
ROUNDED_TO = 10


class Question(Body):
    """A request about to be filed."""

    service: Annotated[str, Field(max_length=60)]
    place: Place
    answers: dict[str, Any]


@dataclass(frozen=True)
class Match:
    """A possible duplicate; `metres` is None if a point is missing."""

    request: Request
    similarity: float
    metres: int | None


@dataclass(frozen=True, slots=True)
class DuplicateFinder:
    """Finds open, recent, non-confidential requests for the same service that are near and have a similar text."""

    store: DuplicateStore
    catalogue: Catalogue
    keys: KeyRing

    async def offer(self, citizen_id: str, question: Question, language: str) -> list[DuplicateCandidate]:
        """What a citizen may follow instead of filing. Raises InvalidError for an unknown service."""
        return [summary(match, citizen_id) for match in await self.find(question, language)]

    async def find(self, question: Question, language: str) -> list[Match]:
        """The most similar requests. Raises InvalidError for an unknown service."""
        found = await self.catalogue.find(question.service)
        if found is None:
            raise InvalidError(errors=[field_error("/service", "service", language)])
        entry, place = found[0].entry, question.place
        point = None
        if place.latitude is not None and place.longitude is not None:
            point = {"latitude": place.latitude, "longitude": place.longitude}
        district, _ = district_of(place) or ("", "")
        matches = await self._matches(entry, point, district, free_text(entry, question.answers))
        return matches[:MAX_OFFERED]

    async def beside(self, request: Request, officer: str) -> list[DuplicateCandidate]:
        """Possible duplicates of a request at its department, for an officer."""
        found = await self.catalogue.find(request.service)
        if found is None:
            return []
        written = free_text(found[0].entry, answers_of(self.keys, request))
        matches = await self._matches(found[0].entry, request.point, request.district, written)
        others = [m for m in matches if m.request.id != request.id and is_at(m.request, request.department, officer)]
        viewer = "" if request.hides_citizen else request.citizen_id  # else "yours" would reveal the citizen
        return [summary(match, viewer) for match in others[:MAX_OFFERED]]

    async def _matches(
        self, entry: CatalogueEntry, point: dict[str, float] | None, district: str, written: str
    ) -> list[Match]:
        if entry.kind != "complaint":
            return []
        what = query_for(entry.code, FOLLOWABLE, utc_now() - MAX_AGE)
        if point is not None:
            candidates = await self.store.near(what, geojson(point), MAX_METRES, MAX_COMPARED)
            candidates += await self.store.in_district({**what, "spot": None}, district, MAX_COMPARED)
        else:
            candidates = await self.store.in_district(what, district, MAX_COMPARED)
        shared = [one for one in candidates if not is_private(one)]
        # In a thread: a hundred long texts take 0.2 s, and filings must not wait for that.
        matches = await asyncio.to_thread(self._compared, entry, shared, point, written)
        good = [match for match in matches if match.similarity >= _min_similarity(match)]
        return sorted(good, key=lambda match: (-match.similarity, match.metres or 0))

    def _compared(
        self, entry: CatalogueEntry, candidates: Sequence[Request], point: dict[str, float] | None, written: str
    ) -> list[Match]:
        similarity = similarity_to(written)
        matches = [self._match(entry, one, point, similarity) for one in candidates]
        return [match for match in matches if match is not None]

    def _match(
        self,
        entry: CatalogueEntry,
        candidate: Request,
        point: dict[str, float] | None,
        similarity: Callable[[str], float],
    ) -> Match | None:
        try:
            theirs = free_text(entry, answers_of(self.keys, candidate))
        except SealBrokenError as error:  # the others are still compared
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return None
        metres = None
        if point is not None and candidate.point is not None:
            metres = round(metres_between(point, candidate.point) / ROUNDED_TO) * ROUNDED_TO
        return Match(candidate, similarity(theirs), metres)


def _min_similarity(match: Match) -> float:
    return MIN_SIMILARITY if match.metres is not None else MIN_SIMILARITY_WITHOUT_POINT


def geojson(point: dict[str, float]) -> dict[str, Any]:
    """A point as GeoJSON (RFC 7946: longitude first)."""
    return {"type": "Point", "coordinates": [point["longitude"], point["latitude"]]}


def summary(match: Match, citizen_id: str) -> DuplicateCandidate:
    """A match as other citizens may see it: without texts, exact place and names."""
    request = match.request
    return {
        "number": request.id,
        "service": request.service,
        "state": str(request.state),
        "stage": request.stage,
        "district": request.district,
        "submitted_at": time_text(request.submitted_at),
        "due_at": time_text(request.due_at),
        "metres": match.metres,
        "likeness": round(match.similarity, 2),
        "followers": request.follower_count,
        "yours": request.citizen_id == citizen_id,
        "following": follows(request, citizen_id),
    }
