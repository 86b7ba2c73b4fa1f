"""Duplicates: following instead of filing, merging, and separating."""

import secrets
from typing import Any

from tools.portal import Answer, Citizen, Portal, until

LATITUDE, LONGITUDE = 34.2, 72.05


def a_lamp(words: str, *, north: float = 0.0, at: tuple[float, float] = (LATITUDE, LONGITUDE)) -> dict[str, Any]:
    """A complaint about a street light some metres north of a place."""
    latitude = at[0] + north / 111_320
    return {
        "service": "street-light-out",
        "place": {"district": "mardan", "latitude": latitude, "longitude": at[1]},
        "answers": {"problem": "out", "street": "public", "place": "Mardan, Canal Road", "description": words},
    }


def somewhere() -> tuple[float, float]:
    """A place in Mardan for this test only, so that no other request is near."""
    return 34.07 + secrets.randbelow(48_000) / 100_000, 71.85 + secrets.randbelow(60_000) / 100_000


async def offered(portal: Portal, citizen: Citizen, question: dict[str, Any]) -> list[dict[str, Any]]:
    """The requests that the portal offers."""
    body = await portal.expect(200, "POST", "/api/v1/requests/similar", token=citizen.token, json=question)
    similar: list[dict[str, Any]] = body["similar"]
    return similar


async def routed(portal: Portal, citizen: Citizen, filing: dict[str, Any]) -> tuple[str, str]:
    """File and wait until it is routed; returns number and department."""
    number = (await portal.file(citizen, filing))["number"]
    return number, (await portal.reaches(citizen, number, "routed"))["department"]


async def merged(portal: Portal, officer: str, number: str, into: str) -> Answer:
    """Merge a request into another; again if routing's events about an earlier merge arrive meanwhile."""

    async def attempt() -> Answer | None:
        seen = await portal.ask("GET", f"/api/v1/requests/{number}", token=officer)
        answer = await portal.ask(
            "POST",
            f"/api/v1/requests/{number}/merge",
            token=officer,
            json={"into": into, "reason": "The same lamp on the same pole."},
            headers={"If-Match": seen.headers["etag"]},
        )
        return None if answer.status == 412 else answer

    return await until(attempt, f"{number} to be merged")


async def test_a_citizen_can_follow_a_nearby_request_instead_of_filing(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    number, department = await routed(portal, first, a_lamp("The street lamp by the school gate is dark", at=at))

    question = a_lamp("Street lamp at the gate of the school, dark since Monday", north=80, at=at)
    (match,) = await offered(portal, second, question)
    assert match["number"] == number
    assert 60 <= match["metres"] <= 100
    assert (match["yours"], match["following"]) == (False, False)
    assert "school" not in str(match), "nobody's words are shown to anybody else"

    await portal.expect(200, "PUT", f"/api/v1/requests/{number}/follow", token=second.token)
    await portal.expect(200, "PUT", f"/api/v1/requests/{number}/follow", token=second.token)
    listed = await portal.expect(200, "GET", "/api/v1/requests/followed", token=second.token)
    assert [one["number"] for one in listed["requests"]] == [number]
    await portal.hears(second.mobile, "follow", number)

    assert (await portal.act(await portal.officer(department), number, "accept")).status == 200
    await portal.hears(second.mobile, number, "begun to work")
    shown = await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=second.token)
    assert "answers" not in shown
    assert shown["state"] in ("routed", "accepted")

    await portal.expect(204, "DELETE", f"/api/v1/requests/{number}/follow", token=second.token)
    assert (await portal.ask("GET", f"/api/v1/requests/{number}", token=second.token)).status == 404


