"""Comparing texts does not block other work; requests that cannot be unsealed are left out."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates.service import candidates as similar
from services.requests.duplicates.service.candidates import DuplicateFinder, Question
from services.requests.duplicates.store import DuplicateStore
from services.requests.request.models.lifecycle import State
from services.requests.request.models.request import Request
from services.requests.request.service.sealed_texts import seal_answers
from tests.builders import CITIZEN, KEYS, a_catalogue_entry, a_request
from tests.fakes import START

ANSWERS = {"lights": "one", "description": "The lamp by the school is dark."}


class District:
    """A store of requests without points."""

    def __init__(self, found: list[Request]) -> None:
        self._found = found

    async def in_district(self, what: dict[str, Any], district: str, limit: int) -> list[Request]:
        """The requests of the district."""
        return [request for request in self._found if request.district == district]

    async def near(self, what: dict[str, Any], spot: dict[str, Any], metres: int, limit: int) -> list[Request]:
        """No request is near."""
        return []


class Shelf:
    """A catalogue with one complaint service."""

    async def find(self, code: str) -> tuple[Any, int]:
        """Its entry."""
        return SimpleNamespace(entry=a_catalogue_entry(code=code)), 1


def another(number: str, answers: dict[str, Any]) -> Request:
    """Somebody else's request."""
    place = {"district": "peshawar"}
    request = a_request(number, citizen_id="citizen-2", state=State.ROUTED, submitted_at=START, **place)
    request.sealed_answers = seal_answers(KEYS, answers, of=number)
    return request


async def test_texts_are_compared_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[threading.Thread] = []

    def noting(written: str) -> Any:
        where.append(threading.current_thread())
        return lambda other: float(other == written)

    monkeypatch.setattr(similar, "similarity_to", noting)
    same, other = another("RB-0000-0000-0", ANSWERS), another("RB-1111-1111-1", {**ANSWERS, "description": "A hole."})
    found = DuplicateFinder(cast(DuplicateStore, District([same, other])), cast(Catalogue, Shelf()), KEYS)
    question = Question.model_validate(
        {"service": "street-light-out", "place": {"district": "peshawar"}, "answers": ANSWERS}
    )
    offered = await found.offer(CITIZEN, question, "en")
    assert [(one["number"], one["likeness"]) for one in offered] == [("RB-0000-0000-0", 1.0)]
    assert where
    assert threading.main_thread() not in where


@pytest.mark.parametrize(("district", "offered"), [("peshawar", ["RB-0000-0000-0"]), ("kohat", [])])
async def test_request_with_an_address_is_offered_for_a_point(district: str, offered: list[str]) -> None:
    same, other = another("RB-0000-0000-0", ANSWERS), another("RB-1111-1111-1", {"description": "A hole in the road."})
    found = DuplicateFinder(cast(DuplicateStore, District([same, other])), cast(Catalogue, Shelf()), KEYS)
    place = {"district": district, "latitude": 34.0, "longitude": 71.5}
    question = Question.model_validate({"service": "street-light-out", "place": place, "answers": ANSWERS})
    matches = await found.offer(CITIZEN, question, "en")
    assert [one["number"] for one in matches] == offered
    assert all(one["metres"] is None for one in matches)
