"""What every page does: count letters, set the focus, announce the end of the session."""

from playwright.async_api import expect

from tests.web.scripts.stage import NOON, ORIGIN, Reply, Stage, html

ENDS = 'data-text-ends="You will be signed out at {time}." data-text-stay="Stay" data-text-ended="You were signed out."'


AREA = '<textarea id="f-a" name="a" data-most="10" data-text-left="Left: {n}" data-text-over="Over: {n}"></textarea>'


async def test_remaining_letters_are_counted(stage: Stage) -> None:
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


async def test_error_has_the_focus(stage: Stage) -> None:
    await stage.open(html('<div class="sum" tabindex="-1">Wrong</div><input name="a">'))
    await expect(stage.page.locator(".sum")).to_be_focused()


async def test_note_has_the_focus_unless_the_address_has_an_anchor(stage: Stage) -> None:
    content = '<div class="note" tabindex="-1">It was sent</div><p id="place">Here</p>'
    await stage.open(html(content))
    await expect(stage.page.locator(".note")).to_be_focused()
    await stage.open(html(content), "/other")
    await stage.page.goto(f"{ORIGIN}/page#place")
    await expect(stage.page.locator(".note")).not_to_be_focused()


def session(seconds: int, clock: int = NOON) -> str:
    """Attributes of a page whose session ends after so many seconds."""
    return f'data-idle-until="{clock + seconds}" data-now="{clock}" {ENDS}'


async def test_session_end_is_announced_and_can_be_delayed(stage: Stage) -> None:
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


async def test_active_user_stays_signed_in_without_a_message(stage: Stage) -> None:
    await stage.stop_the_clock(NOON)
    await stage.open(html('<form method="post"><input name="a"></form>', body=session(900)))
    await stage.page.clock.run_for(770_000)
    await stage.page.fill("[name=a]", "words")
    stage.play("/page", html("", body=session(900, NOON + 785)))
    await stage.page.clock.run_for(15_000)
    await stage.requests("/page", 2)
    await expect(stage.page.locator(".ending")).to_be_hidden()
    await expect(stage.page.locator("[name=a]")).to_have_value("words")


async def test_page_without_form_leaves_when_the_session_ends(stage: Stage) -> None:
    await stage.stop_the_clock(NOON)
    await stage.open(html("<p>What only I may read</p>", body=session(900)))
    stage.play("/page", html("<p>Sign in</p>"))
    await stage.page.clock.run_for(905_000)
    await expect(stage.page.get_by_text("Sign in")).to_be_visible()


async def test_form_survives_the_end_of_the_session(stage: Stage) -> None:
    await stage.stop_the_clock(NOON)
    await stage.open(html('<form method="post"><input name="a"></form>', body=session(60)))
    await stage.page.fill("[name=a]", "typed long ago")
    stage.play("/page", Reply(status=0))
    await stage.page.clock.run_for(65_000)
    await expect(stage.page.locator(".ending")).to_have_text("You were signed out.")
    await expect(stage.page.locator("[name=a]")).to_have_value("typed long ago")
