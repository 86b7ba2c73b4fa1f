"""Work inside a department over HTTP: assigning, absences, internal notes, conflicts of interest, and parts."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shared.clock import PAKISTAN, utc_now
from tests.journeys.test_appeal import at_the_authority, decided_by_the_head
from tests.journeys.test_duplicates import a_lamp, merged, somewhere
from tests.journeys.test_main_job import LAMP
from tools.portal import Portal, until

WORKS, WATER = "works", "water"
LIST, TEAM = "/api/v1/assignments", "/api/v1/desk/team"
TODAY = utc_now().astimezone(PAKISTAN).date()


async def an_account(portal: Portal, department: str, role: str = "officer") -> tuple[str, str, str]:
    """A new member of a department: account, login and password."""
    login, password = f"desk.{secrets.token_hex(4)}", f"a long enough password {secrets.token_hex(4)}"
    body = {"login": login, "name": "Colleague of the desk", "role": role, "password": password}
    body |= {"department": department}
    token = await portal.admin_token()
    made = await portal.expect(201, "POST", "/api/v1/admin/officers", token=token, json=body)
    return made["id"], login, password


async def a_colleague(portal: Portal, department: str, role: str = "officer") -> tuple[str, str]:
    """A new member of a department: account and token."""
    account, *credentials = await an_account(portal, department, role)
    return account, await portal.token_of(*credentials)


async def routed(portal: Portal) -> tuple[Any, str]:
    """A new request at the department: its citizen and its number."""
    citizen = await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    return citizen, number


async def seen(portal: Portal, token: str, number: str) -> Any:
    """The assignment as an officer reads it."""
    return await portal.expect(200, "GET", f"{LIST}/{number}", token=token)


async def member(portal: Portal, token: str, account: str, is_so: Callable[[Any], bool] = bool) -> Any:
    """A colleague as the team shows them, once the portal has heard of them and it is so."""

    async def look() -> Any:
        found = (await portal.expect(200, "GET", TEAM, token=token))["members"]
        return next((one for one in found if one["id"] == account and is_so(one)), None)

    return await until(look, "the colleague in the team")


async def test_a_request_is_claimed_assigned_and_released(portal: Portal) -> None:
    head = await portal.officer(WORKS, "head")
    account, colleague = await a_colleague(portal, WORKS)
    await member(portal, head, account)
    _, number = await routed(portal)
    etag = (await seen(portal, head, number))["etag"]
    path = f"{LIST}/{number}/assign"
    given = await portal.expect(200, "POST", path, token=head, json={"to": account}, headers={"If-Match": etag})
    assert given["with"]["id"] == account
    assert (given["state"], given["responded_at"], given["history"][-1]["action"]) == ("routed", None, "assign")
    assert (await portal.ask("POST", path, token=head, json={}, headers={"If-Match": etag})).status == 412
    assert (await portal.ask("POST", path, token=head, json={})).status == 428
    mine = await portal.expect(200, "GET", f"{LIST}?by=me", token=colleague)
    assert [one["number"] for one in mine["assignments"]] == [number]
    assert (await portal.act(head, number, "accept")).status == 200
    assert (await portal.act(colleague, number, "progress", note="The lamp was ordered.")).status == 200
    assert (await seen(portal, head, number))["with"]["id"] != account
    assert (await portal.act(colleague, number, "claim")).body["with"]["id"] == account
    assert (await portal.act(colleague, number, "release")).body["with"] is None
    least = await portal.act(head, number, "assign")
    assert least.body["with"] is not None
    stranger = await portal.act(head, number, "assign", to="f" * 32)
    assert (stranger.status, stranger.body["errors"][0]["code"]) == (422, "colleague")


async def test_a_deputy_stands_in_while_a_colleague_is_away(portal: Portal) -> None:
    head = await portal.officer(WORKS, "head")
    (away, away_token), (deputy, _) = await a_colleague(portal, WORKS), await a_colleague(portal, WORKS)
    for account in (away, deputy):
        await member(portal, head, account)
    _, first = await routed(portal)
    assert (await portal.act(head, first, "assign", to=away)).body["with"]["id"] == away
    until_day = (TODAY + timedelta(days=7)).isoformat()
    absence = {"first": TODAY.isoformat(), "last": until_day, "deputy": deputy}
    await portal.expect(200, "PUT", f"{TEAM}/me/absence", token=away_token, json=absence)
    shown = await member(portal, head, away, lambda one: bool(one["away"]))
    assert (shown["away_until"], shown["deputy"]["id"], shown["open"]) == (until_day, deputy, 1)
    _, second = await routed(portal)
    assert (await portal.act(head, second, "assign", to=away)).body["with"]["id"] == deputy
    moved = await portal.expect(200, "POST", f"{TEAM}/{away}/handover", token=head, json={})
    assert moved == {"moved": 1}
    assert (await seen(portal, head, first))["with"]["id"] == deputy
    _, other = await a_colleague(portal, WORKS)
    assert (await portal.ask("PUT", f"{TEAM}/{away}/absence", token=other, json=absence)).status == 403
    elsewhere = await portal.officer(WATER, "head")
    assert (await portal.ask("PUT", f"{TEAM}/{away}/absence", token=elsewhere, json=absence)).status == 404
    wrong = absence | {"last": (TODAY - timedelta(days=1)).isoformat()}
    assert (await portal.ask("PUT", f"{TEAM}/{away}/absence", token=head, json=wrong)).status == 422
    await portal.expect(204, "DELETE", f"{TEAM}/{away}/absence", token=head)
    assert (await member(portal, head, away, lambda one: not one["away"]))["away_until"] is None


async def test_a_department_can_have_new_requests_assigned_by_themselves(portal: Portal) -> None:
    head = await portal.officer(WORKS, "head")
    account, _ = await a_colleague(portal, WORKS)
    await member(portal, head, account)
    path = f"{TEAM}/settings"
    assert (await portal.expect(200, "PUT", path, token=head, json={"auto_assign": True}))["auto_assign"] is True
    try:
        _, number = await routed(portal)

        async def assigned() -> Any:
            return (await seen(portal, head, number))["with"]

        await until(assigned, "an officer of the request")
    finally:
        await portal.expect(200, "PUT", path, token=head, json={"auto_assign": False})


async def test_internal_notes_stay_with_the_department_that_wrote_them(portal: Portal) -> None:
    head, elsewhere = await portal.officer(WORKS, "head"), await portal.officer("transport")
    account, colleague = await a_colleague(portal, WORKS)
    await member(portal, head, account)
    citizen, number = await routed(portal)
    notes = f"{LIST}/{number}/notes"
    headers = {"If-Match": (await seen(portal, head, number))["etag"]}
    text = "The neighbour has the key."
    body = {"text": text, "mentions": [account]}
    written = await portal.expect(201, "POST", notes, token=head, json=body, headers=headers)
    read = await portal.expect(200, "GET", notes, token=colleague)
    assert read == written
    assert (read["notes"][0]["text"], read["notes"][0]["mentions"][0]["id"]) == (text, account)
    own = await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=citizen.token)
    assert text not in str(own)
    assert (await portal.ask("GET", notes, token=citizen.token)).status == 403
    assert (await portal.ask("GET", notes, token=elsewhere)).status == 404
    assert (await portal.act(head, number, "transfer", to="transport", reason="The pole is theirs.")).status == 200
    assert await portal.once(notes, token=elsewhere) == {"notes": []}
    assert text not in str(await seen(portal, elsewhere, number))
    assert (await portal.ask("GET", f"{LIST}/{number}", token=head)).status == 404
    left = await portal.expect(200, "GET", f"{LIST}/{number}/transfer", token=head)
    assert (left["to"], left["reason"], left["by_name"] is None) == ("transport", "The pole is theirs.", False)
    assert (await portal.ask("GET", f"{LIST}/{number}/transfer", token=elsewhere)).status == 404


async def test_an_officer_with_an_interest_sees_the_request_nowhere(portal: Portal) -> None:
    head = await portal.officer(WORKS, "head")
    account, officer = await a_colleague(portal, WORKS)
    await member(portal, head, account)
    _, number = await routed(portal)
    start = (await portal.expect(200, "GET", f"{LIST}/updates", token=officer))["next"]
    before = await portal.expect(200, "GET", f"{LIST}/counts", token=officer)
    assert (await portal.act(officer, number, "claim")).status == 200
    assert (await portal.act(officer, number, "recuse")).status == 204
    hidden = [f"{LIST}/{number}", f"{LIST}/{number}/notes", f"{LIST}/{number}/parts"]
    for path in hidden:
        assert (await portal.ask("GET", path, token=officer)).status == 404, path

    async def unknown() -> Any:
        answer = await portal.ask("GET", f"/api/v1/requests/{number}", token=officer)
        return answer if answer.status == 404 else None

    await until(unknown, "the request hidden")
    for path in (f"/api/v1/requests/{number}/attachments", f"/api/v1/requests/{number}/similar"):
        assert (await portal.ask("GET", path, token=officer)).status == 404, path
    for search in (f"number={number}", f"q={number}"):
        found = await portal.expect(200, "GET", f"/api/v1/requests/lines?{search}", token=officer)
        assert found["requests"] == [], search
    assert (await portal.expect(200, "GET", f"{LIST}?number={number}", token=officer))["assignments"] == []
    updates = await portal.expect(200, "GET", f"{LIST}/updates?after={start}", token=officer)
    assert number not in [one["number"] for one in updates["updates"]]
    counts = await portal.expect(200, "GET", f"{LIST}/counts", token=officer)
    assert counts["open"] <= before["open"] - 1
    assert (await seen(portal, head, number))["with"] is None
    _, other = await routed(portal)
    headers, about = {"If-Match": (await seen(portal, head, other))["etag"]}, {"officer": account}
    path, someone = f"{LIST}/{other}/recuse", {"officer": "0" * 32}
    assert (await portal.ask("POST", path, token=officer, json=someone, headers=headers)).status == 403
    assert (await portal.ask("POST", path, token=head, json=about, headers=headers)).status == 204
    assert (await portal.ask("GET", f"{LIST}/{other}", token=officer)).status == 404
    assert (await seen(portal, head, other))["department"] == WORKS
    refused = await portal.act(head, number, "assign", to=account)
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "colleague")
    assert (await portal.act(head, number, "transfer", to=WATER, reason="It is theirs.")).status == 200
    due = (TODAY + timedelta(days=7)).isoformat()
    water = await portal.officer(WATER)
    asked = await portal.act(water, number, "parts", department=WORKS, task="Dig here.", due=due)
    for token, told in ((head, True), (officer, False)):
        parts = await portal.expect(200, "GET", "/api/v1/parts", token=token)
        assert (asked.body["parts"][0]["id"] in [one["id"] for one in parts["parts"]]) is told


async def here(portal: Portal, token: str, number: str) -> None:
    """Wait until the department has the request."""

    await portal.once(f"{LIST}/{number}", token=token)


async def unreadable(portal: Portal, token: str, *numbers: str) -> None:
    """Wait until the officer cannot read the requests."""

    async def gone() -> bool | None:
        paths = [f"{base}/{number}" for number in numbers for base in (LIST, "/api/v1/requests")]
        return {(await portal.ask("GET", path, token=token)).status for path in paths} == {404} or None

    await until(gone, "the requests hidden")
    for number in numbers:
        for search in (f"number={number}", f"q={number}"):
            found = await portal.expect(200, "GET", f"/api/v1/requests/lines?{search}", token=token)
            assert found["requests"] == [], search


async def nowhere_for(portal: Portal, token: str, *numbers: str) -> None:
    """Wait until the requests do not exist for the officer."""
    await unreadable(portal, token, *numbers)
    for number in numbers:
        assert (await portal.expect(200, "GET", f"{LIST}?number={number}", token=token))["assignments"] == []


async def test_an_interest_in_a_merged_request_is_one_in_the_primary(portal: Portal) -> None:
    account, officer = await a_colleague(portal, WORKS)
    head, at = await portal.officer(WORKS, "head"), somewhere()
    await member(portal, head, account)
    filings = [a_lamp("The lamp by the mosque is dark", north=north, at=at) for north in (0.0, 10.0, 20.0)]
    numbers = [(await portal.file(await portal.register(), filing))["number"] for filing in filings]
    primary, known, later = numbers
    for number in numbers:
        await here(portal, head, number)
    assert (await portal.act(officer, known, "recuse")).status == 204
    await nowhere_for(portal, officer, known)
    assert (await merged(portal, head, later, primary)).status == 200
    assert (await portal.expect(200, "GET", f"/api/v1/requests/{later}", token=officer))["merged_into"] == primary
    assert (await merged(portal, head, known, primary)).status == 200
    await nowhere_for(portal, officer, known, primary)
    await unreadable(portal, officer, later)
    assert (await portal.ask("GET", f"/api/v1/requests/{later}/attachments", token=officer)).status == 404
    assert len((await portal.expect(200, "GET", f"/api/v1/requests/{primary}", token=head))["merged"]) == 2


async def test_an_interest_in_a_request_is_one_in_the_appeal(portal: Portal) -> None:
    account, *credentials = await an_account(portal, WORKS)
    officer = await portal.token_of(*credentials)
    head, citizen = await portal.officer(WORKS, "head"), await portal.register()
    await member(portal, head, account)
    _, number, department, _ = await decided_by_the_head(portal, citizen)
    assert department == WORKS
    assert (await portal.act(officer, number, "recuse")).status == 204
    await nowhere_for(portal, officer, number)
    moved = {"department": "ombudsman", "role": "appellate"}
    path, admin = f"/api/v1/admin/officers/{account}", await portal.admin_token()
    await portal.expect(200, "PATCH", path, token=admin, json=moved)
    appeal, authority = await at_the_authority(portal, citizen, number)
    await seen(portal, authority, appeal)
    portal.forget(officer)
    await nowhere_for(portal, await portal.token_of(*credentials), appeal, number)


async def test_the_interest_of_a_head_sends_the_request_one_level_up(portal: Portal) -> None:
    _, head = await a_colleague(portal, WORKS, "head")
    above = await portal.officer("ombudsman", "appellate")
    _, number = await routed(portal)
    due = (await seen(portal, head, number))["due_at"]
    assert (await portal.act(head, number, "recuse")).status == 204
    assert (await portal.ask("GET", f"{LIST}/{number}", token=head)).status == 404
    there = await seen(portal, above, number)
    assert (there["department"], there["due_at"]) == ("ombudsman", due)
    back = await portal.act(above, number, "transfer", to=WORKS, reason="It is theirs.")
    assert (back.status, back.body["errors"][0]["code"]) == (422, "department_unfit")


async def test_another_department_does_a_part_and_the_whole_waits_for_it(portal: Portal) -> None:
    officer, water = await portal.officer(WORKS), await portal.officer(WATER)
    _, number = await routed(portal)
    assert (await portal.act(officer, number, "accept")).status == 200
    due = (TODAY + timedelta(days=7)).isoformat()
    asked = await portal.act(officer, number, "parts", department=WATER, task="Close the valve first.", due=due)
    assert asked.status == 201
    [part] = asked.body["parts"]
    assert (part["state"], part["task"], part["department"]) == ("asked", "Close the valve first.", WATER)
    mine = await portal.expect(200, "GET", "/api/v1/parts", token=water)
    assert part["id"] in [one["id"] for one in mine["parts"]]
    assert (await portal.ask("GET", f"/api/v1/requests/{number}", token=water)).status == 404
    resolve = {"outcome": "granted", "reply": "The lamp works again."}
    waits = await portal.act(officer, number, "resolve", **resolve)
    assert (waits.status, waits.body["type"]) == (409, "/problems/parts-open")
    assert part["department_name"] in waits.body["detail"]
    path = f"/api/v1/parts/{number}/{part['id']}"
    assert (await portal.expect(200, "GET", path, token=officer))["task"] == "Close the valve first."
    assert (await portal.ask("POST", f"{path}/accept", token=officer, json={})).status == 404
    since = await portal.expect(200, "GET", f"/api/v1/parts?changed_since={part['asked_at']}", token=water)
    assert part["id"] in [one["id"] for one in since["parts"]]
    assert (await portal.expect(200, "POST", f"{path}/accept", token=water, json={}))["state"] == "accepted"
    assert (await portal.ask("POST", f"{path}/refuse", token=water, json={})).status == 422
    done = await portal.expect(200, "POST", f"{path}/done", token=water, json={"words": "It is closed."})
    assert (done["state"], done["words"]) == ("done", "It is closed.")
    assert (await portal.ask("POST", f"{path}/done", token=water, json={})).status == 409
    since = await portal.expect(200, "GET", f"/api/v1/parts?changed_since={done['changed_at']}", token=water)
    assert [one["state"] for one in since["parts"] if one["id"] == part["id"]] == ["done"]
    later = f"{utc_now() + timedelta(days=1):%Y-%m-%d}T00:00:00Z"
    assert await portal.expect(200, "GET", f"/api/v1/parts?changed_since={later}", token=water) == {"parts": []}
    [known] = (await portal.expect(200, "GET", f"{LIST}/{number}/parts", token=officer))["parts"]
    assert (known["state"], known["words"]) == ("done", "It is closed.")
    again = await portal.act(officer, number, "parts", department=WATER, task="Open the valve.", due=due)
    [_, second] = again.body["parts"]
    cancel = f"{LIST}/{number}/parts/{second['id']}/cancel"
    assert (await portal.expect(200, "POST", cancel, token=officer, json={}))["parts"][1]["state"] == "cancelled"
    assert "resolve" in (await seen(portal, officer, number))["actions"]


async def test_a_complaint_about_an_office_goes_to_the_office_above_and_is_hidden_from_it(portal: Portal) -> None:
    named, above = await portal.officer(WORKS, "head"), await portal.officer("ombudsman")
    citizen = await portal.register()
    about = {"names_department": WORKS, "about": "bribe", "description": "The overseer asked for 5,000 rupees."}
    filing = {"service": "officer-conduct", "place": {"district": "peshawar"}, "answers": about}
    number = (await portal.file(citizen, filing))["number"]
    await portal.reaches(citizen, number, "routed")
    there = await seen(portal, above, number)
    assert (there["department"], there["with"]) == ("ombudsman", None)
    assert "Roads and Street Lights" in there["because"]
    paths = (f"{LIST}/{number}", f"/api/v1/requests/{number}", f"/api/v1/requests/{number}/attachments")
    for path in paths:
        assert (await portal.ask("GET", path, token=named)).status == 404, path
    for search in (f"number={number}", f"q={number}"):
        found = await portal.expect(200, "GET", f"/api/v1/requests/lines?{search}", token=named)
        assert found["requests"] == [], search
    assert (await portal.expect(200, "GET", f"{LIST}?number={number}", token=named))["assignments"] == []
    for body, action in (
        ({"to": WORKS, "reason": "They know it best."}, "transfer"),
        ({"department": WORKS, "task": "Explain.", "due": (TODAY + timedelta(days=7)).isoformat()}, "parts"),
    ):
        refused = await portal.act(above, number, action, **body)
        assert (refused.status, refused.body["errors"][0]["code"]) == (422, "department_unfit"), action