async def test_distant_different_old_and_own_requests_are_not_offered(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    words = "The street lamp by the school gate is dark"
    number, _ = await routed(portal, first, a_lamp(words, at=at))
    assert await offered(portal, second, a_lamp(words, north=900, at=at)) == [], "too far"
    assert await offered(portal, second, a_lamp("گاڑی نے کھمبے کو ٹکر ماری اور تار گر گئی", at=at)) == [], "other words"
    (own,) = await offered(portal, first, a_lamp(words, at=at))
    assert own["yours"]
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/withdraw", token=first.token, json={})
    assert await offered(portal, second, a_lamp(words, at=at)) == [], "ended"


async def test_a_request_without_a_point_is_offered_to_a_filing_with_one(portal: Portal) -> None:
    first, second = await portal.register(), await portal.register()
    words = f"Lamp {secrets.token_hex(4)} beside shop {secrets.token_hex(4)} near gate {secrets.token_hex(4)} is dark"
    by_address = a_lamp(words) | {"place": {"district": "abbottabad", "address": "Canal Road, Abbottabad"}}
    number, _ = await routed(portal, first, by_address)
    question = a_lamp(words, at=somewhere())
    question["place"]["district"] = "abbottabad"
    assert [(one["number"], one["metres"]) for one in await offered(portal, second, question)] == [(number, None)]
    question["place"]["district"] = "kohat"
    assert number not in str(await offered(portal, second, question))


async def test_a_confidential_request_is_never_offered_or_followed(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    words = "The street lamp by the school gate is dark"
    number, _ = await routed(portal, first, a_lamp(words, at=at) | {"confidential": True})
    assert await offered(portal, second, a_lamp(words, at=at)) == []
    assert (await portal.ask("PUT", f"/api/v1/requests/{number}/follow", token=second.token)).status == 404


async def test_merging_and_separating_inform_everybody(portal: Portal) -> None:
    first, second, third, at = await portal.register(), await portal.register(), await portal.register(), somewhere()
    words = "The street lamp by the school gate is dark"
    primary, department = await routed(portal, first, a_lamp(words, at=at))
    other, _ = await routed(portal, second, a_lamp(words, north=20, at=at))
    await portal.expect(200, "PUT", f"/api/v1/requests/{other}/follow", token=third.token)
    officer = await portal.officer(department)

    beside = await portal.expect(200, "GET", f"/api/v1/requests/{other}/similar", token=officer)
    assert [one["number"] for one in beside["similar"]] == [primary]
    answer = await merged(portal, officer, other, primary)
    assert answer.status == 200, answer.body
    assert answer.body["state"] == "duplicate"
    await portal.hears(second.mobile, other, primary)
    await portal.hears(third.mobile, other, primary)
    assert (await portal.act(officer, primary, "accept")).status == 200
    await portal.hears(second.mobile, primary, "begun to work")
    await portal.hears(third.mobile, primary, "begun to work")

    own = await portal.request(second, other)
    assert "separate" in own["actions"]
    body = {"reason": "Mine is the lamp at the other end of the street."}
    await portal.expect(200, "POST", f"/api/v1/requests/{other}/separate", token=second.token, json=body)
    again = await portal.reaches(second, other, "routed")
    assert again["department"] == department
    assert (await portal.act(officer, other, "accept")).status == 200
    await portal.reaches(second, other, "accepted")


async def test_withdrawing_a_merged_request_keeps_only_its_followers_informed(portal: Portal) -> None:
    first, second, third, at = await portal.register(), await portal.register(), await portal.register(), somewhere()
    words = "The street lamp by the school gate is dark"
    primary, department = await routed(portal, first, a_lamp(words, at=at))
    other, _ = await routed(portal, second, a_lamp(words, north=20, at=at))
    await portal.expect(200, "PUT", f"/api/v1/requests/{other}/follow", token=third.token)
    assert (await merged(portal, await portal.officer(department), other, primary)).status == 200
    await follow_exactly(portal, second, primary)
    await follow_exactly(portal, third, primary, other)
    await portal.expect(200, "POST", f"/api/v1/requests/{other}/withdraw", token=second.token, json={})
    await follow_exactly(portal, second)
    await follow_exactly(portal, third, primary, other)
    await portal.expect(200, "POST", f"/api/v1/requests/{primary}/withdraw", token=first.token, json={})
    await portal.hears(third.mobile, primary, "took it back")


async def follow_exactly(portal: Portal, citizen: Citizen, *numbers: str) -> None:
    """Wait until the citizen follows exactly these."""

    await portal.once(
        "/api/v1/requests/followed",
        lambda listed: {one["number"] for one in listed["requests"]} == set(numbers),
        token=citizen.token,
    )


async def test_merging_needs_an_officer_of_the_department_and_the_revision(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    words = "The street lamp by the school gate is dark"
    primary, department = await routed(portal, first, a_lamp(words, at=at))
    other, _ = await routed(portal, second, a_lamp(words, north=20, at=at))
    stranger = await portal.officer("power" if department != "power" else "works")
    path, body = f"/api/v1/requests/{other}/merge", {"into": primary, "reason": "The same lamp."}
    assert (await portal.ask("POST", path, token=first.token, json=body)).status == 403
    old = {"If-Match": '"1-en"'}
    assert (await portal.ask("POST", path, token=stranger, json=body, headers=old)).status == 404
    officer = await portal.officer(department)
    assert (await portal.ask("POST", path, token=officer, json=body)).status == 428
    assert (await portal.ask("POST", path, token=officer, json=body, headers=old)).status == 412
    assert (await merged(portal, officer, other, other)).status == 422
    assert (await merged(portal, officer, other, primary)).status == 200
    assert (await merged(portal, officer, primary, other)).status == 409, "what was merged cannot take others in"
