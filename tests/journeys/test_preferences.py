"""Preferences are respected: portal only, quiet hours, daily digest, unsubscribe links."""

from datetime import timedelta
from typing import Any

from services.notifier.models.preferences import Group
from services.notifier.writing.composing import stop_token
from shared.clock import PAKISTAN, utc_now
from shared.seal import KeyRing
from tests.journeys.test_duplicates import a_lamp, routed, somewhere
from tests.web.visitor import Visitor
from tools.portal import Citizen, Portal, until

PREFERENCES = "/api/v1/notifications/preferences"
WORDS = "The street lamp by the school gate is dark"


async def chose(portal: Portal, citizen: Citizen, **chosen: Any) -> None:
    """Set preferences; the rest are defaults."""
    answer = await portal.expect(200, "PUT", PREFERENCES, token=citizen.token, json=chosen)
    assert {name: answer[name] for name in chosen} == chosen
    assert await portal.expect(200, "GET", PREFERENCES, token=citizen.token) == answer


async def told(portal: Portal, citizen: Citizen, template: str) -> dict[str, Any]:
    """Wait for the message of a template on the page."""

    async def look() -> dict[str, Any] | None:
        page = await portal.expect(200, "GET", "/api/v1/notifications", token=citizen.token)
        return next((one for one in page["notifications"] if one["template"] == template), None)

    return await until(look, f"the message {template}")


async def got(portal: Portal, citizen: Citizen) -> list[str]:
    """The templates of delivered messages."""
    return [message["template"] for message in await portal.messages(citizen.mobile)]


async def test_steps_stay_on_the_page_but_questions_are_still_sent(portal: Portal) -> None:
    citizen = await portal.register()
    number, department = await routed(portal, citizen, a_lamp(WORDS, at=somewhere()))
    channels = {"decisions": "sms", "progress": "none", "following": "sms"}
    await chose(portal, citizen, channels=channels)
    officer = await portal.officer(department)
    assert (await portal.act(officer, number, "accept")).status == 200
    accepted = await told(portal, citizen, "request.accepted")
    assert (accepted["state"], accepted["included_in"]) == ("cancelled", None)
    assert number in accepted["words"]
    assert (await portal.act(officer, number, "ask", question="Which lamp is it?")).status == 200
    await portal.hears(citizen.mobile, number, "Which lamp is it?")
    assert "request.accepted" not in await got(portal, citizen)


async def test_quiet_hours_delay_steps_but_not_questions(portal: Portal) -> None:
    citizen = await portal.register()
    number, department = await routed(portal, citizen, a_lamp(WORDS, at=somewhere()))
    here, hour = utc_now().astimezone(PAKISTAN), timedelta(hours=1)
    await chose(portal, citizen, quiet_hours={"start": f"{here - hour:%H:%M}", "end": f"{here + hour:%H:%M}"})
    officer = await portal.officer(department)
    assert (await portal.act(officer, number, "accept")).status == 200
    assert (await told(portal, citizen, "request.accepted"))["state"] == "created"
    assert (await portal.act(officer, number, "ask", question="Which lamp is it?")).status == 200
    await portal.hears(citizen.mobile, number, "Which lamp is it?")
    assert (await told(portal, citizen, "request.accepted"))["state"] == "created"
    assert "request.accepted" not in await got(portal, citizen)


async def test_a_follower_with_a_digest_gets_no_single_messages(portal: Portal) -> None:
    citizen, follower = await portal.register(), await portal.register()
    number, department = await routed(portal, citizen, a_lamp(WORDS, at=somewhere()))
    later = utc_now().astimezone(PAKISTAN) + timedelta(hours=2)
    await chose(portal, follower, digest_at=f"{later:%H:%M}")
    await portal.expect(200, "PUT", f"/api/v1/requests/{number}/follow", token=follower.token)
    await portal.hears(follower.mobile, "follow", number)
    assert (await portal.act(await portal.officer(department), number, "accept")).status == 200
    step = await told(portal, follower, "followed.step")
    assert (step["state"], step["included_in"].partition("/")[0]) == ("cancelled", "digest")
    assert "followed.step" not in await got(portal, follower)


async def test_one_click_stops_emails_without_login_and_another_resumes_them(
    portal: Portal, environment: dict[str, str]
) -> None:
    citizen, somebody = await portal.register(), Visitor(portal)
    keys = KeyRing.from_base64(environment["data_key"], environment["index_key"])
    page = f"/messages/stop/{stop_token(citizen.id, Group.FOLLOWING, keys)}"

    async def channel() -> str:
        chosen = await portal.expect(200, "GET", PREFERENCES, token=citizen.token)
        return str(chosen["channels"]["following"])

    assert "Stop these emails?" in (await somebody.open(page)).text
    assert await channel() == "sms", "opening a link changes nothing"
    clicked = await somebody.ask("POST", page, {"List-Unsubscribe": "One-Click"})
    assert clicked.status == 200, "a mailbox provider follows no redirect"
    assert await channel() == "none"
    assert "Send me these emails again" in (await somebody.open(page)).text
    assert (await somebody.ask("POST", page, {"do": "start"})).status == 200
    assert await channel() == "email"
    assert (await somebody.ask("POST", page[:-1] + ("0" if page[-1] != "0" else "1"))).status == 404


async def test_the_form_keeps_choices_and_reports_mistakes(portal: Portal) -> None:
    citizen = await portal.register()
    visitor = await Visitor(portal).enter_as_citizen(citizen)
    settings = "/my/messages/settings"
    typed = {"channels__decisions": "email", "channels__progress": "none", "channels__following": "sms"}
    wrong = await visitor.send(settings, **typed, quiet_hours__start="22:00", quiet_hours__end="", digest_at="")
    assert wrong.status == 422
    assert "Choose both times" in wrong.text
    wrong = await visitor.send(settings, **typed, quiet_hours__start="22:00", quiet_hours__end="22:00", digest_at="")
    assert (wrong.status, "Choose two different times" in wrong.text) == (422, True)
    saved = await visitor.send(
        settings, **typed, quiet_hours__start="22:00", quiet_hours__end="07:00", digest_at="18:00"
    )
    assert "From now on we write to you like this" in (await visitor.follow(saved)).text
    assert await portal.expect(200, "GET", PREFERENCES, token=citizen.token) == {
        "channels": {"decisions": "email", "progress": "none", "following": "sms"},
        "quiet_hours": {"start": "22:00", "end": "07:00"},
        "digest_at": "18:00",
    }
