"""What scripts add to pages: each does its one thing, and where it cannot, the page works as it does without."""

import os
import shutil
import zlib
from collections.abc import AsyncIterator
from random import Random
from struct import pack
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, Request, async_playwright, expect

from tests.web.stage import ORIGIN, Reply, Stage, events, html

NOON = 1_780_000_000
NUMBER = "RB-7F3K-9Q2M-E"
ENDS = 'data-text-ends="You will be signed out at {time}." data-text-stay="Stay" data-text-ended="You were signed out."'


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    program = shutil.which("chromium")
    if program is None:
        left_out = pytest.fail if os.environ.get("RABTA_NEEDS_CHROMIUM") == "1" else pytest.skip
        left_out("there is no chromium here")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield started
        await started.close()


@pytest.fixture
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    """A fresh page. No script of it may fail."""
    context = await browser.new_context(viewport={"width": 360, "height": 640}, ignore_https_errors=True)
    async with Stage(await context.new_page()) as stage:
        yield stage
    await context.close()
    assert stage.errors == []


# ---- page.js ----


AREA = '<textarea id="f-a" name="a" data-most="10" data-text-left="Left: {n}" data-text-over="Over: {n}"></textarea>'


async def test_the_letters_that_are_left_are_counted_as_people_count_them(stage: Stage) -> None:
    await stage.open(html(f'{AREA}<p id="f-a-c">At most 10 letters</p>'))
    count = stage.page.locator("#f-a-c")
    await expect(count).to_have_text("At most 10 letters")
    await stage.page.fill("#f-a", "بجلی 💡")
    await expect(count).to_have_text("Left: 4")
    await stage.page.fill("#f-a", "twelve signs")
    await expect(count).to_have_text("Over: 2")
    await expect(count).to_have_class("over")
    await stage.page.fill("#f-a", "")
    await expect(count).to_have_text("At most 10 letters")


async def test_what_is_wrong_has_the_focus(stage: Stage) -> None:
    await stage.open(html('<div class="sum" tabindex="-1">Wrong</div><input name="a">'))
    await expect(stage.page.locator(".sum")).to_be_focused()


async def test_what_was_done_has_the_focus_unless_a_place_was_asked_for(stage: Stage) -> None:
    content = '<div class="note" tabindex="-1">It was sent</div><p id="place">Here</p>'
    await stage.open(html(content))
    await expect(stage.page.locator(".note")).to_be_focused()
    await stage.open(html(content), "/other")
    await stage.page.goto(f"{ORIGIN}/page#place")
    await expect(stage.page.locator(".note")).not_to_be_focused()


def session(seconds: int, clock: int = NOON) -> str:
    """Attributes of a page whose session ends after so many seconds."""
    return f'data-idle-until="{clock + seconds}" data-now="{clock}" {ENDS}'


async def test_the_end_of_a_session_is_told_before_and_can_be_put_off(stage: Stage) -> None:
    wrong_clock = NOON - 7200
    await stage.stop_the_clock(wrong_clock)
    await stage.open(html("<p>Read me</p>", body=session(900)))
    notice = stage.page.locator(".ending")
    await stage.page.clock.run_for(770_000)
    await expect(notice).to_be_hidden()
    await stage.page.clock.run_for(15_000)
    await expect(notice).to_contain_text("You will be signed out at")
    assert await notice.get_attribute("role") == "status"
    stage.play("/page", html("<p>Read me</p>", body=session(900, NOON + 785)))
    await stage.page.get_by_role("button", name="Stay").click()
    await expect(notice).to_be_hidden()
    assert len(stage.of("/page")) == 2


