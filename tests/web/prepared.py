"""Requests in every state that has a page of its own, made through the API."""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.clock import PAKISTAN, utc_now
from tests.attachments import sent
from tests.journeys.test_duplicates import merged, somewhere
from tests.journeys.test_main_job import DOMICILE, LAMP
from tests.time_travel import TimeTravel
from tools.portal import Citizen, Portal

DEPARTMENT = "works"
LEAK = {
    "service": "water-leak",
    "place": {"district": "mardan"},
    "answers": {
        "severity": "stream",
        "pipe": "main",
        "place": "Ring Road, near the petrol pump",
        "description": "Water has been running into the street since morning.",
    },
}
REPLY = "The lamp was replaced on Tuesday, and it is lit again."


@dataclass
class Prepared:
    """Two citizens, one without requests, and the numbers of the other's requests by their names."""

    citizen: Citizen
    newcomer: Citizen
    numbers: dict[str, str] = field(default_factory=dict)
    draft: str = ""
    """The id of a complete draft."""


async def prepare(portal: Portal, time_travel: TimeTravel) -> Prepared:
    """Make everything."""
    citizen, newcomer = await asyncio.gather(portal.register(), portal.register())
    ready = Prepared(citizen, newcomer)
    for role in ("officer", "head"):  # many who sign in at once look like somebody who guesses
        await portal.staff(role, DEPARTMENT)
    await asyncio.gather(
        waits_for_correction(portal, ready), at_the_department(portal, ready), draft_of(portal, ready),
        joined(portal, ready), resolved(portal, ready, "resolved"), finished(portal, ready), appealed(portal, ready),
        late(portal, ready, time_travel), parts(portal, ready), connected(portal, ready),
    )  # fmt: skip
    return ready


async def connected(portal: Portal, ready: Prepared) -> None:
    """A webhook of the department that does not answer, and a subscription that is pulled."""
    path, head = "/api/v1/department/subscriptions", await portal.staff("head", DEPARTMENT)
    hook = {"name": "Work orders", "kind": "webhook", "url": "https://127.0.0.1:9/", "after": 0}
    ready.numbers["hook"] = (await portal.expect(201, "POST", path, token=head, json=hook))["id"]
    pull = {"name": "Trial", "kind": "pull", "mode": "test"}
    ready.numbers["pull"] = (await portal.expect(201, "POST", path, token=head, json=pull))["id"]


def lamp(**more: Any) -> dict[str, Any]:
    """A complaint that is similar to no other."""
    latitude, longitude = somewhere()
    place = {"district": "mardan", "latitude": latitude, "longitude": longitude}
    return {**LAMP, "place": place, **more}


async def routed(portal: Portal, ready: Prepared, name: str, **more: Any) -> str:
    """A request that a department has."""
    number: str = (await portal.file(ready.citizen, lamp(**more)))["number"]
    ready.numbers[name] = number
    await portal.reaches(ready.citizen, number, "routed")
    return number


async def done(portal: Portal, number: str, action: str, role: str = "officer", **body: Any) -> None:
    """An action of the department that must succeed."""
    answer = await portal.act(await portal.staff(role, DEPARTMENT), number, action, **body)
    assert answer.status == 200, answer.body


async def by_citizen(portal: Portal, ready: Prepared, number: str, step: str, **body: Any) -> Any:
    """A step of the citizen that must succeed."""
    status, key = (201 if step == "appeal" else 200), {"Idempotency-Key": secrets.token_hex(8)}
    path = f"/api/v1/requests/{number}/{step}"
    return await portal.expect(status, "POST", path, token=ready.citizen.token, json=body, headers=key)


async def waits_for_correction(portal: Portal, ready: Prepared) -> None:
    """A request that needs a correction, and one that does not meet the conditions."""
    ready.numbers["to correct"] = (await portal.file(ready.citizen, DOMICILE))["number"]
    not_public = {**LAMP["answers"], "street": "private-scheme"}  # type: ignore[dict-item]
    ready.numbers["ineligible"] = (await portal.file(ready.citizen, lamp(answers=not_public)))["number"]


async def at_the_department(portal: Portal, ready: Prepared) -> None:
    """A new request with a photo, one in progress, one with a question, one transferred, and a confidential one."""
    photo = await sent(portal, ready.citizen.token)
    new, worked_on, asked, elsewhere, _ = await asyncio.gather(
        routed(portal, ready, "new", attachments=[photo]),
        routed(portal, ready, "worked on"),
        routed(portal, ready, "asked"),
        routed(portal, ready, "transferred"),
        routed(portal, ready, "hidden", confidential=True),
    )
    assert new
    for number in (worked_on, asked):
        await done(portal, number, "accept")
    await done(portal, worked_on, "progress", note="An electrician is on the way.")
    await done(portal, asked, "ask", question="On which side of the road does the pole stand?")
    await done(portal, elsewhere, "transfer", to="transport", reason="The pole belongs to the bus stop.")
    await portal.reaches(ready.citizen, asked, "questioned")


