"""Wake-ups name all changed ids together, once, and the caller does not wait."""

import asyncio
import json

from services.requests.request.wakeups import RequestWakeUps
from services.routing.wakeups import DepartmentWakeUps
from shared.bus.live import WakeUps
from shared.bus.topology import LIVE
from tests.builders import CITIZEN, NUMBER, a_request, an_assignment
from tests.fakes import MemoryBus, until


async def test_parallel_wake_ups_share_one_message() -> None:
    bus, wakeups = MemoryBus(), WakeUps(0.05)
    telling = asyncio.create_task(wakeups.run(bus))
    wakeups.note("departments", ["works", "water"])
    wakeups.note("departments", ["works"])
    await until(lambda: len(bus.taken) == 1)
    for code in ("power", "works"):
        wakeups.note("departments", [code])
    await until(lambda: len(bus.taken) == 2)
    telling.cancel()
    assert [json.loads(message.body)["departments"] for message in bus.taken] == [
        ["water", "works"],
        ["power", "works"],
    ]
    assert {(message.exchange, message.persistent) for message in bus.taken} == {(LIVE, False)}


async def test_ids_of_wake_ups_after_a_write() -> None:
    requests, departments = RequestWakeUps(), DepartmentWakeUps()
    bus = MemoryBus()
    telling = [asyncio.create_task(one.run(bus)) for one in (requests, departments)]
    requests.add([a_request(followers=[{"citizen_id": "f" * 32}])])
    departments.add([an_assignment(department="works"), an_assignment("RB-0000-0000-1")])
    await until(lambda: len(bus.taken) == 2)
    for task in telling:
        task.cancel()
    told = {kind: ids for message in bus.taken for kind, ids in json.loads(message.body).items()}
    assert told == {"requests": [NUMBER], "citizens": sorted([CITIZEN, "f" * 32]), "departments": ["works"]}
