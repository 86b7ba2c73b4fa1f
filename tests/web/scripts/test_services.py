"""A list of services that is filtered while typing."""

import pytest
from playwright.async_api import expect

from tests.web.scripts.stage import Reply, Stage, html

SERVICES = """<form method="get" {{ filter_attributes("#list") }}><input type="search" name="q"></form>
<div id="list"><section><h2>Power</h2><ul>
<li data-words="Power cut بجلی کی بندش bijli nahi load shedding"><a href="/services/power">Power cut</a></li>
<li data-words="Street light not working سٹریٹ لائٹ خراب ہے batti"><a href="/services/light">Street light</a></li>
</ul></section><section><h2>Water</h2><ul>
<li data-words="No water پانی نہیں آ رہا pani"><a href="/services/water">No water</a></li></ul></section></div>"""


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("STREET", ["Street light"]),
        ("bijlee", ["Power cut"]),
        ("پاني", ["No water"]),
        ("light khraab", ["Street light"]),
        ("لائٹ", ["Street light"]),
        ("", ["Power cut", "Street light", "No water"]),
    ],
)
async def test_services_are_filtered_while_typing(stage: Stage, typed: str, left: list[str]) -> None:
    await stage.open(html(SERVICES, "services.js"))
    await stage.page.fill("[name=q]", "water")
    await stage.page.fill("[name=q]", typed)
    await expect(stage.page.locator("li:visible")).to_have_text(left)
    assert await stage.page.locator("h2:visible").count() == len({"No water" in one for one in left})


async def test_words_outside_the_list_are_searched_on_the_server(stage: Stage) -> None:
    await stage.open(html(SERVICES, "services.js"))
    stage.play("/page", html('<ul id="list"><li><a href="/services/light">Street light</a></li></ul>'))
    await stage.page.fill("[name=q]", "andhera")
    await expect(stage.page.locator("li:visible")).to_have_text(["Street light"])
    assert stage.of("/page")[-1].url.endswith("/page?q=andhera")


async def test_list_stays_without_a_connection(stage: Stage) -> None:
    await stage.open(html(SERVICES, "services.js"))
    stage.play("/page", Reply(status=0))
    await stage.page.fill("[name=q]", "andhera")
    await stage.ended(1)
    assert await stage.page.locator("li:visible").count() == 3


async def test_number_of_matches_is_announced(stage: Stage) -> None:
    await stage.open(html(SERVICES, "services.js"))
    stage.play("/page", html("<p>Nothing was found</p>"))
    await stage.page.fill("[name=q]", "light")
    await expect(stage.page.get_by_role("status")).to_have_text("Services found: 1")
    await stage.page.fill("[name=q]", "passport")
    await expect(stage.page.get_by_role("status")).to_contain_text("Press the button")
    assert await stage.page.locator("li:visible").count() == 0


async def test_list_filtered_by_the_server_is_unchanged(stage: Stage) -> None:
    await stage.open(html(SERVICES.replace('name="q"', 'name="q" value="light"'), "services.js"))
    await stage.page.fill("[name=q]", "water")
    assert await stage.page.locator("li:visible").count() == 3
