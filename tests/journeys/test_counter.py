"""A clerk at the counter compares a planned request, and follows an existing one for the citizen."""

import secrets
from typing import Any

from tests.journeys.test_access_trail import trail
from tests.journeys.test_duplicates import a_lamp, routed, somewhere
from tools.filings import TEACHER
from tools.portal import Answer, Portal, until


async def test_at_the_counter_a_citizen_follows_an_existing_request(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    words = "The street lamp by the school gate is dark"
    number, _ = await routed(portal, first, a_lamp(words, at=at))
    hidden, _ = await routed(portal, first, a_lamp(words, at=at) | {"confidential": True})
    nameless = await portal.ask(
        "POST", "/api/v1/anonymous-requests", json=TEACHER, headers={"Idempotency-Key": secrets.token_hex(16)}
    )
    clerk = await portal.staff("clerk")
    question = a_lamp("Street lamp at the gate of the school, dark since Monday", at=at) | {"on_behalf_of": second.id}

    async def offered_at_counter() -> list[dict[str, Any]] | None:
        answer = await portal.ask("POST", "/api/v1/requests/similar", token=clerk, json=question)
        return answer.body["similar"] if answer.status == 200 else None  # the registration may arrive later

    (match,) = await until(offered_at_counter, "the citizen's registration")
    assert (match["number"], match["yours"], match["following"]) == (number, False, False)
    assert "school" not in str(match), "nobody's words are shown to anybody else"
    assert (await portal.expect(200, "GET", "/api/v1/me/accesses", token=second.token))["accesses"] == []

    path, behalf = f"/api/v1/requests/{number}/follow", {"on_behalf_of": second.id}
    for _ in range(2):
        shown = await portal.expect(200, "PUT", path, token=clerk, json=behalf)
        assert "answers" not in shown
    for other in (hidden, nameless.body["number"]):
        for body in (behalf, {}):
            answer = await portal.ask("PUT", f"/api/v1/requests/{other}/follow", token=clerk, json=body)
            assert answer.status == 404
    listed = await portal.expect(200, "GET", "/api/v1/requests/followed", token=second.token)
    assert [one["number"] for one in listed["requests"]] == [number]
    await portal.hears(second.mobile, "follow", number)
    assert [one["following"] for one in await offered_at_counter() or []] == [True]
    [entry] = await trail(portal, second, 1)
    assert (entry["role"], entry["request"]) == ("clerk", number)

    own = question | {"on_behalf_of": first.id}
    similar = await portal.expect(200, "POST", "/api/v1/requests/similar", token=clerk, json=own)
    assert [one["yours"] for one in similar["similar"]] == [True]
    [entry] = await trail(portal, first, 1)
    assert (entry["role"], entry["request"]) == ("clerk", number)
    await portal.expect(204, "DELETE", path, token=second.token)


async def test_comparing_for_a_citizen_needs_a_clerk_and_a_known_citizen(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    number, department = await routed(portal, first, a_lamp("The street lamp by the school gate is dark", at=at))
    clerk, officer = await portal.staff("clerk"), await portal.officer(department)
    question, path = a_lamp("The lamp by the school", at=at), f"/api/v1/requests/{number}/follow"
    calls: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("POST", "/api/v1/requests/similar", question),
        ("PUT", path, {}),
    )
    for method, where, body in calls:
        unnamed = await portal.ask(method, where, token=clerk, json=body)
        assert (unnamed.status, errors_of(unnamed)) == (422, [("/on_behalf_of", "required")])
        nobody = await portal.ask(method, where, token=clerk, json=body | {"on_behalf_of": "nobody"})
        assert (nobody.status, errors_of(nobody)) == (422, [("/on_behalf_of", "citizen")])
        for token in (second.token, officer):
            answer = await portal.ask(method, where, token=token, json=body | {"on_behalf_of": first.id})
            assert answer.status == 403
        assert (await portal.ask(method, where, token=officer, json=body)).status == 403
    assert (await portal.ask("PUT", path, token=clerk)).status == 422
    for method, where in (("DELETE", path), ("GET", "/api/v1/requests/followed")):
        assert (await portal.ask(method, where, token=clerk)).status == 403


def errors_of(answer: Answer) -> list[tuple[str, str]]:
    """Pointers and codes of a response's field errors."""
    return [(error["pointer"], error["code"]) for error in answer.body["errors"]]