async def test_whoever_is_at_work_goes_on_without_a_word(stage: Stage) -> None:
    await stage.stop_the_clock(NOON)
    await stage.open(html('<form method="post"><input name="a"></form>', body=session(900)))
    await stage.page.clock.run_for(770_000)
    await stage.page.fill("[name=a]", "words")
    stage.play("/page", html("", body=session(900, NOON + 785)))
    await stage.page.clock.run_for(15_000)
    await stage.requests("/page", 2)
    await expect(stage.page.locator(".ending")).to_be_hidden()
    await expect(stage.page.locator("[name=a]")).to_have_value("words")


async def test_a_page_goes_when_its_session_is_over(stage: Stage) -> None:
    await stage.stop_the_clock(NOON)
    await stage.open(html("<p>What only I may read</p>", body=session(900)))
    stage.play("/page", html("<p>Sign in</p>"))
    await stage.page.clock.run_for(905_000)
    await expect(stage.page.get_by_text("Sign in")).to_be_visible()


async def test_a_form_outlives_its_session(stage: Stage) -> None:
    await stage.stop_the_clock(NOON)
    await stage.open(html('<form method="post"><input name="a"></form>', body=session(60)))
    await stage.page.fill("[name=a]", "typed long ago")
    stage.play("/page", Reply(status=0))
    await stage.page.clock.run_for(65_000)
    await expect(stage.page.locator(".ending")).to_have_text("You were signed out.")
    await expect(stage.page.locator("[name=a]")).to_have_value("typed long ago")


# ---- live.js ----


def request_page(words: str, *, more: str = "", before: str = "") -> str:
    """A page of one request that follows its stream."""
    live = "{{ live('/live?since=5', '" + NUMBER + "') }}"
    part = f'<div id="live-part"><h2>{words}</h2>{more}</div>'
    return html(f"{live}{before}{part}", "live.js")


def step(number: str = NUMBER, place: str = "6-x") -> dict[str, Any]:
    """A step as a stream tells it."""
    return {"id": place, "request": number, "action": "accept", "state": "accepted", "at": None}


async def test_what_is_new_is_put_in_place_and_told(stage: Stage) -> None:
    stage.play("/live", events(step()))
    await stage.open(request_page("Accepted"))
    stage.play("/page", request_page("In progress"))
    await expect(stage.page.get_by_role("heading", name="In progress")).to_be_visible()
    await expect(stage.page.get_by_role("status")).to_contain_text("This page was updated at")


async def test_steps_of_other_requests_change_nothing(stage: Stage) -> None:
    stage.play("/live", events(step("RB-AAAA-AAAA-A"), step("RB-BBBB-BBBB-B")))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted"))
    await stage.ended(1)
    await stage.page.clock.run_for(2000)
    assert len(stage.of("/page")) == 1


FIELD = '<form method="post"><input name="a"></form>'


@pytest.mark.parametrize("used", ["focus", "typed", "chosen"])
async def test_a_part_in_use_is_left_alone(stage: Stage, used: str) -> None:
    stage.play("/live", Reply(status=503))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted", more=FIELD))
    if used == "chosen":
        await stage.page.evaluate("getSelection().selectAllChildren(document.querySelector('h2'))")
    else:
        await stage.page.fill("[name=a]", "words" if used == "typed" else "")
        await stage.page.focus("[name=a]")
    if used == "typed":
        await stage.page.evaluate("document.activeElement.blur()")
    stage.play("/live", events(step()))
    stage.play("/page", request_page("In progress", more=FIELD))
    await stage.ended(1)
    await stage.page.clock.run_for(5000)
    await stage.requests("/live", 2)
    await stage.page.clock.resume()
    await expect(stage.page.get_by_role("status")).to_contain_text("Something changed here at")
    await expect(stage.page.get_by_role("heading", name="Accepted")).to_be_visible()
    await stage.page.get_by_role("link", name="Show it").click()
    await expect(stage.page.get_by_role("heading", name="In progress")).to_be_visible()


