"""The sweep after an erasure anonymises each request of the citizen once, despite crashes."""

from datetime import timedelta
from typing import Any

import pytest

from services.requests.duplicates.models import follow, follows
from services.requests.handlers import CITIZEN_HANDLERS
from services.requests.life.service.erasure import Erasure
from services.requests.request.models.access_log import AccessLogEntry, access_log_entry
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from shared import events
from shared.clock import utc_now
from shared.rights import Role
from tests.builders import CITIZEN, a_request, an_envelope
from tests.fakes import START, AwayError, MemoryStore


class Citizens(MemoryStore[CitizenReplica]):
    """Replicas of citizens in memory."""

    async def erasing(self) -> list[CitizenReplica]:
        """Citizens whose erasure is unfinished."""
        found = await self.load_many(list(self.documents))
        return [citizen for citizen in found.values() if citizen.erasing_until is not None]


class Requests(MemoryStore[Request]):
    """Requests in memory."""

    async def of_citizen(self, citizen_id: str, limit: int) -> list[Request]:
        """Some requests of a citizen."""
        found = await self.load_many(list(self.documents))
        return [request for request in found.values() if request.citizen_id == citizen_id][:limit]

    async def followed_by(self, citizen_id: str, limit: int) -> list[Request]:
        """Some requests that a citizen follows."""
        found = await self.load_many(list(self.documents))
        return [request for request in found.values() if follows(request, citizen_id)][:limit]


class Drafts:
    """Drafts in memory."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def forget(self, citizen_id: str) -> None:
        """Remove all drafts of a citizen."""
        self.forgotten.append(citizen_id)


class FakeFiles:
    """Records the accounts whose files are removed."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    async def expire_unused(self, owner: str) -> None:
        """Have an account's files removed."""
        self.gone.append(owner)


class AccessLogEntries(MemoryStore[AccessLogEntry]):
    """Looks of staff in memory."""

    async def of_citizen(self, citizen_id: str, limit: int) -> list[AccessLogEntry]:
        """Some looks at a citizen's requests."""
        found = await self.load_many(list(self.documents))
        return [look for look in found.values() if look.citizen_id == citizen_id][:limit]


class World:
    """Two stores and the sweep over them."""

    def __init__(self) -> None:
        self.citizens, self.requests = Citizens(CitizenReplica), Requests(Request)
        self.now = utc_now()
        self.drafts, self.files = Drafts(), FakeFiles()
        self.looks = AccessLogEntries(AccessLogEntry)
        stores: tuple[Any, Any, Any, Any, Any] = (self.citizens, self.requests, self.drafts, self.looks, self.files)
        erasure = Erasure(*stores, lambda: self.now)
        self.sweep = erasure.sweep

    async def erased(self, citizen_id: str = CITIZEN) -> None:
        """Handle the event of the erasure."""
        citizen = CitizenReplica(id=citizen_id, sealed_mobile="sealed", sealed_name="sealed", verified=True)
        erasure = events.CitizenErased()
        CITIZEN_HANDLERS[erasure.type](citizen, erasure, an_envelope(erasure, 3, subject=citizen_id))
        assert (citizen.sealed_mobile, citizen.sealed_name, citizen.verified) == (None, None, False)
        await self.citizens.save_many([citizen])

    async def filed(self, number: str, state: State, **more: Any) -> None:
        """Store a request of the citizen."""
        request = a_request(number, state=state, **more)
        request.note("submit", ActorKind.CITIZEN, START, by=CITIZEN)
        await self.requests.insert_many([request])

    def states(self) -> dict[str, str]:
        """The state of each request."""
        return {number: str(document["state"]) for number, document in sorted(self.requests.documents.items())}

    def left(self) -> int:
        """The number of requests that still name the citizen."""
        return sum(CITIZEN in str(document["citizen_id"]) for document in self.requests.documents.values())


@pytest.fixture
def world() -> World:
    """A new world."""
    return World()


async def test_open_requests_are_withdrawn_and_all_lose_their_person(world: World) -> None:
    await world.filed("RB-1", State.IN_PROGRESS)
    await world.filed("RB-2", State.CLOSED)
    await world.filed("RB-3", State.CONFIRMED)
    await world.filed("RB-4", State.CLOSED, citizen_id="somebody-else")
    await world.erased()
    assert await world.sweep() == 3
    assert world.drafts.forgotten == [CITIZEN]
    assert world.files.gone == [CITIZEN]
    assert world.states() == {"RB-1": "withdrawn", "RB-2": "closed", "RB-3": "confirmed", "RB-4": "closed"}
    assert world.left() == 0
    assert world.requests.documents["RB-4"]["citizen_id"] == "somebody-else"
    types = [entry["type"] for entry in world.requests.documents["RB-1"]["events"]]
    assert types == [events.RequestWithdrawn.type, events.RequestAnonymised.type]


async def test_earlier_erasures_do_not_delay_new_ones(world: World) -> None:
    for n in range(60):
        await world.erased(f"another-{n}")
    await world.filed("RB-AAAA-AAAA-A", State.ROUTED)
    await world.erased()
    await world.sweep()
    assert world.left() == 0


async def test_interrupted_erasure_is_resumed(world: World) -> None:
    for serial in range(120):
        await world.filed(f"RB-{serial}", State.ROUTED)
    await world.erased()
    crashes = iter((False, True, False))

    def crash() -> None:
        if next(crashes, False):
            raise AwayError

    world.requests.before = crash
    with pytest.raises(AwayError):
        await world.sweep()
    assert world.left() == 70
    await world.sweep()
    assert world.left() == 0
    assert all(document["seq"] == 2 for document in world.requests.documents.values())


async def test_request_filed_during_the_erasure_is_found(world: World) -> None:
    await world.erased()
    await world.sweep()
    await world.filed("RB-1", State.VERIFYING)
    world.now += events.ERASURE_WINDOW + timedelta(seconds=1)
    await world.sweep()
    assert world.left() == 0
    assert world.citizens.documents[CITIZEN]["erasing_until"] is None
    await world.filed("RB-2", State.VERIFYING)  # cannot happen: no token lives that long
    assert await world.sweep() == 0


async def test_erased_citizen_follows_no_more(world: World) -> None:
    await world.filed("RB-1", State.ROUTED, citizen_id="somebody-else")
    [request] = (await world.requests.load_many(["RB-1"])).values()
    follow(request, CITIZEN, START)
    follow(request, "a-third", START)
    await world.requests.save_many([request])
    await world.erased()
    await world.sweep()
    document = world.requests.documents["RB-1"]
    assert [follower["citizen_id"] for follower in document["followers"]] == ["a-third"]
    assert document["events"][-1]["type"] == events.RequestUnfollowed.type
    assert document["citizen_id"] == "somebody-else"


async def test_access_erasure_follows_the_access_events(world: World) -> None:
    look = access_log_entry(a_request("RB-1"), "officer-1", Role.OFFICER, "power", world.now)
    assert look is not None
    await world.looks.insert_many([look])
    await world.erased()
    await world.sweep()
    [document] = world.looks.documents.values()
    assert CITIZEN not in (document["citizen_id"], document["request"])
    assert [event["type"] for event in document["events"]] == ["access.recorded.v1", "access.forgotten.v1"]
    assert document["events"][1]["data"] == '{"erased":true}'
    assert document["forget_to"] == 2
    await world.sweep()
    assert len(document["events"]) == 2
