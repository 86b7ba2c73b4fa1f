"""The list of a department through the gateway: what is asked for, how much there is, and who works on what."""

from tests.journeys.test_main_job import LAMP
from tests.portal import Portal

WORKS = "works"
LIST = "/api/v1/assignments"


async def test_a_list_is_narrowed_and_counted_as_it_changes(portal: Portal) -> None:
    citizen, officer = await portal.register(), await portal.officer(WORKS)
    before = await portal.expect(200, "GET", f"{LIST}/counts", token=officer)
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    [line] = (await portal.expect(200, "GET", f"{LIST}?number={number}", token=officer))["assignments"]
    assert (line["state"], line["clock"], line["with"], line["responded_at"]) == ("routed", "running", None, None)
    counts = await portal.expect(200, "GET", f"{LIST}/counts", token=officer)
    assert (counts["new"] - before["new"], counts["mine"] - before["mine"]) == (1, 0)
    assert counts["states"]["routed"] == before["states"]["routed"] + 1

    headers = {"If-Match": line["etag"]}
    path = f"{LIST}/{number}/accept"
    taken = await portal.expect(200, "POST", path, token=officer, json={}, headers=headers)
    assert (await portal.ask("POST", path, token=officer, json={}, headers=headers)).status == 412
    mine = f"{LIST}?number={number}&by=me&state=accepted&service=street-light-out&district=kohat&late=false"
    [line] = (await portal.expect(200, "GET", mine, token=officer))["assignments"]
    assert line["etag"] != headers["If-Match"]
    assert line["with"]["id"] == taken["with"]["id"] == taken["history"][-1]["by"]
    assert line["responded_at"] is not None
    counts = await portal.expect(200, "GET", f"{LIST}/counts", token=officer)
    assert (counts["new"] - before["new"], counts["mine"] - before["mine"]) == (0, 1)
    for other in ("by=nobody", "late=true", "state=closed", "district=swat"):
        answer = await portal.expect(200, "GET", f"{LIST}?number={number}&{other}", token=officer)
        assert answer["assignments"] == [], other
    elsewhere = await portal.officer("water")
    assert (await portal.expect(200, "GET", f"{LIST}?number={number}", token=elsewhere))["assignments"] == []


async def test_a_head_sees_with_whom_what_is_open(portal: Portal) -> None:
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
