"""Merged requests: the primary's department reads their texts and files, and none is lost."""

import asyncio
from typing import Any

from tests.attachments import fetch, send, sent
from tests.journeys.test_duplicates import a_lamp, merged, routed, somewhere
from tools.portal import Portal, until

WORDS = "The street lamp by the school gate is dark"
THEIRS = "The lamp at the school gate is dark since the storm"
MORE = "The pole carries the number 4711."


async def test_the_primarys_department_reads_merged_requests_even_after_a_transfer(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    primary, department = await routed(portal, first, a_lamp(WORDS, at=at))
    photo = await sent(portal, second.token)
    other, _ = await routed(portal, second, a_lamp(THEIRS, north=10, at=at) | {"attachments": [photo]})
    officer = await portal.officer(department)
    assert (await merged(portal, officer, other, primary)).status == 200

    path = f"/api/v1/requests/{other}"
    own = await portal.request(second, other)
    assert (own["merged_into"], own["may_attach"]) == (primary, True)
    added = await send(portal, second.token, to=other)
    assert added.status == 201, added.body
    await portal.expect(200, "POST", f"{path}/answer", token=second.token, json={"answer": MORE})
    tracked = await portal.expect(200, "GET", f"/api/v1/track/{other}?mobile={second.last_four}")
    assert tracked["merged_into"] == primary

    elsewhere = "works" if department != "works" else "power"
    assert (await portal.act(officer, primary, "transfer", to=elsewhere, reason="The lamp is theirs.")).status == 200
    newcomer = await portal.officer(elsewhere)

    async def read() -> Any:
        answer = await portal.ask("GET", f"/api/v1/requests/{primary}", token=newcomer)
        return answer.body["merged"] if answer.status == 200 else None

    [shown] = await until(read, "the new department to have it")
    assert (shown["number"], shown["answers"]["description"]) == (other, THEIRS)
    assert MORE in [entry.get("words") for entry in shown["history"]]  # the closing of its assignment may arrive later
    assert [file["id"] for file in shown["attachments"]] == [photo, added.body["id"]]
    for file in shown["attachments"]:
        assert (await fetch(portal, newcomer, other, file["id"]))[0] == 200
    assert (await portal.expect(200, "GET", path, token=newcomer))["answers"]["description"] == THEIRS
    stranger = await portal.officer("education")
    assert (await portal.ask("GET", path, token=stranger)).status == 404
    assert (await fetch(portal, stranger, other, photo))[0] == 404

    await portal.once(
        "/api/v1/me/accesses",
        lambda trail: elsewhere in {look["department"] for look in trail["accesses"] if look["request"] == other},
        token=second.token,
    )
    theirs = await portal.expect(200, "GET", f"/api/v1/requests/{primary}", token=second.token)
    assert WORDS not in str(theirs), "who was merged does not read what the other citizen wrote"
    assert THEIRS not in str(await portal.request(first, primary))
    assert (await fetch(portal, first.token, other, photo))[0] == 404


async def test_when_the_primary_is_withdrawn_merged_requests_continue(portal: Portal) -> None:
    first, second, third, at = await portal.register(), await portal.register(), await portal.register(), somewhere()
    primary, department = await routed(portal, first, a_lamp(WORDS, at=at))
    older, _ = await routed(portal, second, a_lamp(WORDS, north=10, at=at))
    newer, _ = await routed(portal, third, a_lamp(WORDS, north=20, at=at))
    officer = await portal.officer(department)
    for number in (newer, older):
        assert (await merged(portal, officer, number, primary)).status == 200
    refused = await merged(portal, officer, primary, newer)
    assert (refused.status, refused.body["type"]) == (409, "/problems/others-merged-into-it")
    await portal.expect(200, "POST", f"/api/v1/requests/{primary}/withdraw", token=first.token, json={})
    for citizen, number in ((second, older), (third, newer)):
        again = await portal.reaches(citizen, number, "routed")
        assert (again["department"], again["merged_into"]) == (department, None)
        await portal.hears(citizen.mobile, number, "on its own again", primary)
        assert (await portal.act(officer, number, "accept")).status == 200


async def test_merging_while_the_primary_is_withdrawn_loses_no_request(portal: Portal) -> None:
    first, at = await portal.register(), somewhere()
    others = [await portal.register() for _ in range(3)]
    primary, department = await routed(portal, first, a_lamp(WORDS, at=at))
    numbers = [(await routed(portal, one, a_lamp(WORDS, north=10 * n, at=at)))[0] for n, one in enumerate(others, 1)]
    officer = await portal.officer(department)
    path = f"/api/v1/requests/{primary}/withdraw"
    await asyncio.gather(
        *(merged(portal, officer, number, primary) for number in numbers),
        portal.ask("POST", path, token=first.token, json={}),
    )
    await portal.reaches(first, primary, "withdrawn")
    for citizen, number in zip(others, numbers, strict=True):
        await portal.reaches(citizen, number, "routed")
