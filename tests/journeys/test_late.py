"""A late request: its escalation, the interim reply that is owed, and the messages to the citizen."""

from datetime import timedelta

from shared.clock import PAKISTAN, utc_now
from tests.journeys.test_main_job import LAMP, at_department
from tests.time_travel import TimeTravel
from tools.portal import Portal


async def test_a_late_request_goes_to_the_head_and_its_citizen_is_told_a_new_date(
    portal: Portal, time_travel: TimeTravel
) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    day = (utc_now().astimezone(PAKISTAN) + timedelta(days=10)).date().isoformat()
    new_date = {"reason": "The lamp has to be ordered.", "until": day}
    early = await portal.act(officer, number, "delay", **new_date)
    assert (early.status, early.body["type"]) == (409, "/problems/delay-too-early")

    await time_travel.late(number, days=1)

    await portal.once(
        f"/api/v1/requests/{number}",
        lambda seen: seen["escalation_level"] == 1 and seen["escalated_to"],
        token=citizen.token,
    )
    assert number in await portal.hears(citizen.mobile, "is late")
    head = await portal.officer("works", "head")
    overview = await portal.expect(200, "GET", "/api/v1/assignments/overview", token=head)
    assert overview["escalated_to_head"] >= overview["owes_new_date"] >= 1

    given = await portal.act(officer, number, "delay", **new_date)
    assert (given.status, given.body["interim_replies"], given.body["owes_new_date"]) == (200, 1, False)
    assert "The lamp has to be ordered." in await portal.hears(citizen.mobile, "takes longer")

    await portal.once(
        f"/api/v1/requests/{number}",
        lambda seen: seen["delayed_until"] == given.body["delayed_until"],
        token=citizen.token,
    )
    tracked = await portal.expect(200, "GET", f"/api/v1/track/{number}?mobile={citizen.last_four}")
    assert tracked["delayed_until"] == given.body["delayed_until"]
    assert [step["action"] for step in tracked["history"]][-3:] == ["overdue", "escalate", "delay"]
