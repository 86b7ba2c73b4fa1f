"""Erasure: no database keeps personal data, and the record of government's actions stays."""

import re
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from deploy.local.keys import load_keys
from deploy.local.servers import Servers
from shared.seal import KeyRing
from tests.journeys.test_main_job import LAMP
from tests.personal_data import found, stored_documents
from tools.portal import Citizen, Portal, until


@pytest.fixture(scope="session")
def keys(home: Path) -> KeyRing:
    """The keys of the suite."""
    kept = load_keys(home)
    return KeyRing.from_base64(kept.data_key, kept.index_key)


async def closed_request(portal: Portal, citizen: Citizen, word: str) -> str:
    """A confirmed request with texts of both sides."""
    filing = {**LAMP, "place": {"district": "kohat", "address": f"The house of {word}"}}
    number: str = (await portal.file(citizen, filing))["number"]
    request = await portal.reaches(citizen, number, "routed")
    officer = await portal.officer(request["department"])
    await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=officer)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "progress", note=f"We spoke to {word}.")
    await portal.act(officer, number, "resolve", outcome="granted", reply=f"Done, as {word} wished.")
    await portal.reaches(citizen, number, "resolved")
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/confirm", token=citizen.token, json={"rating": 4})
    await portal.reaches(citizen, number, "closed")
    return number


async def erased(portal: Portal, citizen: Citizen) -> None:
    """Erase the account."""
    body = {"password": citizen.password}
    assert (await portal.expect(202, "POST", "/api/v1/me/erasure", token=citizen.token, json=body)) == {"erased": True}


async def nothing_left(servers: Servers, secret: list[str], keys: KeyRing, older: Collection[bytes]) -> None:
    """Wait until none of these values is stored, in the clear or sealed."""
    seen: list[str] = []

    async def look() -> bool | None:
        seen[:] = found(servers.mongo_url, secret, keys, older)
        return None if seen else True

    try:
        await until(look, "nothing to be left")
    except AssertionError:
        raise AssertionError("\n".join(seen)) from None


async def test_after_an_erasure_no_database_contains_personal_data(
    portal: Portal, servers: Servers, keys: KeyRing
) -> None:
    older = {stored for _, stored in stored_documents(servers.mongo_url)}
    word = f"Zarmina{secrets.token_hex(4)}"
    citizen = await portal.register()
    closed = await closed_request(portal, citizen, word)
    answers: dict[str, Any] = {**LAMP["answers"], "description": f"It is dark at {word}'s door."}  # type: ignore[dict-item]
    filing = {**LAMP, "answers": answers}
    open_one = (await portal.file(citizen, filing))["number"]
    await portal.reaches(citizen, open_one, "routed")
    digits = re.sub(r"\D", "", citizen.cnic)
    personal = [word, citizen.mobile, citizen.cnic, digits]
    assert len(found(servers.mongo_url, personal, keys, older)) > 5
    assert not found(servers.mongo_url, personal)

    await erased(portal, citizen)
    login = {"login": citizen.cnic, "password": citizen.password}
    assert (await portal.ask("POST", "/api/v1/sessions", json=login)).status == 401
    refresh = {"refresh_token": citizen.refresh}
    assert (await portal.ask("POST", "/api/v1/sessions/refresh", json=refresh)).status == 401
    assert (await portal.ask("GET", "/api/v1/me", token=citizen.token)).status in (401, 404)

    async def untracked() -> bool | None:
        return (await portal.ask("GET", f"/api/v1/track/{closed}?mobile={citizen.last_four}")).status == 404 or None

    await until(untracked, "the request to be nobody's")  # looking through all databases is dear
    await nothing_left(servers, personal, keys, older)
    await nothing_left_of_id(servers, citizen.id)


async def nothing_left_of_id(servers: Servers, citizen_id: str) -> None:
    """Wait until only the emptied account contains the citizen's id.

    Ended sessions keep it until they expire, within 12 hours.
    """
    seen: list[Any] = []

    async def look() -> bool | None:
        seen[:] = [name for name, stored in stored_documents(servers.mongo_url) if citizen_id.encode() in stored]
        seen[:] = [name for name in seen if f"/{citizen_id}" not in name and ".sessions/" not in name]
        return None if seen else True

    try:
        await until(look, "no link to be left")
    except AssertionError:
        raise AssertionError("\n".join(seen)) from None


async def test_the_record_of_governments_actions_stays(portal: Portal, servers: Servers) -> None:
    citizen = await portal.register()
    number = await closed_request(portal, citizen, "Amina")
    request = await portal.request(citizen, number)
    officer = await portal.officer(request["department"])
    before = (await portal.expect(200, "GET", f"/api/v1/assignments/{number}", token=officer))["history"]
    await erased(portal, citizen)

    after = await portal.once(
        f"/api/v1/requests/{number}", lambda seen: seen["history"][-1]["action"] == "anonymise", token=officer
    )
    assert after["state"] == "closed"
    assert after["outcome"] == "granted"
    assert after["place"]["district"] == "kohat"
    assert after["place"]["address"] is None
    assert after["answers"] == {}
    steps = [(e["action"], e["at"]) for e in request["history"]]
    assert [(e["action"], e["at"]) for e in after["history"]][: len(steps)] == steps
    assert not any("words" in entry for entry in after["history"])

    async def assignment() -> Any:
        seen = await portal.expect(200, "GET", f"/api/v1/assignments/{number}", token=officer)
        return seen["history"] if not any("words" in entry for entry in seen["history"]) else None

    history = await until(assignment, "the assignment without words")
    assert [(e["action"], e["by"], e["at"]) for e in history] == [(e["action"], e["by"], e["at"]) for e in before]


async def test_an_erasure_needs_the_password_and_allows_a_new_account(portal: Portal) -> None:
    citizen = await portal.register()
    answer = await portal.ask(
        "POST",
        "/api/v1/me/erasure",
        token=citizen.token,
        json={"password": "not it"},
        headers={"Accept-Language": "ur"},
    )
    assert (answer.status, answer.body["type"]) == (422, "/problems/password-wrong")
    assert (await portal.ask("POST", "/api/v1/me/erasure", token=citizen.token, json={})).status == 422
    assert (await portal.ask("POST", "/api/v1/me/erasure", json={"password": "x"})).status == 401
    officer = await portal.officer("power")
    assert (await portal.ask("POST", "/api/v1/me/erasure", token=officer, json={"password": "x"})).status == 403
    assert (await portal.expect(200, "GET", "/api/v1/me", token=citizen.token))["verified"]
    await erased(portal, citizen)
    first = citizen.id
    before = await portal.last_message_at(citizen.mobile)  # the first account's messages may still be there
    registration = await portal.open_account(citizen)
    code = {"code": await portal.next_code(citizen.mobile, before)}
    proven = await portal.expect(200, "POST", f"/api/v1/registrations/{registration}/otp", json=code)
    citizen.device = proven["device"]
    await portal.login(citizen)
    assert citizen.id != first