async def late(portal: Portal, ready: Prepared, time_travel: TimeTravel) -> None:
    """A late request that was escalated, and one whose citizen was told a new date."""
    owed, explained = await asyncio.gather(routed(portal, ready, "late"), routed(portal, ready, "explained"))
    for number in (owed, explained):
        await time_travel.late(number, days=2)
    until = (utc_now().astimezone(PAKISTAN) + timedelta(days=10)).date().isoformat()
    await done(portal, explained, "delay", reason="The lamp has to be ordered.", until=until)


async def draft_of(portal: Portal, ready: Prepared) -> None:
    """A draft that could be sent."""
    key = {"Idempotency-Key": secrets.token_hex(8)}
    begun = await portal.expect(201, "POST", "/api/v1/drafts", token=ready.citizen.token, json=lamp(), headers=key)
    ready.draft = begun["id"]


async def joined(portal: Portal, ready: Prepared) -> None:
    """A request that was merged into another."""
    first, second = await asyncio.gather(routed(portal, ready, "joined with"), routed(portal, ready, "joined"))
    answer = await merged(portal, await portal.officer(DEPARTMENT), second, first)
    assert answer.status == 200, answer.body
    await portal.reaches(ready.citizen, second, "duplicate")


async def parts(portal: Portal, ready: Prepared) -> None:
    """A request with notes and with parts that other departments do, and a part that the department was asked for."""
    due = (utc_now().astimezone(PAKISTAN) + timedelta(days=7)).date().isoformat()
    shared = await routed(portal, ready, "shared")
    officer = await portal.officer(DEPARTMENT)
    note = {"text": "The neighbour at number 12 has the key of the yard.", "mentions": []}
    assert (await portal.act(officer, shared, "claim")).status == 200
    assert (await portal.act(officer, shared, "notes", **note)).status == 201
    task = {"task": "Switch the line off on Monday.", "due": due}
    assert (await portal.act(officer, shared, "parts", department="power", **task)).status == 201
    leak = (await portal.file(ready.citizen, LEAK))["number"]
    await portal.reaches(ready.citizen, leak, "routed")
    asked = await portal.act(await portal.officer("water"), leak, "parts", department=DEPARTMENT, **task)
    assert asked.status == 201, asked.body
    ready.numbers["part"] = f"{leak}/{asked.body['parts'][0]['id']}"


async def resolved(portal: Portal, ready: Prepared, name: str) -> str:
    """A resolved request."""
    number = await routed(portal, ready, name)
    await done(portal, number, "accept")
    await done(portal, number, "resolve", outcome="granted", reply=REPLY)
    await portal.reaches(ready.citizen, number, "resolved")
    return number


async def disputed(portal: Portal, ready: Prepared, name: str) -> str:
    """A disputed request."""
    number = await resolved(portal, ready, name)
    await by_citizen(portal, ready, number, "dispute", reason="not_done", words="The lamp is still dark.")
    await portal.reaches(ready.citizen, number, "reopened")
    return number


async def decided(portal: Portal, ready: Prepared, name: str) -> str:
    """A request that the head has decided, which can be appealed."""
    number = await disputed(portal, ready, name)
    await done(portal, number, "accept", "head")
    refusal = {"outcome": "not_granted", "reason": "no_funds", "reply": "There is no lamp this year. It is planned."}
    await done(portal, number, "resolve", "head", **refusal)
    await portal.reaches(ready.citizen, number, "resolved")
    return number


async def finished(portal: Portal, ready: Prepared) -> None:
    """A request that can be rated, and a withdrawn one."""
    number, back = await asyncio.gather(resolved(portal, ready, "closed"), routed(portal, ready, "taken back"))
    await by_citizen(portal, ready, number, "confirm")
    await by_citizen(portal, ready, back, "withdraw")
    await portal.reaches(ready.citizen, number, "closed")


async def appealed(portal: Portal, ready: Prepared) -> None:
    """A disputed request, one that can be appealed, and one under appeal."""
    _, _, number = await asyncio.gather(
        disputed(portal, ready, "disputed"), decided(portal, ready, "decided"), decided(portal, ready, "under appeal")
    )
    appeal = await by_citizen(portal, ready, number, "appeal", grounds="Nobody came to look, and it is still dark.")
    ready.numbers["appeal"] = appeal["number"]
    await portal.reaches(ready.citizen, appeal["number"], "routed")
    await portal.reaches(ready.citizen, number, "under_appeal")
