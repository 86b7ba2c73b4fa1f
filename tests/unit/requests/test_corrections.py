"""Departments are told once, and for each request, that a citizen's name or mobile changed."""

from services.requests.handlers import CITIZEN_HANDLERS
from services.requests.life.service.corrections import ContactCorrections
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from shared import events
from shared.events import Event
from tests.builders import CITIZEN, a_request, an_envelope
from tests.fakes import MemoryStore


class Citizens(MemoryStore[CitizenReplica]):
    """Replicas of citizens in memory."""

    async def corrected(self, limit: int) -> list[CitizenReplica]:
        """Those whose departments are not told yet."""
        found = await self.load_many(list(self.documents))
        return [citizen for citizen in found.values() if citizen.corrected_at is not None][:limit]


class Requests(MemoryStore[Request]):
    """Requests in memory."""

    async def at_departments(self, citizen_id: str) -> list[Request]:
        """All of them."""
        return list((await self.load_many(list(self.documents))).values())


async def corrected(event: Event, *requests: Request) -> dict[str, int]:
    """How many events each request got, after the event and three sweeps."""
    citizens, stored = Citizens(CitizenReplica), Requests(Request)
    await stored.insert_many(list(requests))
    citizen = CitizenReplica(id=CITIZEN)
    CITIZEN_HANDLERS[event.type](citizen, event, an_envelope(event))
    await citizens.insert_many([citizen])
    sweep = ContactCorrections(citizens, stored)  # type: ignore[arg-type]
    for _ in range(3):
        await sweep.sweep()
    told = events.RequestCitizenCorrected.type
    return {
        number: sum(one["type"] == told for one in document["events"]) for number, document in stored.documents.items()
    }


async def test_each_request_that_shows_the_citizen_gets_one_event() -> None:
    event = events.CitizenMobileRestored(mobile="sealed")
    shown, confidential = a_request("RB-7F3K-9Q2M-E"), a_request("RB-2W8T-5H1N-R", confidential=True)
    assert await corrected(event, shown, confidential) == {"RB-7F3K-9Q2M-E": 1, "RB-2W8T-5H1N-R": 0}


async def test_no_department_hears_of_a_changed_email() -> None:
    assert await corrected(events.CitizenCorrected(email="sealed"), a_request()) == {a_request().id: 0}
    assert await corrected(events.CitizenCorrected(name="sealed"), a_request()) == {a_request().id: 1}
