"""With an SMS gateway: one SMS for a filing, and answers to status requests in both languages."""

from typing import Any
from urllib.parse import urlencode

from tests.journeys.providers.by_phone import ByPhone
from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Citizen, until


async def hears(portal: ByPhone, citizen: Citizen, number: str, words: str) -> str:
    """Wait for an SMS with these words about a request."""

    async def look() -> str | None:
        return next((text for text in await portal.words_sent(citizen, number) if words in text), None)

    return await until(look, f"an SMS with {words}")


async def accepted_told(portal: ByPhone, citizen: Citizen, number: str) -> None:
    """Wait until the citizen was told that the department has accepted."""

    async def look() -> bool | None:
        page = await portal.expect(200, "GET", "/api/v1/notifications", token=citizen.token)
        about = {one["template"] for one in page["notifications"] if one["request"] == number}
        return True if "request.accepted" in about else None

    await until(look, "the message of the department")


async def test_filing_sends_one_sms_and_status_is_answered_in_both_languages(portal: ByPhone) -> None:
    citizen, stranger, first = [await portal.register() for _ in range(3)]
    await at_department(portal, first, LAMP)  # a suite that has just started may be too slow for one SMS
    number, _, officer = await at_department(portal, citizen, LAMP)
    await hears(portal, citizen, number, "We have your complaint")
    assert (await portal.act(officer, number, "accept")).status == 200
    await accepted_told(portal, citizen, number)

    assert await portal.asks(citizen.mobile, f"status {number.replace('-', '').lower()}", id="SM-asked-1") == 200
    assert await portal.asks(citizen.mobile, f"status {number.replace('-', '').lower()}", id="SM-asked-1") == 200
    english = await hears(portal, citizen, number, "the department is working on it, since")
    assert "due by" in english
    assert await portal.asks(citizen.mobile, f"حالت {number}") == 200
    await hears(portal, citizen, number, "محکمہ اس پر کام کر رہا ہے")
    assert await portal.asks(stranger.mobile, f"STATUS {number}") == 200

    async def helped() -> dict[str, Any] | None:
        taken = await portal.gateway.messages(stranger.mobile)
        return next((one for one in taken if "For fewer SMS send STOP" in one["words"]), None)

    await until(helped, "help for the stranger")
    assert await portal.words_sent(stranger, number) == []
    told = await portal.words_sent(citizen, number)
    assert len([text for text in told if text.startswith("We have your complaint")]) == 1
    assert not [text for text in told if text.startswith("Your complaint")]
    assert len([text for text in told if text == english]) == 1


async def test_an_unsigned_sms_is_refused(portal: ByPhone) -> None:
    form = urlencode({"From": "+923001112222", "Body": "STOP", "MessageSid": "SM-forged"}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await portal.ask("POST", "/api/v1/callbacks/sms/messages", data=form, headers=headers)
    assert answer.status == 403


async def test_after_stop_progress_appears_on_the_page_only_until_start(portal: ByPhone) -> None:
    citizen = await portal.register()
    assert await portal.asks(citizen.mobile, "STOP") == 200

    async def progress(channel: str) -> bool | None:
        path = "/api/v1/notifications/preferences"
        chosen = await portal.expect(200, "GET", path, token=citizen.token)
        return True if chosen["channels"]["progress"] == channel else None

    await until(lambda: progress("none"), "progress to stay on the page")
    assert await portal.asks(citizen.mobile, "شروع") == 200
    await until(lambda: progress("sms"), "progress to come by SMS again")


async def test_messages_are_unread_until_marked_as_read(portal: ByPhone) -> None:
    citizen = await portal.register()
    number, _, _ = await at_department(portal, citizen, LAMP)
    await hears(portal, citizen, number, "We have your complaint")
    path = "/api/v1/notifications"
    before = await portal.expect(200, "GET", path, token=citizen.token)
    about = [one for one in before["notifications"] if one["request"] == number]
    assert [(one["template"], one["read"], one["failed"]) for one in about] == [("request.routed.filed", False, None)]
    other = await portal.register()
    await portal.expect(200, "POST", f"{path}/read", token=other.token, json={"ids": [about[0]["id"]]})
    assert (await portal.expect(200, "GET", path, token=citizen.token))["unread"] == before["unread"]
    left = await portal.expect(200, "POST", f"{path}/read", token=citizen.token, json={"up_to": about[0]["id"]})
    assert left["unread"] < before["unread"]
    refused = await portal.ask("POST", f"{path}/read", token=citizen.token, json={})
    assert refused.status == 422
