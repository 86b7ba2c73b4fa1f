"""The list of a department: filters, counts, and who works on which assignment."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from shared.clock import utc_now
from tests.journeys.test_main_job import LAMP
from tools.portal import Portal, until

WORKS = "works"
LIST = "/api/v1/assignments"


async def test_a_list_can_be_filtered_and_counted(portal: Portal) -> None:
    citizen, officer = await portal.register(), await portal.officer(WORKS)
    before = await portal.expect(200, "GET", f"{LIST}/counts", token=officer)
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    [line] = (await portal.expect(200, "GET", f"{LIST}?number={number}", token=officer))["assignments"]
    assert (line["state"], line["clock"], line["with"], line["responded_at"]) == ("routed", "running", None, None)
    assert line["acceptable"] is True
    counts = await portal.expect(200, "GET", f"{LIST}/counts", token=officer)
    assert (counts["new"] - before["new"], counts["mine"] - before["mine"]) == (1, 0)
    assert counts["states"]["routed"] == before["states"]["routed"] + 1

    headers = {"If-Match": line["etag"]}
    path = f"{LIST}/{number}/accept"
    taken = await portal.expect(200, "POST", path, token=officer, json={}, headers=headers)
    assert (await portal.ask("POST", path, token=officer, json={}, headers=headers)).status == 412
    mine = f"{LIST}?number={number}&by=me&state=accepted&service=street-light-out&district=kohat&late=false"
    [line] = (await portal.expect(200, "GET", mine, token=officer))["assignments"]
    assert (line["acceptable"], line["etag"] != headers["If-Match"]) == (False, True)
    assert line["with"]["id"] == taken["with"]["id"] == taken["history"][-1]["by"]
    assert line["responded_at"] is not None
    counts = await portal.expect(200, "GET", f"{LIST}/counts", token=officer)
    assert (counts["new"] - before["new"], counts["mine"] - before["mine"]) == (0, 1)
    for other in ("by=nobody", "late=true", "state=closed", "district=swat"):
        answer = await portal.expect(200, "GET", f"{LIST}?number={number}&{other}", token=officer)
        assert answer["assignments"] == [], other
    elsewhere = await portal.officer("water")
    assert (await portal.expect(200, "GET", f"{LIST}?number={number}", token=elsewhere))["assignments"] == []


async def test_a_head_sees_who_works_on_open_assignments(portal: Portal) -> None:
    citizen, officer, head = await portal.register(), await portal.officer(WORKS), await portal.officer(WORKS, "head")
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    assert (await portal.act(officer, number, "accept")).status == 200
    seen = await portal.expect(200, "GET", f"{LIST}/overview", token=head)
    [line] = (await portal.expect(200, "GET", f"{LIST}?number={number}", token=head))["assignments"]
    [load] = [load for load in seen["officers"] if load["with"] and load["with"]["id"] == line["with"]["id"]]
    assert load["open"] >= 1
    assert sum(load["open"] for load in seen["officers"]) == seen["open"]
    theirs = f"{LIST}?by={line['with']['id']}&limit=100&order=newest"
    assert number in [one["number"] for one in (await portal.expect(200, "GET", theirs, token=head))["assignments"]]


async def test_only_staff_see_who_works_on_an_assignment(portal: Portal) -> None:
    citizen, officer = await portal.register(), await portal.officer(WORKS)
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    assert (await portal.act(officer, number, "accept")).status == 200
    await portal.reaches(citizen, number, "accepted")

    async def named(path: str, where: Any) -> bool | None:
        return where(await portal.expect(200, "GET", path, token=officer)) == "Member officer" or None

    await until(lambda: named(f"{LIST}?number={number}", lambda b: b["assignments"][0]["with"]["name"]), "the name")
    await until(lambda: named(f"{LIST}/{number}", lambda b: b["history"][-1]["by_name"]), "the name of the officer")
    path = f"/api/v1/requests/{number}"
    await until(lambda: named(path, lambda b: b["history"][-1]["by_name"]), "the name beside the request")
    assert "Member officer" not in str(await portal.request(citizen, number))
    details = await portal.expect(200, "GET", path, token=officer)
    assert details["actions"] == ["merge", "publish", "attach"]
    assert [entry["by_name"] for entry in details["history"] if entry["who"] != "department"] == [None] * 3


async def test_lines_show_words_and_are_in_the_citizens_trail(portal: Portal) -> None:
    citizen, officer, elsewhere = await portal.register(), await portal.officer(WORKS), await portal.officer("water")
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    lines = "/api/v1/requests/lines"
    [line] = (await portal.expect(200, "GET", f"{lines}?number={number}", token=officer))["requests"]
    assert (line["place"], line["language"], line["files"]) == ("Kohat, Bannu Road", "ur", 0)
    assert LAMP["answers"]["description"] == line["words"]  # type: ignore[index]
    for q in (number[:9].lower(), "بتی", "street%20light%20kohat"):
        found = (await portal.expect(200, "GET", f"{lines}?q={q}", token=officer))["requests"]
        assert number in [one["number"] for one in found], q
        others = (await portal.expect(200, "GET", f"{lines}?q={q}", token=elsewhere))["requests"]
        assert number not in [one["number"] for one in others], q
    assert (await portal.expect(200, "GET", f"{lines}?number={number}", token=elsewhere))["requests"] == []

    async def read() -> list[dict[str, Any]] | None:
        path = "/api/v1/me/accesses"
        return (await portal.expect(200, "GET", path, token=citizen.token))["accesses"] or None

    [look] = await until(read, "the look in the trail")
    assert (look["request"], look["role"], look["department"], look["listed"]) == (number, "officer", WORKS, True)


@pytest.mark.parametrize(
    "query", ["", "?q=lamp&number=RB-7F3K-9Q2M-E", "?words=lamp", "?number=7F3K", f"?q={'x' * 201}"]
)
async def test_an_invalid_search_is_refused(portal: Portal, query: str) -> None:
    officer = await portal.officer(WORKS)
    assert (await portal.ask("GET", f"/api/v1/requests/lines{query}", token=officer)).status == 422


async def at_works(portal: Portal, count: int) -> list[dict[str, Any]]:
    """Lines of new requests at the department of works, as its officers see them."""
    citizen, officer = await portal.register(), await portal.officer(WORKS)
    numbers = [(await portal.file(citizen, LAMP))["number"] for _ in range(count)]
    for number in numbers:
        await portal.reaches(citizen, number, "routed")
    query = "&".join(f"number={number}" for number in numbers)
    lines = (await portal.expect(200, "GET", f"{LIST}?{query}", token=officer))["assignments"]
    return sorted(lines, key=lambda line: numbers.index(line["number"]))


async def test_a_list_tells_what_changed_since_a_time(portal: Portal) -> None:
    officer = await portal.officer(WORKS)
    first, second = await at_works(portal, 2)
    assert (await portal.act(officer, first["number"], "accept")).status == 200
    query = f"{LIST}?changed_since={quote(second['routed_at'])}&number={first['number']}&number={second['number']}"
    changed = (await portal.expect(200, "GET", query, token=officer))["assignments"]
    assert [one["number"] for one in changed] == [second["number"], first["number"]]  # changed longest ago first
    later = (utc_now() + timedelta(hours=1)).isoformat()
    assert (await portal.expect(200, "GET", f"{LIST}?changed_since={quote(later)}", token=officer))["assignments"] == []
    totals = await portal.expect(200, "GET", f"{LIST}/totals?number={first['number']}", token=officer)
    assert totals == {"list": 1, "mine": 1, "department": 1, "all": 1}


async def test_one_action_on_many_requests_has_a_result_for_each(portal: Portal) -> None:
    officer, elsewhere = await portal.officer(WORKS), await portal.officer("water")
    lines = await at_works(portal, 3)
    chosen = [{"number": line["number"], "etag": line["etag"]} for line in lines]
    accepted = await bulk(portal, officer, {"action": "accept"}, chosen[:2])
    assert [one["done"] for one in accepted["results"]] == [True, True]
    chosen = [{"number": one["number"], "etag": one["etag"]} for one in accepted["results"]] + chosen[2:]

    act = {"action": "progress", "note": "An electrician comes on Tuesday for {number}."}
    once, again = [await bulk(portal, officer, act, chosen) for _ in range(2)]
    assert [one["status"] for one in once["results"]] == [200, 200, 409]  # the third one was not accepted
    assert ([one["done"] for one in again["results"]], again["failed"]) == ([True, True, False], 1)
    whole = await portal.expect(200, "GET", f"{LIST}/{lines[0]['number']}", token=officer)
    notes = [step["words"] for step in whole["history"] if step["action"] == "progress"]
    assert notes == [f"An electrician comes on Tuesday for {lines[0]['number']}."]
    assert (await bulk(portal, officer, {**act, "note": "Something else."}, chosen))["results"][0]["status"] == 412

    theirs = await bulk(portal, elsewhere, {"action": "accept"}, chosen)
    assert [one["status"] for one in theirs["results"]] == [404, 404, 404]
    assigned = await bulk(portal, officer, {"action": "claim"}, chosen[2:])
    assert (assigned["done"], assigned["failed"]) == (1, 0)
    answer = await portal.ask("POST", f"{LIST}/bulk", token=officer, json={"act": act, "requests": chosen * 34})
    assert answer.status == 422


async def bulk(portal: Portal, token: str, act: dict[str, Any], chosen: list[dict[str, Any]]) -> Any:
    """The results of one action on many requests."""
    return await portal.expect(200, "POST", f"{LIST}/bulk", token=token, json={"act": act, "requests": chosen})


async def test_officers_save_lists_and_the_head_shares_them(portal: Portal) -> None:
    officer, head = await portal.officer("revenue"), await portal.officer("revenue", "head")
    late = {"name": "Late in Swat", "query": {"district": "swat", "late": True, "state": ["accepted"]}}
    for _ in range(2):
        saved = await portal.expect(200, "PUT", "/api/v1/desk/views/late-swat", token=officer, json=late)
    assert saved == {"id": "late-swat", **late}
    assert (await portal.ask("PUT", "/api/v1/desk/views/shared/all", token=officer, json=late)).status == 403
    await portal.expect(200, "PUT", "/api/v1/desk/views/shared/all", token=head, json={**late, "name": "Ours"})
    found = await portal.expect(200, "GET", "/api/v1/desk/views", token=officer)
    assert ([one["name"] for one in found["own"]], [one["name"] for one in found["shared"]]) == (
        ["Late in Swat"],
        ["Ours"],
    )
    assert (await portal.expect(200, "GET", "/api/v1/desk/views", token=head))["own"] == []
    wrong = {"name": "x", "query": {"late": "perhaps"}}
    assert (await portal.ask("PUT", "/api/v1/desk/views/x", token=officer, json=wrong)).status == 422
    assert (await portal.ask("DELETE", "/api/v1/desk/views/late-swat", token=officer)).status == 204
    assert (await portal.ask("DELETE", "/api/v1/desk/views/late-swat", token=officer)).status == 404


async def test_reply_templates_are_filled_for_a_request(portal: Portal) -> None:
    officer, head = await portal.officer(WORKS), await portal.officer(WORKS, "head")
    path = "/api/v1/desk/templates/lamp-repaired"
    texts = {
        "en": "We repaired the lamp of {number} ({service}), due {due}. {words}",
        "ur": "{number} ({service}) کی بتی ٹھیک کر دی گئی۔ {words}",
    }
    body = {"name": {"en": "Lamp repaired", "ur": "بتی ٹھیک"}, "text": texts, "actions": ["resolve"]}
    assert (await portal.ask("PUT", path, token=officer, json=body)).status == 403
    await portal.expect(200, "PUT", path, token=head, json=body)
    wrong = {**body, "text": {**texts, "en": "Dear {citizen}, we did it."}}
    refused = await portal.ask("PUT", path, token=head, json=wrong)
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "template_field")

    [line] = await at_works(portal, 1)
    number = line["number"]
    filled = await portal.expect(200, "GET", f"{LIST}/{number}/templates", token=officer)
    [text] = [one["text"] for one in filled["templates"] if one["id"] == "lamp-repaired"]
    assert number in text["en"]
    assert number in text["ur"]
    assert "Street light not working" in text["en"]
    assert not {"{number}", "{service}", "{due}"} & set(re.findall(r"\{\w+\}", text["en"] + text["ur"]))
    assert (await portal.act(officer, number, "accept")).status == 200
    gap = await portal.act(officer, number, "resolve", outcome="granted", reply=text["en"])
    assert (gap.status, gap.body["errors"][0]["code"]) == (422, "gap_left")
    reply = text["en"].replace("{words}", "It was the fuse.")
    assert (await portal.act(officer, number, "resolve", outcome="granted", reply=reply)).status == 200
    assert (await portal.ask("DELETE", path, token=head)).status == 204
