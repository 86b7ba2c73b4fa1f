"""Journeys of officers and heads at the worklist and with a request, in a browser."""

import secrets
from datetime import timedelta

import pytest

from deploy.local.servers import Servers
from shared.clock import PAKISTAN, utc_now
from tests.journeys.test_main_job import LAMP, at_department
from tests.time_travel import TimeTravel
from tests.web.person import DESKTOP, People
from tests.web.test_journeys import EN_WITHOUT, HOWEVER, PHOTO
from tools.portal import Portal

ROAD = {
    "service": "road-damage",
    "place": {"district": "abbottabad"},
    "answers": {
        "road": "street",
        "cause": "rain",
        "blocks_traffic": False,
        "place": "Abbottabad, Mandian",
        "description": "A deep hole in front of the college.",
    },
}


@pytest.mark.parametrize(("language", "width", "scripts"), EN_WITHOUT)
async def test_officer_gives_the_citizen_of_a_late_request_a_new_date(
    people: People, portal: Portal, servers: Servers, language: str, width: int, scripts: bool
) -> None:
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    await TimeTravel(servers).late(number, days=1)
    officer = await people.staff("officer", department, await people.somebody(language, width, scripts=scripts))
    await officer.comes_to(f"/desk/{number}", f'main a[href$="/desk/{number}/delay"]')
    await officer.follow(f"/desk/{number}/delay")
    await officer.send()
    assert "Write the new date." in await officer.text()
    day = utc_now().astimezone(PAKISTAN) + timedelta(days=10)
    await officer.fill(later="The lamp has to be ordered.", until__day=f"{day.day}", until__month=f"{day.month}")
    await officer.fill(until__year=f"{day.year}")
    await officer.send()
    assert officer.path == f"/desk/{number}"
    assert "The citizen was told the new date." in await officer.text()
    assert officer.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), EN_WITHOUT)
async def test_officer_resolves_with_the_photo_that_the_service_needs(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    number, department, api_officer = await at_department(portal, await portal.register(), ROAD)
    assert (await portal.act(api_officer, number, "accept")).status == 200
    officer = await people.staff("officer", department, await people.somebody(language, width, scripts=scripts))
    await officer.comes_to(f"/desk/{number}", f'main a[href$="/desk/{number}/resolve"]')
    await officer.follow(f"/desk/{number}/resolve")
    await officer.answer({"outcome": "granted", "reply": "The hole was filled on Tuesday."})
    await officer.send()
    assert "Choose a photo that shows what was done." in await officer.text()
    await officer.page.set_input_files("main [name=evidence]", [PHOTO])
    await officer.send()
    assert officer.path == f"/desk/{number}", await officer.text()
    assert await officer.page.locator(f'main a[href*="/desk/{number}/files/"]').count() == 1
    assert officer.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER)
async def test_officer_saves_a_list_and_reports_on_several_requests_with_a_template(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    head = await people.staff("head", "works", await people.somebody(language, width, scripts=scripts))
    name = f"Electrician {secrets.token_hex(3)}"
    await head.open("/desk/replies/new")
    await head.fill(name__en=name, name__ur=name, text__en="An electrician comes for {number}. {words}")
    await head.fill(text__ur="{number} کے لیے بجلی کا مستری آئے گا۔ {words}")
    await head.choose("actions", "progress")
    await head.send()
    assert name in await head.text()

    citizen = await portal.register()
    numbers = [(await at_department(portal, citizen, LAMP))[0] for _ in range(2)]
    officer = await people.staff("officer", "works", await people.somebody(language, width, scripts=scripts))
    assert (await portal.act(await portal.officer("works"), numbers[0], "accept")).status == 200
    list_of_two = "/desk?service=street-light-out&order=changed&rows=100"
    await officer.open(list_of_two)
    await officer.follow("/desk/views?")
    await officer.fill(name=name)
    await officer.send()
    assert officer.path == "/desk"
    assert name in await officer.page.locator("nav.views a[aria-current] span").all_inner_texts()

    for number in numbers:
        await officer.page.check(f'main [name=r][value^="{number} "]')
    await officer.page.select_option("#act", "progress")
    await officer.send('main button[formaction$="/desk/bulk"]')
    labels = await officer.page.locator("#template option").all_inner_texts()
    await officer.page.select_option("#template", index=labels.index(name))
    button = officer.page.locator("main button[name=_show]").last
    if scripts:
        await button.click()
    else:
        async with officer.page.expect_navigation():
            await button.click()
    text = officer.page.locator("main [name=note]")
    typed = await text.input_value()
    assert "{words}" in typed
    await officer.send()
    assert await officer.page.locator("main .err").count()  # the gap is still there
    await text.fill(typed.replace("{words}", "He brings the right fuse."))
    await officer.send()
    told = await officer.text()
    assert officer.path == "/desk/bulk"
    assert told.index(numbers[1]) < told.index(numbers[0])  # the one that nobody accepted comes first, with the reason
    await officer.open(f"/desk/{numbers[0]}")
    assert f"{numbers[0]}" in await officer.text()
    assert "He brings the right fuse." in await officer.text()
    assert "{number}" not in await officer.text()
    await officer.open("/desk/views")
    await officer.send(f'main form:has-text("{name}") button')
    assert name not in await officer.page.locator("main").inner_text()
    assert officer.strange + head.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER[:1])
