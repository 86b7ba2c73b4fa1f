"""The main journey: from registration to the citizen's confirmation."""

import asyncio
import json
import secrets
from typing import Any

import aiohttp

from tests.attachments import PAPERS, papers, send, sent
from tests.unit.requests.nasty_files import pdf
from tools.portal import Citizen, Portal, until

LAMP = {
    "service": "street-light-out",
    "place": {"district": "kohat", "address": "Bannu Road, near the school"},
    "answers": {
        "problem": "out",
        "street": "public",
        "place": "Kohat, Bannu Road",
        "description": "گلی کے کونے پر بتی ایک ہفتے سے بند ہے۔",
    },
}
DOMICILE = {
    "service": "domicile-certificate",
    "place": {"district": "swat"},
    "answers": {
        "tehsil": "Babuzai",
        "basis": "residence",
        "years_of_residence": 5,
        "purpose": "job",
        "holds_another_domicile": False,
    },
}


async def at_department(portal: Portal, citizen: Citizen, filing: dict[str, Any]) -> tuple[str, str, str]:
    """File and wait until it is routed; returns number, department, and an officer's token."""
    number = (await portal.file(citizen, filing))["number"]
    request = await portal.reaches(citizen, number, "routed")
    return number, request["department"], await portal.officer(request["department"])


async def test_a_complaint_goes_from_filing_to_the_citizens_confirmation(portal: Portal) -> None:
    citizen = await portal.register()
    number, department, officer = await at_department(portal, citizen, LAMP)

    assert (await portal.act(officer, number, "accept")).status == 200
    assert (await portal.act(officer, number, "ask", question="Which side of the road?")).status == 200
    asked = await portal.reaches(citizen, number, "questioned")
    assert asked["history"][-1]["words"] == "Which side of the road?"
    await portal.expect(
        200, "POST", f"/api/v1/requests/{number}/answer", token=citizen.token, json={"answer": "دائیں طرف"}
    )
    resumed = await until_action(portal, officer, number, "progress")
    assert resumed["state"] == "in_progress"
    assert (await portal.act(officer, number, "progress", note="An electrician is on the way.")).status == 200
    reply = "The lamp was replaced on Tuesday."
    assert (await portal.act(officer, number, "resolve", outcome="granted", reply=reply)).status == 200

    resolved = await portal.reaches(citizen, number, "resolved")
    assert resolved["outcome"] == "granted"
    assert resolved["history"][-1]["words"] == reply
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/confirm", token=citizen.token, json={"rating": 5})
    closed = await portal.reaches(citizen, number, "closed")

    actions = [step["action"] for step in closed["history"]]
    expected = ["submit", "pass", "route", "accept", "question", "answer", "progress", "resolve", "confirm", "close"]
    assert actions == expected
    assert [step["n"] for step in closed["history"]] == list(range(1, len(expected) + 1))
    assert all(step["who"] and step["at"] for step in closed["history"])
    assert closed["history"][2]["because"]
    assert department == closed["department"]


async def until_action(portal: Portal, officer: str, number: str, action: str) -> dict[str, Any]:
    """The assignment, once an action is possible."""
    return await portal.once(f"/api/v1/assignments/{number}", lambda body: action in body["actions"], token=officer)


async def test_a_dispute_reopens_the_request_at_the_department(portal: Portal) -> None:
    citizen = await portal.register()
    number, department, officer = await at_department(portal, citizen, LAMP)
    await portal.act(officer, number, "accept")
    refused = await portal.act(officer, number, "resolve", outcome="granted", reply="This lamp is not ours to mend.")
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "transfer_instead")
    await portal.act(officer, number, "resolve", outcome="granted", reply="The lamp was replaced on Tuesday.")
    await portal.reaches(citizen, number, "resolved")
    body = {"reason": "not_done", "words": "The lamp is still dark."}
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/dispute", token=citizen.token, json=body)
    reopened = await portal.reaches(citizen, number, "reopened")
    assert reopened["outcome"] is None
    refused = await portal.act(officer, number, "accept")
    assert (refused.status, refused.body["type"]) == (403, "/problems/head-only")
    head = await portal.officer(department, role="head")
    assert (await portal.act(head, number, "accept")).status == 200
    await portal.reaches(citizen, number, "accepted")