async def test_nothing_moves_under_the_eyes(stage: Stage) -> None:
    lines = "".join(f"<p>Line {n} of the history</p>" for n in range(60))
    inner = f"<details><summary>More</summary><p>Opened</p></details>{lines}"
    stage.play("/live", Reply(status=503))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted", more=inner))
    await stage.page.get_by_text("More").click()
    await stage.page.evaluate("document.activeElement.blur()")
    await stage.page.get_by_text("Line 30 of").evaluate("line => line.scrollIntoView({ block: 'start' })")
    before = await _top(stage.page, "Line 32 of")
    stage.play("/live", events(step()))
    stage.play("/page", request_page("In progress", more=f"<p>New</p><p>New</p><p>New</p>{inner}"))
    await stage.ended(1)
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


async def test_a_stream_that_was_refused_is_asked_for_again_ever_less_often(stage: Stage) -> None:
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


async def test_a_hidden_page_lets_its_stream_go_and_goes_on_where_it_stopped(stage: Stage) -> None:
    stage.play("/live", events(step("RB-AAAA-AAAA-A", "77-x")))
    await stage.stop_the_clock(NOON)
    await stage.open(request_page("Accepted"))
    await stage.ended(1)
    await _hide(stage.page, "true")
    await stage.page.clock.run_for(61_000)
    await _hide(stage.page, "false")
    again = (await stage.requests("/live", 2))[1]
    assert again.url.endswith("since=77-x")


async def _hide(page: Page, hidden: str) -> None:
    await page.evaluate(
        f"Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )


async def test_a_stream_alone_does_not_keep_a_session_alive(stage: Stage) -> None:
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
    """A change as a department's stream tells it."""
    return {"id": f"7-{number}", "number": number, "action": "route", "state": state, "by": by, "at": None}


async def test_a_list_says_how_much_is_new_and_stays_as_it_is(stage: Stage) -> None:
    told = [come("RB-1"), come("RB-2", "accepted", "me"), come("RB-3", "reopened"), come("RB-1")]
    stage.play("/live", events(*told, kind="assignment"))
    await stage.open(html("{{ news('/live') }}<ul><li>Row</li></ul>", "live.js", me={"account": "me"}))
    said = stage.page.get_by_role("status")
    await expect(said).to_contain_text("2 new since")
    link = said.get_by_role("link", name="Show them")
    assert await link.get_attribute("href") == "/page"
    assert len(stage.of("/page")) == 1


async def test_a_list_says_what_others_did(stage: Stage) -> None:
    stage.play("/live", events(come("RB-1", "accepted", "other"), kind="assignment"))
    await stage.open(html("{{ news('/live') }}", "live.js", me={"account": "me"}))
    await expect(stage.page.get_by_role("status")).to_contain_text("1 changed since")
    await expect(stage.page.get_by_role("link", name="Show it")).to_be_visible()


# ---- services.js ----

SERVICES = """<form method="get" {{ filter_attributes("#list") }}><input type="search" name="q"></form>
<div id="list"><section><h2>Power</h2><ul>
<li data-words="Power cut بجلی کی بندش bijli nahi load shedding">Power cut</li>
<li data-words="Street light not working سٹریٹ لائٹ خراب ہے batti khamba">Street light</li></ul></section>
<section><h2>Water</h2><ul><li data-words="No water پانی نہیں آ رہا pani">No water</li></ul></section></div>"""


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("STREET", ["Street light"]),
        ("bijlee", ["Power cut"]),
        ("پاني", ["No water"]),
        ("light khraab", ["Street light"]),
        ("لائٹ", ["Street light"]),
        ("", ["Power cut", "Street light", "No water"]),
        ("passport", []),
    ],
)
async def test_services_are_filtered_while_somebody_types(stage: Stage, typed: str, left: list[str]) -> None:
    await stage.open(html(SERVICES, "services.js"))
    await stage.page.fill("[name=q]", "water")
    await stage.page.fill("[name=q]", typed)
    await expect(stage.page.locator("li:visible")).to_have_text(left)
    assert await stage.page.locator("h2:visible").count() == len({"No water" in one for one in left})


