"""Lanes: codes do not wait for other messages, and running jobs are finished."""

import asyncio
from collections.abc import Sequence

from services.notifier.channels.provider import DeliveryResult, OutboundMessage
from services.notifier.models.notification import DeliveryState
from services.notifier.sending.attempts import Job
from services.notifier.sending.courier import WORKERS
from services.notifier.sending.lane import Lane
from shared.events import RequestAccepted
from tests.builders import CITIZEN, a_delivery, an_envelope
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import OF_DEPARTMENT, code, registered


class Hanging(Recording):
    """A provider that answers codes and never answers notices."""

    def __init__(self) -> None:
        super().__init__(at_once=False)
        self.result = DeliveryResult(DeliveryState.SENDING)
        self.hanging, self.is_full, self.has_code = 0, asyncio.Event(), asyncio.Event()

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Answer a code."""
        if "482913" in message.words:
            self.has_code.set()
            return await super().deliver(message)
        self.hanging += 1
        if self.hanging == WORKERS:
            self.is_full.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_code_is_sent_at_once_while_all_workers_wait_for_notices() -> None:
    provider = Hanging()
    world = World(provider)
    await world.citizens.take([a_delivery(an_envelope(registered(), 1, subject=CITIZEN))])
    notice = RequestAccepted.model_validate(OF_DEPARTMENT)
    await world.notifier.take([a_delivery(an_envelope(notice, seq)) for seq in range(2, 200)])
    running = asyncio.create_task(world.courier.run())
    await provider.is_full.wait()
    await world.citizens.take([a_delivery(an_envelope(code(), 2, subject=CITIZEN))])
    async with asyncio.timeout(0.5):  # the lanes look every second, so it was woken
        await provider.has_code.wait()
    assert provider.hanging == WORKERS
    running.cancel()
    world.courier.patience = 0.0
    await asyncio.gather(running, return_exceptions=True)


async def test_notices_leave_a_slot_for_codes_at_a_provider_with_few_slots() -> None:
    """A mail server accepts five at once; a code would wait behind all waiting notices."""
    provider = Hanging()
    provider.at_once = 5
    world = World(provider)
    lanes = {lane._name: lane._workers for lane in world.courier.lanes.values()}
    assert lanes == {"sms codes": WORKERS, "sms notices": 4, "email codes": WORKERS, "email notices": WORKERS}


async def test_running_jobs_are_finished_when_the_lane_ends() -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), []

    async def find(_: int) -> tuple[Sequence[Job], float]:
        found = [] if begun.is_set() else [Job(None, None)]  # type: ignore[arg-type]
        begun.set()
        return found, 60.0

    async def do(job: Job) -> None:
        await may_end.wait()
        ended.append(job)

    lane = Lane("test", find, do, workers=2, every=60.0)
    running = asyncio.create_task(lane.run())
    await begun.wait()
    await asyncio.sleep(0)
    running.cancel()
    finishing = asyncio.create_task(lane.finish(5.0))
    may_end.set()
    await finishing
    assert len(ended) == 1


async def test_a_lane_survives_an_outage_of_the_store() -> None:
    tries, done = 0, asyncio.Event()

    async def find(_: int) -> tuple[Sequence[Job], float]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionError
        return ([Job(None, None)] if tries == 2 else []), 60.0  # type: ignore[arg-type]

    async def do(_: Job) -> None:
        done.set()

    running = asyncio.create_task(Lane("test", find, do, workers=2, every=0.001).run())
    async with asyncio.timeout(5):
        await done.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