async def test_verification_says_what_to_correct_and_runs_again(portal: Portal) -> None:
    citizen = await portal.register()
    receipt = await portal.file(citizen, DOMICILE)
    assert receipt["state"] == "information_needed"
    failed = [check for check in receipt["checks"] if not check["passed"]]
    assert [check["code"] for check in failed] == [f"document-{code}" for code in PAPERS]
    assert all(check["words"] for check in receipt["checks"])
    number = receipt["number"]

    corrected = {**DOMICILE["answers"], "tehsil": "Matta"}  # type: ignore[dict-item]
    await portal.expect(200, "PATCH", f"/api/v1/requests/{number}", token=citizen.token, json={"answers": corrected})
    taken_out = await sent(portal, citizen.token, to=number, document=PAPERS[0])
    path = f"/api/v1/requests/{number}/attachments/{taken_out}"
    await portal.expect(204, "DELETE", path, token=citizen.token)
    assert len([c for c in (await portal.request(citizen, number))["checks"] if not c["passed"]]) == len(PAPERS)
    for left, document in enumerate(PAPERS, 1):
        await sent(portal, citizen.token, to=number, document=document)
        checks = (await portal.request(citizen, number))["checks"]
        assert sum(not check["passed"] for check in checks) == len(PAPERS) - left
    routed = await portal.reaches(citizen, number, "routed")
    added = ["attach", "take_out_file", *["attach"] * len(PAPERS)]
    steps = ["submit", "need", "correct", "need", *added, "correct", "pass", "route"]
    assert [step["action"] for step in routed["history"]] == steps
    assert [file["document"] for file in routed["attachments"]] == list(PAPERS)


async def test_an_application_with_every_document_goes_straight_to_its_department(portal: Portal) -> None:
    citizen = await portal.register()
    filing = {**DOMICILE, "attachments": await papers(portal, citizen.token)}
    number, department, officer = await at_department(portal, citizen, filing)
    assert department == "revenue"
    seen = await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=officer)
    assert [file["document"] for file in seen["attachments"]] == list(PAPERS)


async def test_a_document_that_a_service_does_not_request_is_refused(portal: Portal) -> None:
    citizen = await portal.register()
    strange = await sent(portal, citizen.token, document="passport")
    scan = await sent(portal, citizen.token, pdf(), document="photographs")
    filing = {**DOMICILE, "attachments": [strange, scan]}
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    refused = await portal.ask("POST", "/api/v1/requests", token=citizen.token, json=filing, headers=headers)
    assert refused.status == 422
    found = [(error["pointer"], error["code"]) for error in refused.body["errors"]]
    assert found == [("/attachments/0", "document"), ("/attachments/1", "document_picture")]
    number = (await portal.file(citizen, DOMICILE))["number"]
    late = await send(portal, citizen.token, to=number, document="passport")
    assert (late.status, late.body["errors"][0]["pointer"]) == (422, "/document")
    assert (await portal.request(citizen, number))["attachments"] == []


async def test_an_ineligible_application_is_not_routed(portal: Portal) -> None:
    citizen = await portal.register()
    answers = {**DOMICILE["answers"], "years_of_residence": 2}  # type: ignore[dict-item]
    receipt = await portal.file(citizen, {**DOMICILE, "answers": answers})
    assert receipt["state"] == "ineligible"
    assert (await portal.request(citizen, receipt["number"]))["department"] is None


async def test_every_step_reaches_the_citizen_as_a_message(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "resolve", outcome="granted", reply="The lamp was replaced on Tuesday.")
    await portal.reaches(citizen, number, "resolved")

    async def all_told() -> list[dict[str, Any]] | None:
        told = [m for m in await portal.messages(citizen.mobile) if m["subject"] == number]
        return told if len(told) >= 3 else None

    told = await until(all_told, "three messages: filing and routing are told in one")
    assert len(told) == 3
    assert all(number in message["words"] for message in told)
    own = await portal.expect(200, "GET", "/api/v1/notifications", token=citizen.token)
    assert len([n for n in own["notifications"] if n["request"] == number]) == 3


async def test_the_live_stream_sends_each_step_once_and_resumes(portal: Portal) -> None:
    citizen = await portal.register()
    seen: list[dict[str, Any]] = []
    stream = asyncio.create_task(listen(portal, citizen, seen, until_state="routed"))
    await until(lambda: streaming(stream), "the stream to open")
    number, _, officer = await at_department(portal, citizen, LAMP)
    await asyncio.wait_for(stream, 20)
    assert [event["state"] for event in seen] == ["submitted", "verifying", "routed"]

    await portal.act(officer, number, "accept")
    await portal.reaches(citizen, number, "accepted")
    later: list[dict[str, Any]] = []
    await asyncio.wait_for(listen(portal, citizen, later, until_state="accepted", after=seen[-1]["id"]), 20)
    told = {event["id"] for event in seen}
    assert [event["state"] for event in later if event["id"] not in told] == ["accepted"]


OPEN = set[int]()


async def streaming(task: asyncio.Task[None]) -> bool | None:
    """Whether the stream of a task has been opened."""
    return True if id(task) in OPEN or task.done() else None


