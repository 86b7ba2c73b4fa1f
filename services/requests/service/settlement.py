"""Pays what a merge, or its undoing, still owes: the followers of what a request went into, and of where that went on.

Each step is one guarded write, and all of it can be done twice. Whoever is in between when a process dies, or somebody
else is faster, is found again by the mark `owes`.
"""

from services.requests.models.following import MOST_FOLLOWERS, join, leave, separate, stay_beside
from services.requests.models.lifecycle import State, Who
from services.requests.models.request import Request
from services.requests.models.succession import ended_undone, waits_on
from services.requests.service.succession import LONGEST_CHAIN, Succession
from services.requests.store import RequestStore
from services.requests.store.neighbours import Neighbours
from shared.clock import utc_now
from shared.seal import KeyRing


class Settlement:
    """Changes the other side of a merge."""

    def __init__(self, store: RequestStore, neighbours: Neighbours, succession: Succession, keys: KeyRing) -> None:
        self._store = store
        self._neighbours = neighbours
        self._succession = succession
        self._keys = keys

    async def pay(self, number: str) -> bool:
        """Pay what a request owes now; False when somebody was faster."""
        request = await self._store.get(number)
        return request is None or await self.finish(request)

    async def finish(self, request: Request) -> bool:
        """Pay what it owes; False when somebody was faster: the next look goes on."""
        if request.passes_on:  # what is merged into it comes first: it may bring the same people elsewhere
            return False
        primary = await self._store.get(request.owes or "")
        if primary is not None:
            if ended_undone(primary) and waits_on(request, primary):  # it ended while this was merged into it
                if not await self._succession.owe(primary):
                    return False
            elif opens := await self._opens_ring(request):
                return await self._open(opens) and await self.pay(request.id)
            elif not await self._tell(request, primary):
                return False
        request.owes = None
        return not await self._store.save_many([request])

    async def _tell(self, request: Request, primary: Request) -> bool:
        """Let people follow what goes on, or no more; False when somebody was faster.

        What it was merged into may have been merged on before its people followed there: they follow that one too.
        """
        merged = request.state == State.DUPLICATE and request.duplicate_of == primary.id
        now, through = utc_now(), request
        for _ in range(LONGEST_CHAIN):
            taken_out = not merged and through is request
            changed = merged and join(request, primary, now, through=through.id)
            bring = await self._bring(primary, through.id, *([] if taken_out else [through]))
            stay = stay_beside(request, primary) if taken_out else ()
            # After joining too: somebody may have left what was read here in that moment.
            changed |= leave(primary, through.id, bring, now, stay=stay)
            if changed and await self._store.save_many([primary]):
                return False
            further = await self._store.get(primary.duplicate_of or "") if primary.state == State.DUPLICATE else None
            if further is None:
                break
            through, primary = primary, further
        return True

    async def _bring(self, primary: Request, through: str, *certain: Request) -> list[Request]:
        """What is merged into a request and brings those who hear of it through another, the `certain` ones besides.

        Only of those: a flood brings hundreds of others into the same request.
        """
        leaving = [one["citizen_id"] for one in primary.followers if one.get("through") == through]
        found = await self._neighbours.merged_into(primary.id, MOST_FOLLOWERS, of=leaving) if leaving else []
        return [*found, *(one for one in certain if one.id not in {other.id for other in found})]

    async def _opens_ring(self, request: Request) -> Request | None:
        """Where officers merged each into the other at once: the one that goes on. None where there is no ring."""
        ring = [request]
        while len(ring) <= LONGEST_CHAIN and ring[-1].state == State.DUPLICATE:
            further = await self._store.get(ring[-1].duplicate_of or "")
            if further is None:
                return None
            if further.id == request.id:
                return min((one for one in ring if one.anonymised_at is None), key=lambda one: one.id, default=None)
            ring.append(further)
        return None

    async def _open(self, request: Request) -> bool:
        words = self._keys.seal("Merged both ways at once.", "request.note", of=request.id)
        separate(request, Who.OFFICER, utc_now(), by="requests", words=words)
        return not await self._store.save_many([request])
