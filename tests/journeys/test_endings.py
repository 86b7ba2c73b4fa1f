"""Citizen and department act at the same moment; a transfer with an open question."""

import asyncio
from typing import Any

from tests.journeys.test_main_job import LAMP, at_department
from tests.journeys.test_waiting import assignment
from tools.portal import Citizen, Portal, until

REPLY = "The lamp was replaced on Tuesday."


async def withdraw(portal: Portal, citizen: Citizen, number: str) -> None:
    """Withdraw a request; it cannot be refused."""
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/withdraw", token=citizen.token, json={})


async def test_a_request_withdrawn_while_it_is_resolved_is_withdrawn_everywhere(portal: Portal) -> None:
    citizen = await portal.register()
    filed = [await at_department(portal, citizen, LAMP) for _ in range(3)]
    for number, _, officer in filed:
        assert (await portal.act(officer, number, "accept")).status == 200
    for number, _, officer in filed:
        _, resolved = await asyncio.gather(
            withdraw(portal, citizen, number), portal.act(officer, number, "resolve", outcome="granted", reply=REPLY)
        )
        assert resolved.status in (200, 409, 412)
        closed = await assignment(portal, officer, number, "closed")
        assert (closed["outcome"], closed["resolved_at"]) == (None, None)
        steps = [step["action"] for step in closed["history"]]
        assert steps[-1] == "withdrawn"

        async def both_heard(number: str = number, resolved: bool = "resolve" in steps) -> dict[str, Any] | None:
            request = await portal.request(citizen, number)
            told = [one["words"] for one in await portal.messages(citizen.mobile) if number in one["words"]]
            heard = [step["action"] for step in request["history"] if step["action"] == "resolve"]
            return {**request, "told": told} if len(heard) == resolved and "withdrawn" in "".join(told) else None

        request = await until(both_heard, f"everybody to have heard of {number}")
        assert (request["state"], request["outcome"], request["actions"]) == ("withdrawn", None, [])
        assert "was withdrawn" in request["told"][0]  # the newest


async def test_an_open_question_and_its_answer_follow_a_transfer(portal: Portal) -> None:
    citizen = await portal.register()
    number, department, officer = await at_department(portal, citizen, LAMP)
    there = "works" if department != "works" else "power"
    colleague = await portal.officer(there)
    assert (await portal.act(officer, number, "ask", question="Which side of the road?")).status == 200
    asked = await portal.reaches(citizen, number, "questioned")
    moved = await portal.act(officer, number, "transfer", to=there, reason="It is their pole.")
    assert moved.status == 200
    reads = [await portal.ask("GET", f"/api/v1/requests/{number}", token=colleague) for _ in range(20)]
    assert {answer.status for answer in reads} <= {200, 503}
    assert all(one.headers["retry-after"] for one in reads if one.status == 503)

    still = await portal.once(
        f"/api/v1/requests/{number}", lambda request: request["department"] == there, token=citizen.token
    )
    assert (still["state"], still["answer_by"]) == ("questioned", asked["answer_by"])
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/answer", token=citizen.token, json={"answer": "Left."})
    resumed = await assignment(portal, colleague, number, "in_progress")
    assert "resolve" in resumed["actions"]
    read = await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=colleague)
    assert {"Which side of the road?", "Left."} <= {step.get("words") for step in read["history"]}