async def test_how_many_fit_is_read_out_and_nothing_found_leads_on(stage: Stage) -> None:
    await stage.open(html(SERVICES, "services.js"))
    await stage.page.fill("[name=q]", "light")
    await expect(stage.page.get_by_role("status")).to_have_text("Services that fit: 1")
    await stage.page.fill("[name=q]", "passport")
    await expect(stage.page.get_by_role("status")).to_contain_text("Press the button")


async def test_a_list_that_the_server_filtered_is_left_alone(stage: Stage) -> None:
    await stage.open(html(SERVICES.replace('name="q"', 'name="q" value="light"'), "services.js"))
    await stage.page.fill("[name=q]", "water")
    assert await stage.page.locator("li:visible").count() == 3


# ---- photos.js ----

UPLOAD = """<form method="post" action="/send" enctype="multipart/form-data"><input type="hidden" name="_key" value="k">
<input type="file" name="photo" multiple>{{ sending() }}<button name="way" value="on">Send</button>
<button name="_show" value="1">Show</button></form>"""


def noise(width: int, height: int) -> bytes:
    """A PNG that cannot be made smaller without loss."""
    rows = b"".join(b"\0" + Random(row).randbytes(3 * width) for row in range(height))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


PHOTO: FilePayload = {"name": "Lamp.photo.png", "mimeType": "image/png", "buffer": noise(2000, 400)}
PAPER: FilePayload = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 " + b"x" * 300_000}
DIMENSIONS = """async () => {
  const [file] = document.querySelector("[type=file]").files;
  const image = await createImageBitmap(file);
  return [file.name, file.type, image.width, image.height];
}"""


async def test_photos_are_made_smaller_and_papers_are_not(stage: Stage) -> None:
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", [PHOTO, PAPER])
    await expect(stage.page.get_by_role("status")).to_contain_text("Your photos were made smaller")
    assert await stage.page.evaluate(DIMENSIONS) == ["Lamp.photo.jpg", "image/jpeg", 1600, 320]
    sizes = await stage.page.evaluate("[...document.querySelector('[type=file]').files].map((file) => file.size)")
    assert sizes[0] < len(PHOTO["buffer"]) / 2
    assert sizes[1] == len(PAPER["buffer"])


async def test_progress_is_shown_and_the_next_page_opens_by_itself(stage: Stage) -> None:
    async def answer(_: Request) -> Reply:
        await expect(stage.page.locator("progress")).to_be_visible()
        await expect(stage.page.get_by_role("status")).to_have_text("Your files are being sent. Stay on this page.")
        return Reply(status=204, headers={"Location": "/done?number=1"})

    stage.plays["POST", "/send"] = answer
    stage.play("/done", html("<p>It is sent</p>"))
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", [PAPER])
    await stage.page.get_by_role("button", name="Send").dblclick()
    await expect(stage.page.get_by_text("It is sent")).to_be_visible()
    (sent,) = stage.of("/send", "POST")
    assert sent.headers["x-requested-with"] == "script"
    assert b'name="way"\r\n\r\non' in (sent.post_data_buffer or b"")
    assert b'filename="paper.pdf"' in (sent.post_data_buffer or b"")


async def test_an_answer_that_leads_nowhere_is_shown_as_a_page(stage: Stage) -> None:
    stage.play("/send", Reply(html("<p>One file is too large</p>"), 422), method="POST")
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", [PAPER])
    await stage.page.get_by_role("button", name="Send").click()
    await expect(stage.page.get_by_text("One file is too large")).to_be_visible()
    by_script, plain = stage.of("/send", "POST")
    assert "x-requested-with" not in plain.headers
    assert b'name="way"\r\n\r\non' in (plain.post_data_buffer or b"")
    assert b'name="_key"\r\n\r\nk' in (by_script.post_data_buffer or b"")


