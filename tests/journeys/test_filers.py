"""Confidential and anonymous filings, and filings by a clerk: what each side learns."""

import asyncio
import json
import secrets
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from tests.journeys.test_main_job import DOMICILE
from tests.journeys.test_proof import fetched
from tests.journeys.test_staff import made, session
from tools.filings import TEACHER, at_department
from tools.portal import Answer, Citizen, Portal, until


async def name_seen(portal: Portal, number: str) -> dict[str, Any]:
    """The request as its officer sees it, once the citizen's copy has arrived."""
    officer, _ = await at_department(portal, number)

    return await portal.once(f"/api/v1/requests/{number}", lambda seen: seen["citizen"], token=officer)


async def told(portal: Portal, citizen: Citizen, number: str, least: int) -> None:
    """Wait until the citizen was told that many times."""

    async def look() -> bool | None:
        found = [m for m in await portal.messages(citizen.mobile) if m["subject"] == number]
        return len(found) >= least or None

    await until(look, "messages about the request")


async def test_a_confidential_complaint_never_reveals_its_citizen_to_the_department(portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, {**TEACHER, "confidential": True}))["number"]
    code = (await portal.request(citizen, number))["track_code"]
    tracked = await portal.ask("GET", f"/api/v1/track/{number}?mobile={citizen.last_four}")
    assert tracked.status == (200 if code == citizen.last_four else 404)  # the department may know the mobile
    await portal.expect(200, "GET", f"/api/v1/track/{number}?mobile={code}")
    ordinary = (await portal.file(citizen, TEACHER))["number"]
    assert (await name_seen(portal, ordinary))["citizen"] == {"name": "Test Citizen", "mobile": citizen.mobile}
    officer, seen = await at_department(portal, number)
    assert (seen["citizen"], seen["confidential"]) == (None, True)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "resolve", outcome="granted", reply="The teacher was called in on Monday.")
    await portal.reaches(citizen, number, "resolved")
    await told(portal, citizen, number, 3)  # filed and routed, accepted, resolved
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/confirm", token=citizen.token, json={})
    await portal.reaches(citizen, number, "closed")
    for path in (f"/api/v1/requests/{number}", f"/api/v1/assignments/{number}"):
        text = json.dumps(await portal.expect(200, "GET", path, token=officer))
        for personal in (citizen.id, citizen.mobile, citizen.mobile[-7:], "Test Citizen", citizen.cnic):
            assert personal not in text


async def test_events_of_a_confidential_request_do_not_name_the_citizen(portal: Portal, servers: Servers) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, {**TEACHER, "confidential": True}))["number"]
    await portal.reaches(citizen, number, "routed")
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
    kept = await client["rabta_routing"]["assignments"].find_one({"_id": number})
    filed = await client["rabta_requests"]["requests"].find_one({"_id": number})
    client.close()
    assert kept is not None
    assert filed is not None
    assert [event["type"] for event in kept["events"]] == ["request.routed.v1"]
    assert citizen.id not in str(kept)
    assert citizen.id not in str(filed["events"])


async def test_an_anonymous_request_from_filing_to_confirmation(portal: Portal) -> None:
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    filed = await portal.ask("POST", "/api/v1/anonymous-requests", json=TEACHER, headers=headers)
    assert filed.status == 201
    number, code, key = filed.body["number"], filed.body["code"], filed.body["key"]
    again = await portal.ask("POST", "/api/v1/anonymous-requests", json=TEACHER, headers=headers)
    assert again.body == filed.body
    assert again.headers["idempotent-replayed"] == "true"
    officer, seen = await at_department(portal, number)
    assert (seen["citizen"], seen["anonymous"]) == (None, True)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "ask", question="Which days of the week?")

    tracked = f"/api/v1/track/{number}?mobile={code}"
    path, given = f"/api/v1/requests/{number}", {"Authorization": f"Key {key}"}

    assert "words" not in json.dumps(await portal.once(tracked, lambda shown: shown["state"] == "questioned"))
    whole = await portal.expect(200, "GET", path, headers=given)
    assert whole["history"][-1]["words"] == "Which days of the week?"
    for wrong in ("0" * 16, code):
        opening = {"Authorization": f"Key {wrong}"}
        assert (await portal.ask("POST", f"{path}/answer", json={"answer": "Mondays"}, headers=opening)).status == 404
    assert (await portal.ask("GET", "/api/v1/requests", headers=given)).status == 401
    await portal.expect(200, "POST", f"{path}/answer", json={"answer": "Mondays"}, headers=given)

    async def resolved() -> bool | None:
        answer = await portal.act(officer, number, "resolve", outcome="granted", reply="He was told to come.")
        return answer.status == 200 or None

    await until(resolved, "resolve")

    await portal.once(tracked, lambda shown: shown["state"] == "resolved")
    confirmed = await portal.expect(200, "POST", f"{path}/confirm", json={"rating": 5}, headers=given)
    assert confirmed["state"] in ("confirmed", "closed")


