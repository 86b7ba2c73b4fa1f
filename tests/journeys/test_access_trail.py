"""The access trail shows the citizen role, department and time of each look, but no person."""

import json
from typing import Any

from tests.journeys.test_main_job import LAMP
from tools.portal import Citizen, Portal


async def trail(portal: Portal, citizen: Citizen, at_least: int) -> list[dict[str, Any]]:
    """The citizen's trail, once it has that many entries."""
    path = "/api/v1/me/accesses"
    seen = await portal.once(path, lambda trail: len(trail["accesses"]) >= at_least, token=citizen.token)
    return list(seen["accesses"])


async def test_the_citizen_sees_an_officers_look_once_an_hour(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    department = (await portal.reaches(citizen, number, "routed"))["department"]
    officer, head = await portal.officer(department), await portal.officer(department, "head")
    for token in (officer, officer, head, officer):
        await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=token)
    entries = await trail(portal, citizen, 2)
    seen = {(entry["role"], entry["department"], entry["request"], entry["what"]) for entry in entries}
    assert seen == {(role, department, number, "request") for role in ("officer", "head")}
    assert len(entries) <= 4  # two, or more if a new hour began in between
    me = await portal.expect(200, "GET", "/api/v1/me", token=officer)
    assert me["id"] not in json.dumps(entries)
    assert me["name"] not in json.dumps(entries)
    assert (await portal.expect(200, "GET", "/api/v1/me/accesses", token=other.token))["accesses"] == []
    exported = await portal.expect(200, "GET", "/api/v1/me/export", token=citizen.token)
    assert exported["accesses"] == entries


async def test_own_and_refused_reads_leave_no_entry(portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    department = (await portal.reaches(citizen, number, "routed"))["department"]
    stranger = await portal.officer("health" if department != "health" else "power")
    assert (await portal.ask("GET", f"/api/v1/requests/{number}", token=stranger)).status == 404
    officer = await portal.officer(department)
    await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=officer)
    [entry] = await trail(portal, citizen, 1)
    assert entry["role"] == "officer"
    assert (await portal.ask("GET", "/api/v1/me/accesses", token=officer)).status == 403


async def test_the_citizen_sees_looks_at_a_confidential_request(portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, {**LAMP, "confidential": True}))["number"]
    department = (await portal.reaches(citizen, number, "routed"))["department"]
    officer = await portal.officer(department)
    await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=officer)
    [entry] = await trail(portal, citizen, 1)
    assert entry["request"] == number