async def test_a_lost_connection_loses_nothing(stage: Stage) -> None:
    stage.play("/send", Reply(status=0), Reply(status=204, headers={"Location": "/done"}), method="POST")
    stage.play("/done", html("<p>It is sent</p>"))
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", [PAPER])
    await stage.page.get_by_role("button", name="Send").click()
    await expect(stage.page.get_by_role("status")).to_contain_text("the connection was lost")
    await stage.page.get_by_role("button", name="Send").click()
    await expect(stage.page.get_by_text("It is sent")).to_be_visible()


@pytest.mark.parametrize(("button", "files"), [("Show", [PAPER]), ("Send", [])])
async def test_a_form_that_sends_no_file_goes_the_plain_way(
    stage: Stage, button: str, files: list[FilePayload]
) -> None:
    stage.play("/send", html("<p>Here it is</p>"), method="POST")
    await stage.open(html(UPLOAD, "photos.js"))
    await stage.page.set_input_files("[type=file]", files)
    await stage.page.get_by_role("button", name=button).click()
    await expect(stage.page.get_by_text("Here it is")).to_be_visible()
    (sent,) = stage.of("/send", "POST")
    assert "x-requested-with" not in sent.headers


# ---- place.js ----

PLACE = """<form method="post"><input type="hidden" name="place.latitude" value=""><input type="hidden"
name="place.longitude" value="">{{ place() }}</form>"""


async def test_a_location_is_taken_when_asked_for_and_taken_back(stage: Stage) -> None:
    await stage.page.context.grant_permissions(["geolocation"], origin=ORIGIN)
    await stage.page.context.set_geolocation({"latitude": 34.0151234, "longitude": 71.5249999, "accuracy": 12.4})
    await stage.open(html(PLACE, "place.js"))
    await stage.page.get_by_role("button", name="Use my location").click()
    await expect(stage.page.get_by_role("status")).to_contain_text("to about \u206612\u2069 metres")
    latitude = stage.page.locator("[name='place.latitude']")
    await expect(latitude).to_have_value("34.015123")
    await expect(stage.page.locator("[name='place.longitude']")).to_have_value("71.525000")
    await stage.page.get_by_role("button", name="Do not send my location").click()
    await expect(latitude).to_have_value("")
    await expect(stage.page.get_by_role("status")).to_have_text("Your location is not sent.")
    await expect(stage.page.get_by_role("button", name="Use my location")).to_be_focused()


async def test_a_refused_location_leads_to_words(stage: Stage) -> None:
    await stage.page.context.grant_permissions([], origin=ORIGIN)
    await stage.open(html(PLACE, "place.js"))
    await stage.page.get_by_role("button", name="Use my location").click()
    await expect(stage.page.get_by_role("status")).to_contain_text("Describe the place in words instead.")


async def test_a_location_that_was_given_is_told_again(stage: Stage) -> None:
    await stage.open(html(PLACE.replace('value=""', 'value="34.5"'), "place.js"))
    await expect(stage.page.get_by_role("status")).to_have_text("Your location is sent with your request.")
    await expect(stage.page.get_by_role("button", name="Do not send my location")).to_be_visible()


async def test_where_a_browser_tells_no_location_there_is_no_button(stage: Stage) -> None:
    await stage.open(html(PLACE, "place.js"), origin="http://portal.test")
    await expect(stage.page.locator("[data-place]")).to_be_empty()


# ---- draft.js ----

DRAFT = """<form method="post" action="/go"><input type="hidden" name="_token" value="t"><input name="words">
<input type="file" name="file">{{ draft("/save") }}<button>Send</button></form>"""


