"""Override: an officer lets a request pass that verification held up, with a reason."""

from typing import Any

from tests.attachments import PAPERS, fetch, send, sent
from tests.journeys.test_main_job import DOMICILE
from tools.portal import Portal

MISSING = [f"document-{code}" for code in PAPERS]
REASON = "The original documents were seen at our counter."


async def waiting(portal: Portal, officer: str) -> list[dict[str, Any]]:
    """The requests held up on their way to the officer's department."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await portal.expect(200, "GET", f"/api/v1/requests/unverified?limit=2{cursor}", token=officer)
        found += page["requests"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def test_an_officers_override_has_a_reason_that_the_citizen_reads(portal: Portal) -> None:
    citizen = await portal.register()
    receipt = await portal.file(citizen, DOMICILE)
    number = receipt["number"]
    assert receipt["state"] == "information_needed"
    # The service is routed to the department of revenue, whose officers see requests on their way there.
    officer, other = await portal.officer("revenue"), await portal.officer("power")
    [line] = [line for line in await waiting(portal, officer) if line["number"] == number]
    assert [check["code"] for check in line["checks"] if not check["passed"]] == MISSING
    assert number not in str(await waiting(portal, other))

    path = f"/api/v1/requests/{number}"
    seen = await portal.ask("GET", path, token=officer)
    assert (seen.status, seen.body["answers"]["tehsil"]) == (200, "Babuzai")
    body = {"reason": REASON}
    assert (await portal.ask("POST", f"{path}/override", token=officer, json=body)).status == 428
    stale = await portal.ask("POST", f"{path}/override", token=officer, json=body, headers={"If-Match": '"99"'})
    assert stale.status == 412
    tag = {"If-Match": seen.headers["etag"]}
    assert (await portal.ask("GET", path, token=other)).status == 404
    assert (await portal.ask("POST", f"{path}/override", token=other, json=body, headers=tag)).status == 404
    assert (await portal.ask("POST", f"{path}/override", token=citizen.token, json=body, headers=tag)).status == 403
    short = await portal.ask("POST", f"{path}/override", token=officer, json={"reason": "ok"}, headers=tag)
    assert (short.status, short.body["errors"][0]["pointer"]) == (422, "/reason")
    done = await portal.ask("POST", f"{path}/override", token=officer, json=body, headers=tag)
    assert (done.status, done.body["state"]) == (200, "verifying")

    routed = await portal.reaches(citizen, number, "routed")
    assert routed["department"] == "revenue"
    [step] = [step for step in routed["history"] if step["action"] == "override"]
    assert (step["who"], step["words"], step["overridden"]) == ("officer", REASON, MISSING)
    await portal.hears(citizen.mobile, REASON)
    assert number not in str(await waiting(portal, officer))
    again = await portal.ask("POST", f"{path}/override", token=officer, json=body, headers=tag)
    assert again.status in (404, 412)


async def test_an_officer_can_read_the_files_before_an_override(portal: Portal) -> None:
    citizen = await portal.register()
    file = await sent(portal, citizen.token)
    number = (await portal.file(citizen, DOMICILE | {"attachments": [file]}))["number"]
    officer, other = await portal.officer("revenue"), await portal.officer("power")
    path = f"/api/v1/requests/{number}/attachments"
    listed = await portal.expect(200, "GET", path, token=officer)
    assert [one["id"] for one in listed["attachments"]] == [file]
    assert (await fetch(portal, officer, number, file))[0] == 200
    assert (await fetch(portal, other, number, file))[0] == 404
    assert (await portal.ask("GET", path, token=other)).status == 404
    assert (await send(portal, officer, to=number)).status == 404, "evidence needs the request"
