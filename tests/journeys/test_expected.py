"""The due date and the expected range ("Application delay: wait and track")."""

import asyncio
from typing import Any

from tests.journeys.test_main_job import at_department
from tools.portal import Citizen, Portal, until

ENOUGH = 30
DRAIN = {
    "service": "blocked-drain",
    "place": {"district": "kohat", "address": "Bannu Road"},
    "answers": {
        "problem": "blocked",
        "whose_drain": "street",
        "place": "Kohat, Bannu Road",
        "description": "Water has stood in the street for a week.",
    },
}


async def resolved(portal: Portal, citizen: Citizen, filing: dict[str, Any]) -> None:
    """File a request and have its department resolve it."""
    number, _, officer = await at_department(portal, citizen, filing)
    assert (await portal.act(officer, number, "accept")).status == 200
    reply = f"The drain of {number} was cleared this morning."
    assert (await portal.act(officer, number, "resolve", outcome="granted", reply=reply)).status == 200
    done = await portal.reaches(citizen, number, "resolved")
    assert done["expected"] is None


async def test_after_thirty_requests_the_expected_range_is_shown(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, _ = await at_department(portal, citizen, DRAIN)
    first = await portal.expect(200, "GET", f"/api/v1/track/{number}?mobile={citizen.last_four}")
    assert first["expected"] == {"by": first["due_at"]}
    for _ in range(ENOUGH // 10):
        await asyncio.gather(*(resolved(portal, citizen, DRAIN) for _ in range(10)))

    async def look() -> dict[str, Any] | None:
        number, _, _ = await at_department(portal, citizen, DRAIN)
        tracked = await portal.expect(200, "GET", f"/api/v1/track/{number}?mobile={citizen.last_four}")
        assert tracked["expected"]["by"] == tracked["due_at"]
        assert (await portal.request(citizen, number))["expected"] == tracked["expected"]
        return tracked["expected"] if "half_by" in tracked["expected"] else None

    expected = await until(look, "a past that tells something")
    assert expected["based_on"] >= ENOUGH
    assert expected["of"] in ("department", "service")
    assert first["submitted_at"] < expected["half_by"] <= expected["most_by"]