async def test_a_draft_is_saved_after_a_pause_and_not_too_often(stage: Stage) -> None:
    stage.play("/save", Reply(status=204), method="POST")
    await stage.stop_the_clock(NOON)
    await stage.open(html(DRAFT, "draft.js"))
    await stage.page.fill("[name=words]", "one")
    await stage.page.clock.run_for(2900)
    assert not stage.of("/save", "POST")
    await stage.page.clock.run_for(100)
    (first,) = await stage.requests("/save", 1, "POST")
    assert first.post_data == "_token=t&words=one"
    await expect(stage.page.get_by_role("status")).to_contain_text("Saved at")
    await stage.page.fill("[name=words]", "one two")
    await stage.page.clock.run_for(9900)
    assert len(stage.of("/save", "POST")) == 1
    await stage.page.clock.run_for(100)
    assert (await stage.requests("/save", 2, "POST"))[1].post_data == "_token=t&words=one+two"


async def test_a_draft_is_saved_on_leaving(stage: Stage) -> None:
    stage.play("/save", Reply(status=204), method="POST")
    await stage.stop_the_clock(NOON)
    await stage.open(html(DRAFT, "draft.js"))
    await stage.page.fill("[name=words]", "one")
    await _hide(stage.page, "true")
    (saved,) = await stage.requests("/save", 1, "POST")
    assert saved.post_data == "_token=t&words=one"


async def test_a_draft_that_cannot_be_saved_troubles_nobody(stage: Stage) -> None:
    stage.play("/save", Reply(status=409), method="POST")
    await stage.stop_the_clock(NOON)
    await stage.open(html(DRAFT, "draft.js"))
    for words in ("one", "one two"):
        await stage.page.fill("[name=words]", words)
        await stage.page.clock.run_for(15_000)
        await stage.requests("/save", 1, "POST")
        await stage.ended(1)
    assert len(stage.of("/save", "POST")) == 1
    await expect(stage.page.get_by_role("status")).to_be_empty()


# ---- choose-all.js, copy.js, show-password.js ----


async def test_one_box_chooses_all(stage: Stage) -> None:
    boxes = "".join(f'<label><input type="checkbox" name="number" value="{n}"> {n}</label>' for n in range(3))
    content = f'{{{{ choose_all("many") }}}}{{{{ chosen("many") }}}}<form id="many">{boxes}</form>'
    await stage.open(html(content, "choose-all.js"))
    await stage.page.get_by_label("Choose all").check()
    await expect(stage.page.get_by_role("status")).to_have_text("Chosen: 3")
    await stage.page.get_by_label("1").uncheck()
    await expect(stage.page.get_by_role("status")).to_have_text("Chosen: 2")
    assert await stage.page.get_by_label("Choose all").evaluate("box => box.indeterminate")
    assert await stage.page.locator("form :checked").count() == 2


async def test_a_key_is_copied(stage: Stage) -> None:
    await stage.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=ORIGIN)
    await stage.open(html('<code id="key"> K3Y-W0RD </code>{{ copy("#key") }}', "copy.js"))
    await stage.page.get_by_role("button", name="Copy").click()
    await expect(stage.page.get_by_role("status")).to_have_text("Copied")
    assert await stage.page.evaluate("navigator.clipboard.readText()") == "K3Y-W0RD"


async def test_a_password_is_shown_and_sent_hidden(stage: Stage) -> None:
    field = '<input id="p" name="p" type="password" data-show-password data-text-show="Show">'
    await stage.open(html(f'<form method="post"><label for="p">Password</label>{field}</form>', "show-password.js"))
    button = stage.page.get_by_role("button", name="Show: Password")
    await button.click()
    assert await stage.page.get_attribute("#p", "type") == "text"
    await expect(button).to_have_attribute("aria-pressed", "true")
    await button.click()
    assert await stage.page.get_attribute("#p", "type") == "password"


async def test_without_a_script_macros_show_nothing(stage: Stage) -> None:
    everything = "{{ live('/live') }}{{ news('/live') }}{{ sending() }}{{ place() }}{{ draft('/save') }}"
    everything += "{{ choose_all('form') }}{{ chosen('form') }}{{ copy('#main') }}"
    await stage.open(html(everything))
    assert (await stage.page.inner_text("main")).strip() == ""
