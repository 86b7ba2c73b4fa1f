"""Password reset, and the end of sessions."""

import asyncio
import re
import time

from tools.portal import Citizen, Portal, until

NEW = "lanterns on the long canal"


async def reset(portal: Portal, citizen: Citizen, password: str) -> None:
    """Reset the password to another one."""
    pair = {"cnic": citizen.cnic, "mobile": citizen.mobile}
    pending = await portal.expect(202, "POST", "/api/v1/password-resets", json=pair)
    path = f"/api/v1/password-resets/{pending['challenge']}"

    async def code() -> str | None:
        for message in await portal.messages(citizen.mobile):
            if found := re.search(r"\b([0-9]{6})\b.*(?:reset your password)", message["words"]):
                return found[1]
        return None

    given = await portal.expect(200, "POST", f"{path}/otp", json={"code": await until(code, "the code of the reset")})
    await portal.expect(204, "POST", f"{path}/password", json={"token": given["token"], "password": password})
    citizen.password = password


async def refused_everywhere(portal: Portal, token: str) -> float:
    """Seconds until an old access token is refused by identity, requests, notifier and the gateway's streams."""
    began = time.monotonic()
    paths = ("/api/v1/me/sessions", "/api/v1/requests", "/api/v1/notifications", "/api/v1/events")

    async def all_refused() -> bool | None:
        answers = [await portal.ask("GET", path, token=token) for path in paths[:3]]
        return True if {answer.status for answer in answers} == {401} else None

    await until(all_refused, "the old token to be refused")
    assert (await portal.ask("GET", paths[3], token=token)).status == 401
    return time.monotonic() - began


async def test_a_changed_password_ends_the_other_sessions_within_seconds(portal: Portal) -> None:
    citizen = await portal.register()
    there = citizen.token
    await portal.login(citizen)
    body = {"current": citizen.password, "password": NEW}
    await portal.expect(204, "PUT", "/api/v1/me/password", token=citizen.token, json=body)
    assert await refused_everywhere(portal, there) < 5
    assert (await portal.ask("GET", "/api/v1/requests", token=citizen.token)).status == 200


async def test_a_logged_out_token_is_refused_everywhere_within_five_seconds(portal: Portal) -> None:
    citizen = await portal.register()
    for path in ("/api/v1/requests", "/api/v1/notifications"):
        await portal.expect(200, "GET", path, token=citizen.token)
    await portal.expect(204, "DELETE", "/api/v1/sessions/current", token=citizen.token)
    assert await refused_everywhere(portal, citizen.token) < 5


async def test_another_session_can_be_listed_and_ended(portal: Portal) -> None:
    citizen = await portal.register()
    there = citizen.token
    await portal.login(citizen)
    sessions = (await portal.expect(200, "GET", "/api/v1/me/sessions", token=citizen.token))["sessions"]
    assert [session["current"] for session in sessions] == [True, False]
    await portal.expect(204, "DELETE", f"/api/v1/me/sessions/{sessions[1]['id']}", token=citizen.token)
    assert await refused_everywhere(portal, there) < 5


async def test_two_tabs_can_refresh_at_once_but_another_program_cannot(portal: Portal) -> None:
    citizen = await portal.register()
    device = {"User-Agent": "Mozilla/5.0 (Linux; Android 13; SM-A135F) AppleWebKit/537.36 Chrome/126.0 Mobile"}
    login = {"login": citizen.cnic, "password": citizen.password, "device": citizen.device}
    session = await portal.expect(200, "POST", "/api/v1/sessions", json=login, headers=device)

    refresh, spent = "/api/v1/sessions/refresh", {"refresh_token": session["refresh_token"]}
    tabs = await asyncio.gather(*(portal.expect(200, "POST", refresh, json=spent, headers=device) for _ in range(2)))
    assert tabs[0]["refresh_token"] == tabs[1]["refresh_token"]
    for tab in tabs:
        await portal.expect(200, "GET", "/api/v1/requests", token=tab["access_token"])

    await portal.expect(401, "POST", refresh, json=spent, headers={"User-Agent": "curl/8.5.0"})
    assert await refused_everywhere(portal, tabs[0]["access_token"]) < 5


async def test_an_officers_ended_session_is_refused_at_routing_too(portal: Portal) -> None:
    officer = await portal.staff("officer", "power")
    await portal.expect(200, "GET", "/api/v1/assignments", token=officer)
    await portal.expect(204, "DELETE", "/api/v1/sessions/current", token=officer)
    portal.forget(officer)

    async def refused() -> bool | None:
        return True if (await portal.ask("GET", "/api/v1/assignments", token=officer)).status == 401 else None

    began = time.monotonic()
    await until(refused, "the officer's token to be refused")
    assert time.monotonic() - began < 5
