"""Requests at one department, in memory, which tests merge, separate and withdraw."""

from types import SimpleNamespace
from typing import Any, cast

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates.service.following import Following, Merge, Separation
from services.requests.duplicates.store import DuplicateStore
from services.requests.life.service.citizen import CitizenActs, Withdrawal
from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from tests.builders import KEYS, a_request
from tests.fakes import START, MemoryStore

NUMBERS = ["RB-0000-0000-0", "RB-1111-1111-M", "RB-2222-2222-8", "RB-3333-3333-W"]
OFFICER = cast(Principal, SimpleNamespace(id="officer", department="works"))
REASON = "The same lamp."


class MergedInMemory:
    """The queries about merged requests, in memory."""

    def __init__(self, store: MemoryStore[Request]) -> None:
        self._store = store

    async def passing_on(self, limit: int) -> list[Request]:
        """Primaries that ended without outcome and whose merged requests are not revived yet."""
        return [one for one in await self._all() if one.passes_on][:limit]

    async def merged_into(self, number: str, limit: int) -> list[Request]:
        """Requests merged into this one and not anonymised."""
        return [one for one in await self._all() if one.merged_into == number and not one.anonymised_at][:limit]

    async def _all(self) -> list[Request]:
        found = (await self._store.load_many(list(self._store.documents))).values()
        return sorted(found, key=lambda request: (request.submitted_at, request.id))


class World:
    """Four requests of four citizens at one department; `settle` sweeps until nothing is left to do."""

    def __init__(self) -> None:
        self.store = MemoryStore(Request)
        store, self.neighbours = cast(RequestStore, self.store), MergedInMemory(self.store)
        self.following = Following(store, cast(DuplicateStore, self.neighbours), cast(Catalogue, None), KEYS)
        self.acts = CitizenActs(store, cast(Catalogue, None), MemoryStore(CitizenReplica), KEYS)

    async def open(self) -> "World":
        """File the requests in order."""
        for place, number in enumerate(NUMBERS):
            request = a_request(number, citizen_id=f"citizen-{place}", department="works")
            request.take("pass", ActorKind.RULES, START)
            request.take("route", ActorKind.ROUTING, START)
            await self.store.insert_many([request])
        return self

    async def get(self, place: int) -> Request:
        """One of the requests."""
        found = await self.store.get(NUMBERS[place])
        assert found is not None
        return found

    async def states(self) -> list[str]:
        """The states of all requests."""
        return [str((await self.get(place)).state) for place in range(len(NUMBERS))]

    async def merge(self, one: int, into: int, officer: Principal = OFFICER) -> Request:
        """Merge one request into another, as an officer."""
        request = await self.get(one)
        body = Merge(into=NUMBERS[into], reason=REASON)
        return await self.following.merge(officer, request.id, request.rev, body, "en")

    async def unmerge(self, place: int, officer: Principal = OFFICER) -> Request:
        """Separate a request, as an officer."""
        request = await self.get(place)
        return await self.following.unmerge(officer, request.id, request.rev, Separation(reason=REASON))

    async def take(self, place: int, *steps: tuple[str, ActorKind], **fields: Any) -> None:
        """Take steps of a request."""
        request = await self.get(place)
        for action, actor in steps:
            request.take(action, actor, START, by="somebody")
        for name, value in fields.items():
            setattr(request, name, value)
        assert await self.store.save_many([request]) == set()

    async def withdraw(self, place: int) -> None:
        """Withdraw a request, as its citizen."""
        await self.acts.withdraw(f"citizen-{place}", NUMBERS[place], Withdrawal())

    async def settle(self) -> None:
        """Sweep until nothing is left to do."""
        for _ in range(10):
            if not any(document["passes_on"] for document in self.store.documents.values()):
                return
            await self.following.finish()
        raise AssertionError("the sweep never ends")

    def event_types(self, place: int) -> list[str]:
        """The events of a request."""
        return [event["type"].split(".")[1] for event in self.store.documents[NUMBERS[place]]["events"]]
