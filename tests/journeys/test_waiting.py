"""Reminders and closing when the citizen does not answer or does not dispute."""

from datetime import timedelta
from typing import Any

from tests.journeys.test_main_job import DOMICILE, LAMP, at_department
from tests.time_travel import TimeTravel
from tools.portal import Portal


async def assignment(portal: Portal, officer: str, number: str, state: str) -> dict[str, Any]:
    """The assignment, once it is in that state."""
    return await portal.once(f"/api/v1/assignments/{number}", lambda body: body["state"] == state, token=officer)


async def test_without_an_answer_two_reminders_follow_and_then_closing(portal: Portal, time_travel: TimeTravel) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    assert (await portal.act(officer, number, "ask", question="Which side of the road?")).status == 200
    asked = await portal.reaches(citizen, number, "questioned")
    assert asked["answer_by"]
    clock, left = await time_travel.clock_of(number)
    assert clock == "remind"
    assert left is not None
    assert timedelta(days=2.9) < left <= timedelta(days=3)

    await time_travel.to(number, "remind")
    reminder = await portal.hears(citizen.mobile, "still waits for your answer")
    assert number in reminder
    await time_travel.to(number, "remind")
    await time_travel.to(number, "lapse")
    closed = await portal.reaches(citizen, number, "closed")
    assert [step["action"] for step in closed["history"]][-4:] == ["question", "remind", "remind", "lapse"]
    await portal.hears(citizen.mobile, "was closed because we had no answer from you")
    ended = await assignment(portal, officer, number, "closed")
    assert ended["history"][-1]["action"] == "lapsed"
    late = await portal.ask("POST", f"/api/v1/requests/{number}/answer", token=citizen.token, json={"answer": "Left."})
    assert (late.status, late.body["type"]) == (409, "/problems/transition-refused")


async def test_a_request_for_correction_lapses_and_frees_the_service(portal: Portal, time_travel: TimeTravel) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, DOMICILE))["number"]
    await time_travel.to(number, "remind")
    assert number in await portal.hears(citizen.mobile, "correct your answers by")
    await time_travel.to(number, "remind")
    await time_travel.to(number, "lapse")
    await portal.reaches(citizen, number, "closed")
    again = await portal.file(citizen, DOMICILE)
    assert again["number"] != number


async def test_an_undisputed_outcome_stands(portal: Portal, time_travel: TimeTravel) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "resolve", outcome="granted", reply="The lamp was replaced on Tuesday.")
    await portal.reaches(citizen, number, "resolved")
    await time_travel.to(number, "remind")
    await portal.hears(citizen.mobile, "is it really done?")
    await time_travel.to(number, "let_stand")
    await portal.reaches(citizen, number, "closed")
    ended = await assignment(portal, officer, number, "closed")
    assert ended["history"][-1]["action"] == "let_stand"
    await portal.hears(citizen.mobile, "we heard nothing against the outcome")


async def test_a_dispute_after_the_time_limit_is_refused(portal: Portal, time_travel: TimeTravel) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "resolve", outcome="granted", reply="The lamp was replaced on Tuesday.")
    await portal.reaches(citizen, number, "resolved")
    await time_travel.age(number, 14.01)
    late = await portal.ask(
        "POST", f"/api/v1/requests/{number}/dispute", token=citizen.token, json={"reason": "not_done"}
    )
    assert (late.status, late.body["type"]) == (409, "/problems/dispute-too-late")
    await time_travel.age(number, -0.02)
    in_time = await portal.ask(
        "POST", f"/api/v1/requests/{number}/dispute", token=citizen.token, json={"reason": "not_done"}
    )
    assert in_time.status == 200


async def test_a_copied_reply_is_flagged_for_everybody(portal: Portal) -> None:
    citizen = await portal.register()
    reply = f"Your complaint of today was looked into by team {citizen.mobile[-6:]}."
    for turn in range(4):
        number, _, officer = await at_department(portal, citizen, LAMP)
        await portal.act(officer, number, "accept")
        done = await portal.act(officer, number, "resolve", outcome="granted", reply=reply)
        assert (done.status, done.body["copied"]) == (200, turn == 3)
        resolved = await portal.reaches(citizen, number, "resolved")
        [step] = [step for step in resolved["history"] if step["action"] == "resolve"]
        assert step.get("copied", False) is (turn == 3)


async def test_the_due_date_moves_by_the_citizens_waiting_time(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    await portal.act(officer, number, "ask", question="Which side of the road?")
    asked = await portal.reaches(citizen, number, "questioned")
    assert asked["due_paused"]
    paused = await portal.expect(200, "GET", f"/api/v1/assignments/{number}", token=officer)
    assert paused["paused_since"]
    path = f"/api/v1/requests/{number}/answer"
    await portal.expect(200, "POST", path, token=citizen.token, json={"answer": "The left side."})
    going_on = await assignment(portal, officer, number, "in_progress")
    assert going_on["paused_since"] is None
    assert going_on["due_at"] >= paused["due_at"]

    await portal.once(
        f"/api/v1/requests/{number}",
        lambda request: request["due_at"] == going_on["due_at"] and not request["due_paused"],
        token=citizen.token,
    )
