"""The list of a department: filters, counts, and who works on which assignment."""

from typing import Any

import pytest

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
    assert details["actions"] == ["merge", "attach"]
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
        assert (await portal.expect(200, "GET", f"{lines}?q={q}", token=elsewhere))["requests"] == []
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
