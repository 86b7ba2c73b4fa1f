"""A history is limited: further notes are refused, but the request can be resolved."""

from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from services.routing.models.assignment import MAX_STEPS
from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Portal


async def test_a_full_history_refuses_notes_but_can_be_resolved(portal: Portal, servers: Servers) -> None:
    citizen = await portal.register()
    number, department, officer = await at_department(portal, citizen, LAMP)
    assert (await portal.act(officer, number, "accept")).status == 200
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
    assignments = client["rabta_routing"]["assignments"]
    stored = await assignments.find_one({"_id": number})
    assert stored is not None
    step = {"action": "progress", "by": "officer", "at": datetime.now(UTC), "from": "accepted", "to": "in_progress"}
    many = [{"n": n, **step, "department": department} for n in range(len(stored["history"]) + 1, MAX_STEPS + 1)]
    await assignments.update_one({"_id": number}, {"$push": {"history": {"$each": many}}, "$inc": {"rev": 1}})
    client.close()

    refused = await portal.act(officer, number, "progress", note="One more.")
    assert (refused.status, refused.body["type"]) == (409, "/problems/too-many-steps")
    seen = await portal.ask("GET", f"/api/v1/assignments/{number}", token=officer)
    assert not {"ask", "progress", "transfer", "claim", "assign", "release"} & {*seen.body["actions"]}
    assert "resolve" in seen.body["actions"]
    headers = {"If-Match": seen.headers["etag"], "Accept-Language": "ur"}
    path = f"/api/v1/assignments/{number}/ask"
    asked = await portal.ask("POST", path, token=officer, json={"question": "Which?"}, headers=headers)
    assert asked.status == 409
    assert "مراحل" in asked.body["title"]
    done = {"outcome": "granted", "reply": "The lamp was replaced on Tuesday."}
    assert (await portal.act(officer, number, "resolve", **done)).status == 200
    await portal.reaches(citizen, number, "resolved")
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/confirm", token=citizen.token, json={})
    await portal.reaches(citizen, number, "closed")
