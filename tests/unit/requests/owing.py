"""The questions about merged requests, answered from memory."""

from collections.abc import Callable, Collection
from typing import Any

from services.requests.models.lifecycle import State
from services.requests.models.request import Request
from tests.fakes import MemoryStore


class Owing:
    """What sweeps over merges ask for."""

    def __init__(self, store: MemoryStore[Request]) -> None:
        self._store = store

    async def owing(self, limit: int) -> list[Request]:
        """Requests whose other side is still to be changed."""
        return await self._those(lambda document: bool(document["owes"]), limit)

    async def passing_on(self, limit: int) -> list[Request]:
        """Requests that ended undone and are not seen to."""
        return await self._those(lambda document: document["passes_on"] is True, limit)

    async def merged_into(self, number: str, limit: int, *, of: Collection[str] | None = None) -> list[Request]:
        """What stands merged into a request and still has its person; `of`: filed or followed by one of these."""
        wanted = {"duplicate_of": number, "state": State.DUPLICATE, "anonymised_at": None}

        def meant(document: dict[str, Any]) -> bool:
            people = {document["citizen_id"], *(follower["citizen_id"] for follower in document["followers"])}
            return wanted.items() <= document.items() and (of is None or not people.isdisjoint(of))

        return await self._those(meant, limit)

    async def _those(self, wanted: Callable[[dict[str, Any]], bool], limit: int) -> list[Request]:
        ids = [number for number, document in self._store.documents.items() if wanted(document)]
        found = (await self._store.load_many(ids)).values()
        return sorted(found, key=lambda request: (request.submitted_at, request.id))[:limit]