async def test_officer_takes_a_request_notes_something_and_asks_another_department_for_a_part(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    officer = await people.staff("officer", department, await people.somebody(language, width, scripts=scripts))
    here = f"/desk/{number}"
    await officer.comes_to(here, f'main form[action$="{here}/claim"]')
    await officer.send(f'main form[action$="{here}/claim"] .btn')
    assert await officer.page.locator(f'main form[action$="{here}/release"]').count()
    await officer.follow(f"{here}/note")
    await officer.send()
    assert await officer.page.locator("main .err").count()
    words = "The neighbour at number 12 has the key."
    await officer.fill(text=words)
    await officer.send()
    assert words in await officer.text()
    await officer.follow(f"{here}/part")
    day = utc_now().astimezone(PAKISTAN) + timedelta(days=7)
    task = "Switch the line off, so that we can reach the lamp."
    await officer.page.select_option("main [name=department]", "water")
    await officer.fill(task=task, day__day=f"{day.day}", day__month=f"{day.month}", day__year=f"{day.year}")
    await officer.send()
    assert officer.path == here, await officer.text()
    assert task in await officer.text()
    other = await people.staff("officer", "water", await people.somebody(language, width, scripts=scripts))
    await other.open("/desk/parts")
    await other.follow(f"/desk/parts/{number}/")
    await other.send("main form#form .btn[value=refuse]")
    assert await other.page.locator("main .err").count()
    await other.fill(words="The line was off from nine to eleven.")
    await other.send("main form#form .btn[value=done]")
    assert other.path == "/desk/parts"
    await officer.open(here)
    assert "The line was off from nine to eleven." in await officer.text()
    await officer.follow(f"{here}/recuse")
    await officer.send()
    assert officer.path == "/desk"
    assert (await officer.open(here)).status == 404
    assert [one for one in officer.strange + other.strange if "404" not in one] == []


@pytest.mark.parametrize(("language", "width", "scripts"), EN_WITHOUT)
async def test_head_enters_an_absence_and_has_new_requests_assigned(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    head = await people.staff("head", "health", await people.somebody(language, width, scripts=scripts))
    await head.open("/desk/team/me")
    await head.send()
    assert "Write the day." in await head.text()
    day = utc_now().astimezone(PAKISTAN) + timedelta(days=3)
    await head.fill(last__day=f"{day.day}", last__month=f"{day.month}", last__year=f"{day.year}")
    await head.send()
    assert "Away until" in await head.text()
    await head.open("/desk/team/me")
    await head.send("main .note .btn")
    assert "The absence is removed." in await head.text()
    await head.send("main .btn[value=on]")
    assert "New requests are now assigned automatically." in await head.text()
    await head.send("main .btn[value=off]")
    assert head.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), [("en", DESKTOP, True)])
async def test_officer_works_through_the_list_with_the_keyboard_and_can_switch_the_keys_off(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    number = (await at_department(portal, await portal.register(), LAMP))[0]
    officer = await people.staff("officer", "works", await people.somebody(language, width, scripts=scripts))
    await officer.open("/desk?order=changed")
    keys = officer.page.keyboard
    await keys.press("j")
    await keys.press("x")
    assert await officer.page.locator("tr.at .pick input").is_checked()
    await keys.press("/")
    await keys.type("jx")
    assert await officer.page.locator("#q").input_value() == "jx"
    await officer.open("/desk?order=changed")
    await keys.press("j")
    async with officer.page.expect_navigation():
        await keys.press("o")
    await officer.open(f"/desk/{number}")
    async with officer.page.expect_navigation():
        await keys.press("a")
    assert officer.path == f"/desk/{number}"
    await keys.press("?")
    await officer.page.uncheck("[data-shortcuts] input")
    await officer.open("/desk")
    await keys.press("j")
    assert await officer.page.locator("tr.at").count() == 0
    assert officer.strange == []
