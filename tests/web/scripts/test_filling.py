"""Help while filling in a form: location, autosave, showing the password."""

from playwright.async_api import expect

from tests.web.scripts.stage import NOON, ORIGIN, Reply, Stage, html

PLACE = """<form method="post"><input type="hidden" name="place.latitude" value=""><input type="hidden"
name="place.longitude" value="">{{ place() }}</form>"""


async def test_location_can_be_added_and_removed(stage: Stage) -> None:
    await stage.page.context.grant_permissions(["geolocation"], origin=ORIGIN)
    await stage.page.context.set_geolocation({"latitude": 34.0151234, "longitude": 71.5249999, "accuracy": 12.4})
    await stage.open(html(PLACE, "place.js"))
    await stage.page.get_by_role("button", name="Use my location").click()
    await expect(stage.page.get_by_role("status")).to_contain_text("to about 12 metres")
    latitude = stage.page.locator("[name='place.latitude']")
    await expect(latitude).to_have_value("34.015123")
    await expect(stage.page.locator("[name='place.longitude']")).to_have_value("71.525000")
    await stage.page.get_by_role("button", name="Do not send my location").click()
    await expect(latitude).to_have_value("")
    await expect(stage.page.get_by_role("status")).to_have_text("Your location is not sent.")
    await expect(stage.page.get_by_role("button", name="Use my location")).to_be_focused()


async def test_refused_location_shows_a_message(stage: Stage) -> None:
    await stage.page.context.grant_permissions([], origin=ORIGIN)
    await stage.open(html(PLACE, "place.js"))
    await stage.page.get_by_role("button", name="Use my location").click()
    await expect(stage.page.get_by_role("status")).to_contain_text("Describe the place in words instead.")


async def test_known_location_is_shown(stage: Stage) -> None:
    await stage.open(html(PLACE.replace('value=""', 'value="34.5"'), "place.js"))
    await expect(stage.page.get_by_role("status")).to_have_text("Your location is sent with your request.")
    await expect(stage.page.get_by_role("button", name="Do not send my location")).to_be_visible()


async def test_no_location_button_without_browser_support(stage: Stage) -> None:
    await stage.open(html(PLACE, "place.js"), origin="http://portal.test")
    await expect(stage.page.locator("[data-place]")).to_be_empty()


DRAFT = """<form method="post" action="/go"><input type="hidden" name="_token" value="t"><input name="words">
<input type="file" name="file">{{ draft("/save") }}<button>Send</button></form>"""


async def test_draft_is_saved_after_a_pause_and_not_too_often(stage: Stage) -> None:
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


async def test_draft_is_saved_on_leaving(stage: Stage) -> None:
    stage.play("/save", Reply(status=204), method="POST")
    await stage.stop_the_clock(NOON)
    await stage.open(html(DRAFT, "draft.js"))
    await stage.page.fill("[name=words]", "one")
    await stage.hide(True)
    (saved,) = await stage.requests("/save", 1, "POST")
    assert saved.post_data == "_token=t&words=one"


async def test_failed_autosave_shows_no_error(stage: Stage) -> None:
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


async def test_key_is_copied(stage: Stage) -> None:
    await stage.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=ORIGIN)
    await stage.open(html('<code id="key"> K3Y-W0RD </code>{{ copy("#key") }}', "copy.js"))
    await stage.page.get_by_role("button", name="Copy").click()
    await expect(stage.page.get_by_role("status")).to_have_text("Copied")
    assert await stage.page.evaluate("navigator.clipboard.readText()") == "K3Y-W0RD"


async def test_password_can_be_shown_and_is_sent_hidden(stage: Stage) -> None:
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
