"""Late requests on the real database: each is escalated once, oldest first, by any number of replicas."""

import asyncio
import secrets
from contextlib import AsyncExitStack, suppress

from deploy.local.servers import Servers
from services.routing.models.assignment import AssignmentState
from shared.clock import utc_now
from shared.events import RequestReopened
from shared.mongo import connect
from tests.integration.plans import stages_of
from tools.clocks import faults, fill, number, progress, sweeper
from tools.portal import until

COUNT = 1500


async def test_three_sweepers_one_stopped_half_way_escalate_each_request_once_and_the_oldest_first(
    servers: Servers,
) -> None:
    name = f"test_overdue_{secrets.token_hex(4)}"
    await fill(servers.mongo_url, name, COUNT)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(connect(servers.mongo_url, name))
        clocks = [(await stack.enter_async_context(sweeper(servers.mongo_url, name)))[0] for _ in range(3)]
        sweeps = [asyncio.create_task(one.sweep()) for one in clocks]

        async def half() -> bool | None:
            return True if await progress(database) >= COUNT // 2 else None

        await until(half, "half of the late requests to be marked")
        sweeps[0].cancel()
        assert await faults(database, complete=False) == []
        with suppress(asyncio.CancelledError):
            await sweeps[0]
        await asyncio.gather(*sweeps[1:])
        await clocks[1].sweep()  # what the others had in hand when they lost a race
        assert await faults(database, complete=True) == []
        assert sum([await one.sweep() for one in clocks]) == 0
        await database.client.drop_database(name)


async def test_a_restored_queue_gets_the_event_that_brought_a_late_request_and_not_only_its_marks(
    servers: Servers,
) -> None:
    name = f"test_overdue_{secrets.token_hex(4)}"
    await fill(servers.mongo_url, name, 1)
    async with connect(servers.mongo_url, name) as database, sweeper(servers.mongo_url, name) as (clocks, store):
        [late] = (await store.load_many([number(0)])).values()
        brought = RequestReopened(citizen_id="c", department="power", reason="not_done")
        late.emit(brought, utc_now(), "department.power")
        assert await store.save_many([late]) == set()
        assert await clocks.sweep() == 1
        await database["assignments"].update_one({}, [{"$set": {"sent": "$seq"}}])
        await store.relay_again([number(0)])
        document = await database["assignments"].find_one({})
        assert document is not None
        assert (document["sent"], document["seq"]) == (0, 3)
        await database.client.drop_database(name)


async def test_the_sweep_reads_what_is_due_from_its_index_and_starts_clocks_from_before(servers: Servers) -> None:
    name = f"test_overdue_{secrets.token_hex(4)}"
    await fill(servers.mongo_url, name, 20)
    async with connect(servers.mongo_url, name) as database, sweeper(servers.mongo_url, name) as (clocks, store):
        old = {"$unset": {"clock_at": "", "levels": ""}}
        await database["assignments"].update_many({}, old)
        await database["assignments"].update_one({"_id": number(0)}, {"$set": {"state": str(AssignmentState.CLOSED)}})
        assert await clocks.sweep() == 0
        await store.start_clocks(["power"])
        due = {"clock_at": {"$type": "date", "$lte": utc_now()}}
        plan = await database["assignments"].find(due).sort([("clock_at", 1), ("_id", 1)]).explain()
        assert "SORT" not in stages_of(plan["queryPlanner"]["winningPlan"])
        assert await clocks.sweep() == 19
        await database.client.drop_database(name)
