"""From a dispute to the head, to an authority, and back; people who acted before are barred."""

import secrets
from typing import Any

from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Answer, Citizen, Portal, until

GROUNDS = {"grounds": "Nobody came to look, and the lamp is still dark."}


async def decided_by_the_head(
    portal: Portal, citizen: Citizen | None = None, **filing: Any
) -> tuple[Citizen, str, str, str]:
    """A request that the head of its department closed after a dispute: citizen, number, department, head."""
    citizen = citizen or await portal.register()
    number, department, officer = await at_department(portal, citizen, LAMP | filing)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "resolve", outcome="granted", reply=f"The lamp of {number} was replaced.")
    await portal.reaches(citizen, number, "resolved")
    early = await appeal(portal, citizen, number)
    assert (early.status, early.body["type"]) == (409, "/problems/dispute-first")
    path = f"/api/v1/requests/{number}"
    await portal.expect(200, "POST", f"{path}/dispute", token=citizen.token, json={"reason": "not_done"})
    await portal.reaches(citizen, number, "reopened")
    head = await portal.officer(department, role="head")
    assert (await portal.act(head, number, "accept")).status == 200
    done = await portal.act(
        head, number, "resolve", outcome="not_granted", reason="no_funds", reply=f"There is no lamp for {number} now."
    )
    assert done.status == 200
    resolved = await portal.reaches(citizen, number, "resolved")
    assert resolved["actions"] == ["confirm", "appeal", "withdraw"]
    again = await portal.ask("POST", f"{path}/dispute", token=citizen.token, json={"reason": "not_done"})
    assert (again.status, again.body["type"]) == (409, "/problems/disputed-before")
    return citizen, number, department, head


async def appeal(portal: Portal, citizen: Citizen, number: str, key: str = "", **body: Any) -> Answer:
    """Appeal, with a new key unless one is given."""
    headers = {"Idempotency-Key": key or secrets.token_hex(8)}
    path = f"/api/v1/requests/{number}/appeal"
    return await portal.ask("POST", path, token=citizen.token, json=body or GROUNDS, headers=headers)


async def at_the_authority(portal: Portal, citizen: Citizen, number: str) -> tuple[str, str]:
    """Appeal; returns the appeal's number and an appellate authority."""
    key = secrets.token_hex(8)
    filed = await appeal(portal, citizen, number, key)
    assert filed.status == 201, filed.body
    same = await appeal(portal, citizen, number, key)
    assert (same.status, same.body["number"]) == (201, filed.body["number"])
    signed = await portal.expect(200, "GET", f"/api/v1/requests/{filed.body['number']}/receipt", token=citizen.token)
    assert filed.body["receipt"] == same.body["receipt"] == signed["receipt"]
    other = await appeal(portal, citizen, number, key, grounds="Another reason altogether.")
    assert (other.status, other.body["type"]) == (422, "/problems/idempotency-key-reused")
    second = await appeal(portal, citizen, number)
    assert (second.status, second.body["type"]) == (409, "/problems/appealed-before")
    story = await portal.reaches(citizen, filed.body["number"], "routed")
    assert (story["department"], story["original"]["number"]) == ("ombudsman", number)
    assert (await portal.reaches(citizen, number, "under_appeal"))["appeal"] == filed.body["number"]
    return filed.body["number"], await portal.officer("ombudsman", role="appellate")


async def test_a_granted_appeal_sends_the_request_back_to_the_head(portal: Portal) -> None:
    citizen, number, _, head = await decided_by_the_head(portal)
    own, authority = await at_the_authority(portal, citizen, number)
    assert (await portal.ask("GET", f"/api/v1/assignments/{own}", token=head)).status == 404
    clerk = await portal.officer("ombudsman")
    refused = await portal.act(clerk, own, "accept")
    assert (refused.status, refused.body["type"]) == (403, "/problems/appellate-only")
    seen = await portal.expect(200, "GET", f"/api/v1/requests/{own}", token=authority)
    assert seen["answers"] == GROUNDS
    appeals = await portal.expect(200, "GET", "/api/v1/requests?kind=appeal", token=citizen.token)
    assert [line["number"] for line in appeals["requests"]] == [own]
    assert [step["action"] for step in seen["original"]["history"]].count("resolve") == 2
    assert (await portal.act(authority, own, "accept")).status == 200
    reply = "The department is to replace the lamp within a week."
    assert (await portal.act(authority, own, "resolve", outcome="granted", reply=reply)).status == 200
    await portal.reaches(citizen, own, "closed")
    back = await portal.reaches(citizen, number, "reopened")
    [remitted] = [step for step in back["history"] if step["action"] == "remit"]
    assert (remitted["who"], remitted["words"]) == ("authority", reply)

    async def at_the_head() -> Answer | None:
        answer = await portal.act(head, number, "accept")
        return answer if answer.status == 200 else None

    await until(at_the_head, "the head to have it again")
    await portal.act(head, number, "resolve", outcome="granted", reply=f"{number}: the lamp was replaced and tested.")
    await portal.reaches(citizen, number, "resolved")
    path = f"/api/v1/requests/{number}"
    await portal.expect(200, "POST", f"{path}/confirm", token=citizen.token, json={})
    await portal.reaches(citizen, number, "closed")
    rated = await portal.ask("POST", f"{path}/rating", token=citizen.token, json={"rating": 2, "words": "Too long."})
    assert rated.status == 200
    again = await portal.ask("POST", f"{path}/rating", token=citizen.token, json={"rating": 5})
    assert (again.status, again.body["type"]) == (409, "/problems/rated-before")


async def test_a_request_is_closed_only_when_its_appeal_is_decided(portal: Portal) -> None:
    citizen, number, _, _ = await decided_by_the_head(portal)
    own, authority = await at_the_authority(portal, citizen, number)
    await portal.act(authority, own, "accept")
    assert (await portal.request(citizen, number))["state"] == "under_appeal"
    reply = "The department has shown that no money was given for it this year."
    await portal.act(authority, own, "resolve", outcome="not_granted", reason="no_funds", reply=reply)
    closed = await portal.reaches(citizen, number, "closed")
    assert (closed["history"][-1]["action"], closed["history"][-1]["reason"]) == ("decide_appeal", "not_granted")


async def test_withdrawing_an_appeal_lets_the_decision_stand(portal: Portal) -> None:
    citizen, number, _, _ = await decided_by_the_head(portal)
    own, _ = await at_the_authority(portal, citizen, number)
    await portal.expect(200, "POST", f"/api/v1/requests/{own}/withdraw", token=citizen.token, json={})
    closed = await portal.reaches(citizen, number, "closed")
    assert closed["history"][-1]["reason"] == "withdraw"


async def test_withdrawing_a_request_withdraws_its_appeal(portal: Portal) -> None:
    citizen, number, _, _ = await decided_by_the_head(portal)
    own, _ = await at_the_authority(portal, citizen, number)
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/withdraw", token=citizen.token, json={})
    await portal.reaches(citizen, own, "withdrawn")
    assert (await portal.request(citizen, number))["state"] == "withdrawn"
