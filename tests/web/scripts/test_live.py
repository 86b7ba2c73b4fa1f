"""A page that follows its stream: updates appear, and the visible text does not move."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.web.scripts.stage import MADE, NOON, Reply, Stage, events, html

NUMBER = "RB-7F3K-9Q2M-E"


def request_page(words: str, *, more: str = "", before: str = "") -> str:
    """A page of one request that follows its stream."""
    live = "{{ live('/live', '" + NUMBER + "') }}"
    part = f'<div id="live-part"><h2>{words}</h2>{more}</div>'
    return html(f"{live}{before}{part}", "live.js")


def step(number: str = NUMBER, place: str = "6-x") -> dict[str, Any]:
    """A step as a stream sends it."""
    return {"id": place, "request": number, "action": "accept", "state": "accepted", "at": None}


async def test_update_is_inserted_and_announced(stage: Stage) -> None:
    stage.play("/live", events(step()))
    await stage.open(request_page("Accepted"), "/page", request_page("In progress"))
    await expect(stage.page.get_by_role("heading", name="In progress")).to_be_visible()
    await expect(stage.page.get_by_role("status")).to_contain_text("This page was updated at")


async def test_steps_of_other_requests_change_nothing(stage: Stage) -> None:
    stage.play("/live", events(step("RB-AAAA-AAAA-A"), step("RB-BBBB-BBBB-B")))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted"))
    await stage.ended(1)
    await stage.page.clock.run_for(2000)
    assert len(stage.of("/page")) == 1


async def test_known_step_is_not_fetched_again(stage: Stage) -> None:
    stage.play("/live", events(step(place=f"{MADE}-x"), step(place=f"{MADE - 1}-x")))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted"))
    (asked,) = await stage.requests("/live", 1)
    assert asked.url.endswith(f"/live?since={MADE}")
    await stage.ended(1)
    await stage.page.clock.run_for(2000)
    assert len(stage.of("/page")) == 1


FIELD = '<form method="post"><input name="a"></form>'


@pytest.mark.parametrize("used", ["focus", "typed", "chosen"])
async def test_part_in_use_is_not_replaced(stage: Stage, used: str) -> None:
    stage.play("/live", Reply(status=503))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted", more=FIELD))
    await stage.ended(1)
    if used == "chosen":
        await stage.page.evaluate("getSelection().selectAllChildren(document.querySelector('h2'))")
    else:
        await stage.page.fill("[name=a]", "words" if used == "typed" else "")
        await stage.page.focus("[name=a]")
    if used == "typed":
        await stage.page.evaluate("document.activeElement.blur()")
    stage.play("/live", events(step()))
    stage.play("/page", request_page("In progress", more=FIELD))
    await stage.page.clock.run_for(5000)
    await stage.requests("/live", 2)
    await stage.page.clock.resume()
    await expect(stage.page.get_by_role("status")).to_contain_text("Something changed here at")
    await expect(stage.page.get_by_role("heading", name="Accepted")).to_be_visible()
    await stage.page.get_by_role("link", name="Show it").click()
    await expect(stage.page.get_by_role("heading", name="In progress")).to_be_visible()


async def test_update_does_not_move_the_visible_text(stage: Stage) -> None:
    lines = "".join(f"<p>Line {n} of the history</p>" for n in range(60))
    inner = f"<details><summary>More</summary><p>Opened</p></details>{lines}"
    stage.play("/live", Reply(status=503))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted", more=inner))
    await stage.ended(1)
    await stage.page.get_by_text("More").click()
    await stage.page.evaluate("document.activeElement.blur()")
    await stage.page.get_by_text("Line 30 of").evaluate("line => line.scrollIntoView({ block: 'start' })")
    before = await _top(stage.page, "Line 32 of")
    stage.play("/live", events(step()))
    stage.play("/page", request_page("In progress", more=f"<p>New</p><p>New</p><p>New</p>{inner}"))
    await stage.page.clock.run_for(5000)
    await stage.requests("/live", 2)
    await stage.page.clock.resume()
    await expect(stage.page.get_by_role("heading", name="In progress")).to_be_attached()
    assert abs(await _top(stage.page, "Line 32 of") - before) < 2
    await expect(stage.page.get_by_text("Opened")).to_be_visible()


async def _top(page: Page, text: str) -> float:
    box = await page.get_by_text(text).bounding_box()
    assert box is not None
    return box["y"]


async def test_refused_stream_is_retried_with_backoff(stage: Stage) -> None:
    stage.play("/live", Reply(status=503))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted"))
    for count, seconds in enumerate((5, 10, 20, 40, 60, 60), start=1):
        await stage.requests("/live", count)
        await expect(stage.page.locator("[data-on]")).to_be_hidden()
        await stage.ended(count)
        await stage.page.clock.run_for(seconds * 1000 - 1)
        assert len(stage.of("/live")) == count
        await stage.page.clock.run_for(1)
    await stage.requests("/live", 7)


async def test_hidden_page_closes_its_stream_and_continues_later(stage: Stage) -> None:
    stage.play("/live", events(step("RB-AAAA-AAAA-A", "77-x")))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted"))
    await stage.ended(1)
    await stage.hide(True)
    await stage.page.clock.run_for(61_000)
    await stage.hide(False)
    again = (await stage.requests("/live", 2))[1]
    assert again.url.endswith("since=77-x")


async def test_stream_does_not_keep_the_session_alive(stage: Stage) -> None:
    expired = "retry: 3600000\n\nevent: expired\ndata: {}\n\n"
    stage.play("/live", Reply(expired, headers={"Content-Type": "text/event-stream"}))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted"))
    await stage.requests("/live", 1)
    await stage.ended(1)
    await stage.page.clock.run_for(600_000)
    assert len(stage.of("/live")) == 1
    await stage.page.keyboard.press("Shift")
    await stage.requests("/live", 2)


def come(number: str, state: str = "routed", by: str = "routing") -> dict[str, Any]:
    """A change as a department's stream sends it."""
    return {"id": f"7-{number}", "number": number, "action": "route", "state": state, "by": by, "at": None}


async def test_list_announces_new_requests_and_stays(stage: Stage) -> None:
    told = [come("RB-1"), come("RB-2", "accepted", "me"), come("RB-3", "reopened"), come("RB-1")]
    stage.play("/live", events(*told, kind="assignment"))
    await stage.open(html("{{ news('/live') }}<ul><li>Row</li></ul>", "live.js", me={"account": "me"}))
    banner = stage.page.get_by_role("status")
    await expect(banner).to_contain_text("2 new since")
    link = banner.get_by_role("link", name="Show them")
    assert await link.get_attribute("href") == "/page"
    assert len(stage.of("/page")) == 1


async def test_list_announces_changes_by_others(stage: Stage) -> None:
    stage.play("/live", events(come("RB-1", "accepted", "other"), kind="assignment"))
    await stage.open(html("{{ news('/live') }}", "live.js", me={"account": "me"}))
    await expect(stage.page.get_by_role("status")).to_contain_text("1 changed since")
    await expect(stage.page.get_by_role("link", name="Show it")).to_be_visible()


async def test_filtered_list_counts_matching_requests(stage: Stage) -> None:
    told = [{**come(f"RB-{n}"), "service": service, "district": "swat"} for n, service in enumerate("aab")]
    stage.play("/live", events(*told, kind="assignment"))
    await stage.open(html("{{ news('/live', service='a', district='swat') }}", "live.js"))
    await expect(stage.page.get_by_role("status")).to_contain_text("2 new since")
