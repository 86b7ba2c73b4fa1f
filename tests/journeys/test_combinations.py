"""Combinations of features: hidden citizens and appeals, merges and erasure, concurrent actions."""

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.attachments import fetch, sent
from tests.journeys.test_appeal import GROUNDS, appeal, at_the_authority, decided_by_the_head
from tests.journeys.test_duplicates import a_lamp, merged, routed, somewhere
from tests.journeys.test_erasure import erased
from tests.journeys.test_main_job import LAMP, at_department
from tests.journeys.test_verify_commands import rabta
from tools.filings import TEACHER
from tools.portal import Answer, Citizen, Portal, until

WORDS = "The street lamp by the school gate is dark"
REASON = {"reason": "It is another lamp altogether."}


async def kept(servers: Servers, database: str, collection: str, what: dict[str, Any]) -> list[dict[str, Any]]:
    """Stored documents of a service."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
    found = await client[database][collection].find(what).to_list(None)
    client.close()
    return found


async def disputed(portal: Portal, citizen: Citizen, filing: dict[str, Any]) -> tuple[str, str, str]:
    """A request that its citizen disputed: number, department, officer."""
    number, department, officer = await at_department(portal, citizen, filing)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "resolve", outcome="granted", reply=f"The lamp of {number} was replaced.")
    await portal.reaches(citizen, number, "resolved")
    path = f"/api/v1/requests/{number}/dispute"
    await portal.expect(200, "POST", path, token=citizen.token, json={"reason": "not_done"})
    await portal.reaches(citizen, number, "reopened")
    return number, department, officer


async def test_the_appeal_of_a_confidential_request_hides_its_citizen_too(portal: Portal, servers: Servers) -> None:
    citizen, stranger = await portal.register(), await portal.register()
    photo = await sent(portal, citizen.token)
    filing = {**LAMP, "confidential": True, "attachments": [photo]}
    number, department, _ = await disputed(portal, citizen, filing)
    head = await portal.officer(department, role="head")
    await portal.act(head, number, "accept")
    reply = f"There is no lamp for {number} now."
    await portal.act(head, number, "resolve", outcome="not_granted", reason="no_funds", reply=reply)
    await portal.reaches(citizen, number, "resolved")
    own, authority = await at_the_authority(portal, citizen, number)

    seen = await portal.expect(200, "GET", f"/api/v1/requests/{own}", token=authority)
    assert (seen["citizen"], seen["original"]["citizen"], seen["confidential"]) == (None, None, True)
    assignment = await portal.expect(200, "GET", f"/api/v1/assignments/{own}", token=authority)
    proof = await portal.expect(200, "GET", f"/api/v1/requests/{own}/proof", token=citizen.token)
    stored = await kept(servers, "rabta_routing", "assignments", {"_id": {"$in": [number, own]}})
    told = [one["events"] for one in await kept(servers, "rabta_requests", "requests", {"_id": {"$in": [number, own]}})]
    text = json.dumps([seen, assignment, proof, stored, told], default=str)
    for personal in (citizen.id, citizen.mobile, citizen.mobile[-7:], "Test Citizen", citizen.cnic):
        assert personal not in text

    code = (await portal.request(citizen, number))["track_code"]
    assert (await portal.expect(200, "GET", f"/api/v1/track/{own}?mobile={code}"))["kind"] == "appeal"
    if code != citizen.last_four:
        await portal.expect(404, "GET", f"/api/v1/track/{own}?mobile={citizen.last_four}")
    assert (await portal.ask("PUT", f"/api/v1/requests/{own}/follow", token=stranger.token)).status == 404

    assert (await fetch(portal, authority, number, photo))[0] == 200, "the authority sees what the department saw"
    assert (await fetch(portal, await portal.officer("education"), number, photo))[0] == 404
    assert (await fetch(portal, stranger.token, number, photo))[0] == 404


async def test_the_key_holder_can_dispute_appeal_and_rate(portal: Portal, servers: Servers) -> None:
    filed = await portal.expect(201, "POST", "/api/v1/anonymous-requests", json=TEACHER, headers=long_key())
    number, code = filed["number"], filed["code"]

    async def act(name: str, number: str = number, key: str = filed["key"], **body: Any) -> Answer:
        headers = long_key() | {"Authorization": f"Key {key}"}
        return await portal.ask("POST", f"/api/v1/requests/{number}/{name}", json=body, headers=headers)

    async def reaches(state: str, number: str = number) -> None:
        await portal.once(f"/api/v1/track/{number}?mobile={code}", lambda shown: shown["state"] == state)

    for role in ("officer", "head"):
        staff = await portal.officer("education", role=role)

        async def accepted(staff: str = staff) -> bool | None:
            return True if (await portal.act(staff, number, "accept")).status == 200 else None

        await until(accepted, f"the {role} to have it")
        reply = f"The {role} spoke with the school about {number}."
        await portal.act(staff, number, "resolve", outcome="not_granted", reason="no_fault_found", reply=reply)
        await reaches("resolved")
        if role == "officer":
            assert (await act("appeal", **GROUNDS)).body["type"] == "/problems/dispute-first"
            assert (await act("dispute", reason="not_done")).status == 200
            await reaches("reopened")
    assert (await act("appeal", key="0" * 16, **GROUNDS)).status == 404
    appealed = await act("appeal", **GROUNDS)
    assert appealed.status == 201, appealed.body
    own = appealed.body["number"]
    await reaches("routed", own)
    authority = await portal.officer("ombudsman", role="appellate")
    seen = await portal.expect(200, "GET", f"/api/v1/requests/{own}", token=authority)
    assert (seen["citizen"], seen["anonymous"], seen["original"]["citizen"]) == (None, True, None)
    [first] = await kept(servers, "rabta_requests", "requests", {"_id": number})
    assert first["citizen_id"] not in json.dumps(seen)
    assert (await act("withdraw", own)).status == 200
    await reaches("closed")
    assert (await act("rating", rating=2)).status == 200
    assert (await act("rating", rating=5)).status == 409


async def test_comparing_and_merging_do_not_reveal_a_confidential_citizen(portal: Portal) -> None:
    citizen, at = await portal.register(), somewhere()
    open_one, department = await routed(portal, citizen, a_lamp(WORDS, at=at))
    hidden, _ = await routed(portal, citizen, a_lamp(WORDS, north=10, at=at) | {"confidential": True})
    officer = await portal.officer(department)
    beside = await portal.expect(200, "GET", f"/api/v1/requests/{hidden}/similar", token=officer)
    assert [(one["number"], one["yours"]) for one in beside["similar"]] == [(open_one, False)]
    refused = await merged(portal, officer, hidden, open_one)
    assert (refused.status, refused.body["type"]) == (409, "/problems/merge-refused")
    assert (await merged(portal, officer, open_one, hidden)).status == 422


async def test_disputed_requests_and_appeals_cannot_be_merged(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    other, _, officer = await disputed(portal, second, a_lamp(WORDS, at=at))
    primary, _ = await routed(portal, first, a_lamp(WORDS, north=10, at=at))
    refused = await merged(portal, officer, other, primary)
    assert (refused.status, refused.body["type"]) == (409, "/problems/merge-refused")

    appeals = []
    for _ in range(2):
        citizen, number, _, _ = await decided_by_the_head(portal)
        own, authority = await at_the_authority(portal, citizen, number)
        appeals.append(own)
    for one, into in (appeals, reversed(appeals)):
        assert (await merged(portal, authority, one, into)).status in (403, 422)


async def test_a_merged_request_continues_when_the_primarys_citizen_is_erased(portal: Portal, servers: Servers) -> None:
    first, second, third, at = await portal.register(), await portal.register(), await portal.register(), somewhere()
    primary, department = await routed(portal, first, a_lamp(WORDS, at=at))
    other, _ = await routed(portal, second, a_lamp(WORDS, north=10, at=at))
    await portal.expect(200, "PUT", f"/api/v1/requests/{primary}/follow", token=third.token)
    officer = await portal.officer(department)
    assert (await merged(portal, officer, other, primary)).status == 200
    await portal.hears(second.mobile, other, primary)

    await erased(portal, third)

    async def forgotten() -> bool | None:
        what = {"$or": [{"citizen_id": third.id}, {"followers.citizen_id": third.id}]}
        rows = await kept(servers, "rabta_requests", "requests", what)
        rows += await kept(servers, "rabta_notifier", "followers", {"citizen_id": third.id})
        return None if rows else True

    await until(forgotten, "the erased follower to be forgotten", 40)
    await erased(portal, first)

    async def emptied() -> bool | None:
        [stored] = await kept(servers, "rabta_requests", "requests", {"_id": primary})
        return True if stored.get("anonymised_at") and not stored.get("followers") else None

    await until(emptied, "the primary to lose its person", 40)

    async def told() -> bool | None:
        what = {"subject": primary, "template": "request.anonymised"}
        return True if await kept(servers, "rabta_notifier", "notifications", what) else None

    await until(told, "the notifier to have emptied the primary's messages")
    await portal.hears(second.mobile, primary, "took it back")
    assert (await portal.reaches(second, other, "routed"))["department"] == department, "it comes back by itself"
    await portal.hears(second.mobile, other, "on its own again", primary)

    async def accepted() -> bool | None:
        return True if (await portal.act(officer, other, "accept")).status == 200 else None

    await until(accepted, "the department to have it again")
    await portal.reaches(second, other, "accepted")  # otherwise the revision changes while the officer reads
    assert (await merged(portal, officer, other, primary)).status in (409, 422), "nothing goes into what has ended"


async def test_of_two_concurrent_actions_one_succeeds(portal: Portal) -> None:
    citizen, number, _, _ = await decided_by_the_head(portal)
    answers = await asyncio.gather(*(appeal(portal, citizen, number) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 5
    own = next(answer.body["number"] for answer in answers if answer.status == 201)
    await portal.reaches(citizen, own, "routed")
    await portal.expect(200, "POST", f"/api/v1/requests/{own}/withdraw", token=citizen.token, json={})
    await portal.reaches(citizen, number, "closed")
    path = f"/api/v1/requests/{number}/rating"
    rated = await asyncio.gather(
        *(portal.ask("POST", path, token=citizen.token, json={"rating": n}) for n in range(1, 6))
    )
    assert sorted(answer.status for answer in rated) == [200] + [409] * 4
    late = await portal.ask("POST", f"/api/v1/requests/{own}/appeal", token=citizen.token, json=GROUNDS, headers=key())
    assert late.status == 409, "an appeal is not appealed against"


async def test_citizen_and_officer_can_separate_at_the_same_moment(portal: Portal) -> None:
    first, second, at = await portal.register(), await portal.register(), somewhere()
    primary, department = await routed(portal, first, a_lamp(WORDS, at=at))
    other, _ = await routed(portal, second, a_lamp(WORDS, north=10, at=at))
    officer = await portal.officer(department)
    answer = await merged(portal, officer, other, primary)
    path, seen = f"/api/v1/requests/{other}", {"If-Match": answer.headers["etag"]}
    both = await asyncio.gather(
        portal.ask("POST", f"{path}/separate", token=second.token, json=REASON),
        portal.ask("POST", f"{path}/unmerge", token=officer, json=REASON, headers=seen),
    )
    assert sorted(one.status for one in both)[0] == 200
    assert {one.status for one in both} <= {200, 409, 412}  # the second one
    again = await portal.reaches(second, other, "routed")
    undone = [step["action"] for step in again["history"] if step["action"] in ("separate", "unmark_duplicate")]
    assert len(undone) == 1
    assert (await portal.act(officer, primary, "accept")).status == 200
    assert (await portal.ask("GET", f"/api/v1/requests/{primary}", token=second.token)).status == 404


async def test_every_history_is_valid_afterwards(portal: Portal, suite: Suite, tmp_path: Path) -> None:
    roots = tmp_path / "roots.json"
    roots.write_text(json.dumps(await portal.expect(200, "GET", "/.well-known/rabta-roots.json")))
    code, words = await rabta(suite, "verify-history", "--roots", str(roots))
    assert code == 0, words
    assert "no findings" in words


def long_key() -> dict[str, str]:
    """A new Idempotency-Key, long enough for an anonymous filing."""
    return {"Idempotency-Key": secrets.token_hex(16)}


def key() -> dict[str, str]:
    """A new Idempotency-Key."""
    return {"Idempotency-Key": secrets.token_hex(8)}
