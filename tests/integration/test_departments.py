"""Administration of departments on a running suite: creating, changing, listing with queues, new credentials."""

import asyncio
import secrets
from typing import Any
from urllib.parse import quote, urlsplit

import aio_pika
import aiohttp
import pytest
from aio_pika.exceptions import AMQPError

from deploy.local.servers import Servers
from tools.portal import PATIENCE, Portal, until

PATH = "/api/v1/admin/departments"
URDU = {"Accept-Language": "ur"}


def an_entry(**changes: Any) -> dict[str, Any]:
    """A new department."""
    words = {"en": "Parks", "ur": "محکمہ باغات"}
    code = f"parks-{secrets.token_hex(3)}"
    return {"code": code, "name": words, "head": words, "appellate_authority": words, **changes}


async def made(portal: Portal, **changes: Any) -> dict[str, str]:
    """The credentials of a new department."""
    token = await portal.admin_token()
    credentials: dict[str, str] = await portal.expect(201, "POST", PATH, token=token, json=an_entry(**changes))
    return credentials


async def connected(servers: Servers, credentials: dict[str, str]) -> aio_pika.abc.AbstractConnection:
    """A connection of a department's software that does not reconnect."""
    broker = urlsplit(servers.amqp_url)
    login = f"{quote(credentials['user'])}:{quote(credentials['password'])}"
    return await aio_pika.connect(broker._replace(netloc=f"{login}@{broker.netloc.rpartition('@')[2]}").geturl())


async def taken(_: aio_pika.abc.AbstractIncomingMessage) -> None:
    """Ignore messages."""


async def granted(portal: Portal, credentials: dict[str, str]) -> int:
    """The status of a request for a token with these credentials."""
    return (await asked(portal, credentials))[0]


async def a_token(portal: Portal, credentials: dict[str, str]) -> str:
    """A token for these credentials."""
    return str((await asked(portal, credentials))[1]["access_token"])