async def listen(
    portal: Portal, citizen: Citizen, seen: list[dict[str, Any]], until_state: str, after: str = ""
) -> None:
    """Read the citizen's stream into `seen` until a step leads to a state."""
    headers = {"Authorization": f"Bearer {citizen.token}", **({"Last-Event-ID": after} if after else {})}
    async with aiohttp.ClientSession(portal.url) as http, http.get("/api/v1/events", headers=headers) as answer:
        assert answer.status == 200
        async for line in answer.content:
            OPEN.add(id(asyncio.current_task()))
            if line.startswith(b"data:"):
                seen.append(json.loads(line[5:]))
                if seen[-1].get("state") == until_state:
                    return


async def test_tracking_needs_the_number_and_the_last_four_digits(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, _ = await at_department(portal, citizen, LAMP)
    typed = number.lower().replace("-", "")
    answer = await portal.ask("GET", f"/api/v1/track/{typed}?mobile={citizen.last_four}")
    assert answer.status == 200
    assert answer.body["state"] == "routed"
    assert "answers" not in answer.body
    assert citizen.id not in json.dumps(answer.body)
    again = await portal.ask(
        "GET", f"/api/v1/track/{number}?mobile={citizen.last_four}", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status == 304
    wrong = f"{(int(citizen.last_four) + 1) % 10000:04d}"
    unknown = await portal.ask("GET", f"/api/v1/track/RB-0000-0000-0?mobile={wrong}")
    refused = await portal.ask("GET", f"/api/v1/track/{number}?mobile={wrong}")
    assert refused.status == unknown.status == 404
    assert refused.body["type"] == unknown.body["type"]


async def test_the_same_key_files_once_even_in_parallel(portal: Portal) -> None:
    citizen = await portal.register()
    key = secrets.token_hex(8)
    receipts = await asyncio.gather(*(portal.file(citizen, LAMP, key) for _ in range(100)))
    assert len({json.dumps(receipt, sort_keys=True) for receipt in receipts}) == 1
    mine = await portal.expect(200, "GET", "/api/v1/requests", token=citizen.token)
    assert len(mine["requests"]) == 1
    other = {**LAMP, "place": {"district": "swat"}}
    refused = await portal.ask(
        "POST", "/api/v1/requests", token=citizen.token, json=other, headers={"Idempotency-Key": key}
    )
    assert refused.status == 422
    assert refused.body["type"].endswith("idempotency-key-reused")


async def test_only_its_citizen_and_its_department_can_read_a_request(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    number, department, officer = await at_department(portal, citizen, LAMP)
    stranger = await portal.officer("health" if department != "health" else "police")
    assert (await portal.ask("GET", f"/api/v1/requests/{number}", token=other.token)).status == 404
    assert (await portal.ask("GET", f"/api/v1/requests/{number}", token=stranger)).status == 404
    assert (await portal.ask("GET", f"/api/v1/assignments/{number}", token=stranger)).status == 404
    assert (await portal.ask("GET", f"/api/v1/requests/{number}")).status == 401
    seen = await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=officer)
    assert seen["answers"]["description"] == LAMP["answers"]["description"]  # type: ignore[index]
    text = json.dumps(seen, ensure_ascii=False)
    assert citizen.cnic not in text
    assert seen["citizen"] is None or seen["citizen"]["mobile"] == citizen.mobile
    assert "House 1, Street 2" not in text  # the citizen's address


async def test_a_withdrawn_request_is_closed_everywhere(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/withdraw", token=citizen.token, json={})

    await portal.once(f"/api/v1/assignments/{number}", lambda body: body["state"] == "closed", token=officer)
    assert (await portal.act(officer, number, "accept")).status == 409


async def test_an_officer_who_saw_an_old_revision_is_refused(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    path = f"/api/v1/assignments/{number}"
    seen = await portal.ask("GET", path, token=officer)
    assert (await portal.ask("POST", f"{path}/accept", token=officer, json={})).status == 428
    await portal.act(officer, number, "accept")
    stale = {"If-Match": seen.headers["etag"]}
    assert (await portal.ask("POST", f"{path}/accept", token=officer, json={}, headers=stale)).status == 412


async def test_a_bad_form_is_answered_field_by_field_in_urdu(portal: Portal) -> None:
    citizen = await portal.register()
    bad = {**LAMP, "place": {"district": "atlantis"}, "answers": {"problem": "exploded", "secret": 1}}
    answer = await portal.ask(
        "POST",
        "/api/v1/requests",
        token=citizen.token,
        json=bad,
        headers={"Idempotency-Key": "k", "Accept-Language": "ur"},
    )
    assert answer.status == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    pointers = {error["pointer"] for error in answer.body["errors"]}
    assert {"/place/district", "/answers/problem", "/answers/secret", "/answers/description"} <= pointers
    assert all(any("\u0600" <= letter <= "\u06ff" for letter in e["message"]) for e in answer.body["errors"])
    assert "exploded" not in json.dumps(answer.body)
    assert (await portal.expect(200, "GET", "/api/v1/requests", token=citizen.token))["requests"] == []