async def file_for(portal: Portal, clerk: str, citizen: Citizen, key: str, **changes: Any) -> Answer:
    """File as a clerk for a citizen, once the requests service knows the citizen."""
    body = {**TEACHER, "on_behalf_of": citizen.id, "channel": "counter", **changes}

    async def look() -> Answer | None:
        headers = {"Idempotency-Key": key}
        answer = await portal.ask("POST", "/api/v1/requests", token=clerk, json=body, headers=headers)
        unknown = [error["code"] for error in answer.body.get("errors", [])] == ["citizen"]
        return None if unknown else answer

    return await until(look, "the citizen's registration")


async def test_a_clerk_files_for_a_citizen_who_then_owns_the_request(portal: Portal) -> None:
    citizen, clerk = await portal.register(), await portal.staff("clerk")
    other = (await session(portal, await made(portal, "clerk")))["access_token"]
    filed = await file_for(portal, clerk, citizen, "k1")
    assert filed.status == 201
    again = await file_for(portal, clerk, citizen, "k1")
    assert (again.body["number"], again.headers["idempotent-replayed"]) == (filed.body["number"], "true")
    assert (await file_for(portal, clerk, citizen, "k1", channel="phone")).status == 422
    number = filed.body["number"]
    own = await portal.reaches(citizen, number, "routed")
    assert (own["filed_by_clerk"], own["channel"], own["history"][0]["who"]) == (True, "counter", "clerk")
    await told(portal, citizen, number, 1)
    path = f"/api/v1/requests/{number}"
    seen = await portal.expect(200, "GET", path, token=clerk)
    assert "answers" not in seen
    assert seen["state"] == "routed"
    assert (await portal.ask("GET", path, token=other)).status == 404
    for method, sub in (("PATCH", ""), ("POST", "/withdraw"), ("POST", "/confirm")):
        assert (await portal.ask(method, path + sub, token=clerk, json={})).status == 403
    headers = {"Idempotency-Key": "k2"}
    unnamed = await portal.ask("POST", "/api/v1/requests", token=clerk, json=TEACHER, headers=headers)
    pointers = [error["pointer"] for error in unnamed.body["errors"]]
    assert (unnamed.status, pointers) == (422, ["/on_behalf_of", "/channel"])
    await portal.expect(200, "POST", f"{path}/withdraw", token=citizen.token, json={})


async def test_the_clerk_can_print_the_citizens_receipt(portal: Portal) -> None:
    citizen, clerk, officer = await portal.register(), await portal.staff("clerk"), await portal.officer("education")
    other = (await session(portal, await made(portal, "clerk")))["access_token"]
    filed = await file_for(portal, clerk, citizen, "printed")
    path = f"/api/v1/requests/{filed.body['number']}/receipt"
    for token in (clerk, citizen.token):
        assert (await portal.expect(200, "GET", path, token=token))["receipt"] == filed.body["receipt"]
        kind, page = await fetched(portal, f"{path}.pdf", token, "*/*")
        assert (kind, page[:5]) == ("application/pdf", b"%PDF-")
        assert filed.body["receipt"].encode() in page
    for token in (other, officer):
        await portal.expect(404, "GET", path, token=token)
        await portal.expect(404, "GET", f"{path}.pdf", token=token)
    await portal.expect(403, "GET", path.replace("receipt", "proof"), token=clerk)


async def test_citizen_and_clerk_together_make_one_active_application(portal: Portal) -> None:
    citizen, clerk = await portal.register(), await portal.staff("clerk")
    await file_for(portal, clerk, citizen, "known")

    async def by_citizen(n: int) -> Answer:
        headers = {"Idempotency-Key": f"key-{n}"}
        return await portal.ask("POST", "/api/v1/requests", token=citizen.token, json=DOMICILE, headers=headers)

    sent = [by_citizen(n) for n in range(15)] + [
        file_for(portal, clerk, citizen, f"key-{n}", **DOMICILE) for n in range(15)
    ]
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status for answer in answers) == [201] + [409] * 29


async def test_a_citizen_may_not_file_for_another(portal: Portal) -> None:
    one, other = await portal.register(), await portal.register()
    body = {**TEACHER, "on_behalf_of": other.id}
    headers = {"Idempotency-Key": "k1"}
    answer = await portal.ask("POST", "/api/v1/requests", token=one.token, json=body, headers=headers)
    assert answer.status == 403
    body = {**TEACHER, "channel": "counter"}
    answer = await portal.ask("POST", "/api/v1/requests", token=one.token, json=body, headers=headers)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/channel")
    assert (await portal.expect(200, "GET", "/api/v1/requests", token=other.token))["requests"] == []