async def asked(portal: Portal, credentials: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and body of the response to these credentials."""
    form = {"grant_type": "client_credentials"}
    form |= {"client_id": credentials["user"], "client_secret": credentials["password"]}
    async with aiohttp.ClientSession(portal.url) as http, http.post("/api/v1/oauth/token", data=form) as answer:
        return answer.status, await answer.json()


async def test_old_credentials_end_with_their_connections_when_new_ones_are_given(
    portal: Portal, servers: Servers
) -> None:
    old = await made(portal)
    closed, leaked = asyncio.Event(), await connected(servers, old)
    leaked.close_callbacks.add(lambda *_: closed.set())
    await (await leaked.channel()).get_queue(old["queue"])

    path = f"{PATH}/{old['department']}/credentials"
    answer = await portal.ask("POST", path, token=await portal.admin_token())
    assert (answer.status, answer.headers["cache-control"]) == (201, "no-store")
    new = answer.body
    assert new == {**old, "password": new["password"]}  # the same user, and no old password that is good
    assert new["password"] != old["password"]

    async with asyncio.timeout(PATIENCE):
        await closed.wait()
    with pytest.raises(AMQPError):
        await connected(servers, old)
    async with await connected(servers, new) as connection:
        await (await connection.channel()).get_queue(new["queue"])

    async def exchanged() -> bool | None:
        return (await granted(portal, old), await granted(portal, new)) == (401, 200) or None

    await until(exchanged, "identity to hear of the new secret")


async def test_two_passwords_are_good_until_the_new_one_is_in_use(portal: Portal, servers: Servers) -> None:
    old = await made(portal)
    closed, software = asyncio.Event(), await connected(servers, old)
    software.close_callbacks.add(lambda *_: closed.set())
    path, admin = f"{PATH}/{old['department']}/credentials", await portal.admin_token()
    new = await portal.expect(201, "POST", path, token=admin, json={"keep_old_hours": 24})
    assert (new["user"], new["queue"], bool(new["old_until"])) == (f"{old['user']}.2", old["queue"], True)
    async with await connected(servers, new) as connection:
        await (await connection.channel()).get_queue(new["queue"])

    async def both() -> str | None:
        statuses = (await granted(portal, old), await granted(portal, new))
        return await a_token(portal, old) if statuses == (200, 200) else None

    leaked = await until(both, "identity to hear of the new secret")
    assert not closed.is_set()
    last = await portal.expect(201, "POST", path, token=admin)
    assert (last["user"], last["old_until"]) == (new["user"], None)
    async with asyncio.timeout(PATIENCE):
        await closed.wait()

    async def refused() -> bool | None:
        return (await portal.ask("GET", "/api/v1/assignments", token=leaked)).status == 401 or None

    await until(refused, "a token of the old password to be refused")
    for hours in (0, 169, 1.5, "24"):
        answer = await portal.ask("POST", path, token=admin, json={"keep_old_hours": hours})
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/keep_old_hours")


async def test_the_list_says_how_each_queue_stands(portal: Portal, servers: Servers) -> None:
    credentials = await made(portal)
    token, code = await portal.admin_token(), credentials["department"]

    async def stands(messages: int, consumers: int) -> bool | None:
        listed = (await portal.expect(200, "GET", PATH, token=token))["departments"]
        assert [one["code"] for one in listed] == sorted(one["code"] for one in listed)
        found = {one["code"]: one for one in listed}[code]
        assert (found["districts"], found["appeals_to"], found["user"]) == ([], None, credentials["user"])
        assert found["password_at"]
        wanted = {"user": True, "queue": True, "messages": messages, "consumers": consumers}
        return found["broker"] == wanted or None

    await until(lambda: stands(0, 0), "the queue to be counted")
    async with await connected(servers, credentials) as connection:
        queue = await (await connection.channel()).get_queue(credentials["queue"])
        await queue.consume(taken)
        await until(lambda: stands(0, 1), "the consumer to be counted")
    one = await portal.expect(200, "GET", f"{PATH}/{code}", token=token)
    assert one["code"] == code


async def test_it_is_changed_field_by_field_and_everybody_reads_it(portal: Portal) -> None:
    admin = await portal.admin_token()
    code = (await made(portal, districts=["swat"], appeals_to="works"))["department"]  # districts are ignored
    head = {"en": "Director Gardens", "ur": "ڈائریکٹر باغات"}
    changed = await portal.expect(200, "PATCH", f"{PATH}/{code}", token=admin, json={"head": head})
    assert (changed["head"], changed["districts"], changed["appeals_to"]) == (head, [], "works")
    changed = await portal.expect(200, "PATCH", f"{PATH}/{code}", token=admin, json={"appeals_to": None})
    assert changed["appeals_to"] is None

    async def read() -> bool | None:
        listed = (await portal.expect(200, "GET", "/api/v1/departments", headers=URDU))["departments"]
        return {one["code"]: one["head"] for one in listed}.get(code) == head["ur"] or None

    await until(read, "each process of routing to know the new head")


async def test_impossible_changes_are_refused_with_a_reason(portal: Portal) -> None:
    admin, entry = await portal.admin_token(), an_entry()
    await portal.expect(201, "POST", PATH, token=admin, json=entry)
    there = await portal.ask("POST", PATH, token=admin, json=entry, headers=URDU)
    assert (there.status, there.body["type"]) == (409, "/problems/department-there")
    assert not there.body["title"].isascii()
    for body, pointer in (
        ({}, ""),
        ({"name": None}, "/name"),
        ({"head": {"en": "Head"}}, "/head/ur"),
        ({"queue": "department.x"}, "/queue"),
        ({"appeals_to": entry["code"]}, "/appeals_to"),
    ):
        refused = await portal.ask("PATCH", f"{PATH}/{entry['code']}", token=admin, json=body)
        assert (refused.status, [error["pointer"] for error in refused.body["errors"]]) == (422, [pointer]), body
    for method, path in (("GET", "/nobody"), ("PATCH", "/nobody"), ("POST", "/nobody/credentials")):
        change: dict[str, Any] | None = {"districts": []} if method == "PATCH" else None
        answer = await portal.ask(method, f"{PATH}{path}", token=admin, json=change)
        assert answer.status == 404, path


async def test_the_audit_says_who_did_what_to_which_department(portal: Portal) -> None:
    admin, auditor = await portal.admin_token(), await portal.staff("auditor")
    code = (await made(portal))["department"]
    head = {"en": "Director Gardens", "ur": "ڈائریکٹر باغات"}
    await portal.expect(200, "PATCH", f"{PATH}/{code}", token=admin, json={"head": head})
    await portal.expect(201, "POST", f"{PATH}/{code}/credentials", token=admin)
    me = (await portal.expect(200, "GET", "/api/v1/me", token=admin))["id"]

    async def entered() -> list[Any] | None:
        entries = (await portal.expect(200, "GET", "/api/v1/admin/audit?limit=20", token=auditor))["entries"]
        ours = [one for one in reversed(entries) if one["details"].get("department") == code]
        return ours if len(ours) == 3 else None

    acts = await until(entered, "three acts to be in the audit")
    assert [act["what"] for act in acts] == ["department_made", "department_changed", "department_access_renewed"]
    assert acts[1]["details"] == {"department": code, "changed": "head"}
    assert {(act["by"], act["of"]) for act in acts} == {(me, None)}


@pytest.mark.parametrize("code", ["00", "9-parks", "ab", "a" * 41, "parks-", "Parks"])
async def test_a_code_that_no_officer_could_be_given_makes_no_department(portal: Portal, code: str) -> None:
    token = await portal.admin_token()
    refused = await portal.ask("POST", PATH, token=token, json={**an_entry(), "code": code})
    assert (refused.status, [error["pointer"] for error in refused.body["errors"]]) == (422, ["/code"])


@pytest.mark.parametrize("code", ["zoo", "p-2"])
async def test_a_code_that_is_taken_serves_an_officer_too(portal: Portal, code: str) -> None:
    token = await portal.admin_token()
    await portal.expect(201, "POST", PATH, token=token, json={**an_entry(), "code": code})
    assert await portal.officer(code)
