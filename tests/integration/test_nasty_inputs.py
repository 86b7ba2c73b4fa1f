"""Sends the known kinds of malicious input to the gateway of a running suite, byte by byte.

Category 17 of 18 (messages) is in test_nasty_messages.py. "Nothing is stored" means: no collection of any
service changes by a byte, except those that count attempts.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from joserfc.jwk import OKPKey
from pymongo import MongoClient
from yarl import URL

from deploy.local.keys import load_keys
from deploy.local.servers import Servers
from deploy.local.suite import MODULES, Suite
from services.identity.keys.store.keys import KeyStore
from services.identity.keys.tokens import ACCESS_LIFE, Tokens
from services.identity.settings import IdentitySettings
from shared.auth import LEEWAY
from shared.clock import utc_now
from shared.header_timeout import HEADER_SECONDS
from shared.mongo import connect
from shared.rights import Role
from shared.seal import KeyRing, SealPurpose
from tests.attachments import sent
from tests.integration.callers import expired
from tests.integration.nasty import ROWS, Row
from tests.integration.nasty.row import CANARY
from tests.journeys.test_main_job import LAMP
from tests.personal_data import found
from tools.portal import Citizen, Portal, until

PATIENCE = 10.0
DATABASES = ("rabta_identity", "rabta_requests", "rabta_routing", "rabta_notifier")
COUNTERS = (
    "rabta_identity.tries", "rabta_requests.guesses", "rabta_notifier.work_marks",
    "rabta_routing.figure_state", "rabta_routing.figures", "rabta_routing.figure_months",
    *(f"{database}.watermarks" for database in DATABASES),
)  # fmt: skip
"""Collections that may change: they count attempts, have times (`work_marks`), or follow records late.

Figures follow assignments; watermarks follow the records whose events were sent, and a call moves none of them.
"""
CITIZENS = 6
"""Rows are sent as several citizens in turn, because one would soon reach the rate limit."""
QUIET = timedelta(seconds=6)
"""How long after the last write all work is finished: what is new is gathered for four seconds, then sent (`QUICK`)."""
PIPELINED = 1000
PROBLEM = "application/problem+json"
CLOSED = re.compile(r"(?im)^connection: close")
NAMED = re.compile(rb"%([A-Z][A-Z0-9_]{2,})%")
TROUBLE = re.compile(r"Traceback|\"level\": ?\"(error|critical)\"")
HARMLESS = "harmless-01"
"""Replaces the canary in accepted rows; it has the same length, because rows contain lengths."""


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    head: str
    body: bytes


@pytest.fixture(scope="module", autouse=True)
def logged(suite: Suite, home: Path) -> dict[Path, int]:
    """The length of each process's log before the test."""
    return {log: log.stat().st_size for log in (home / "log").glob("*.log") if log.stem in MODULES}


@pytest.fixture(scope="module", autouse=True)
async def half_a_head(portal: Portal) -> AsyncIterator[asyncio.Task[bytes]]:
    """What is answered to half a head until the connection is closed; the other tests run meanwhile."""
    address = URL(portal.url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"GET /api/v1/catalogue HTTP/1.1\r\nHost: a")

    async def answer() -> bytes:
        async with asyncio.timeout(HEADER_SECONDS + PATIENCE):
            return await reader.read()

    answering = asyncio.create_task(answer())
    yield answering
    answering.cancel()
    writer.close()


@pytest.fixture(scope="module")
async def known(portal: Portal, servers: Servers, environment: dict[str, str]) -> list[dict[bytes, str]]:
    """The values of the rows' `%PLACES%` for each citizen."""
    other = await portal.register()
    known = await asyncio.gather(*(known_to_one(portal, environment, other) for _ in range(CITIZENS)))
    await sent(portal, known[0][b"TOKEN"])  # the first file starts the process that looks at files
    await quiet(servers)
    return known


async def known_to_one(portal: Portal, environment: dict[str, str], other: Citizen) -> dict[bytes, str]:
    """The values of the rows' `%PLACES%` for a new citizen."""
    citizen = await portal.register()
    receipt = await portal.file(citizen, LAMP, key="used")
    just = ACCESS_LIFE + timedelta(seconds=LEEWAY + 1)
    return {
        b"TOKEN": citizen.token,
        b"REFRESH": citizen.refresh,
        b"OTHER_TOKEN": other.token,
        b"NUMBER": receipt["number"],
        b"DIGITS": citizen.last_four,
        b"OTHER_DIGITS": f"{(int(citizen.last_four) + 1) % 10_000:04d}",
        b"USED_KEY": "used",
        b"EXPIRED": await expired(environment, Role.CITIZEN, portal.url),
        b"EXPIRED_JUST": await expired(environment, Role.CITIZEN, portal.url, just),
        b"FUTURE": await not_valid_yet(environment, portal.url),
        **forgeries(citizen.token, await public_key(portal)),
        **await bent(citizen.token, environment),
    }


async def public_key(portal: Portal) -> bytes:
    """The bytes of the public key."""
    async with aiohttp.ClientSession() as http, http.get(f"{portal.url}/.well-known/jwks.json") as answer:
        text = (await answer.json())["keys"][0]["x"]
    return base64.urlsafe_b64decode(text + "==")


async def not_valid_yet(environment: dict[str, str], issuer: str) -> str:
    """A token that identity signed with a time an hour from now."""
    settings = IdentitySettings.model_validate(environment)
    async with connect(settings.mongo_url.get_secret_value(), "rabta_identity") as database:
        keys, later = KeyStore(database), utc_now() + timedelta(hours=1)
        tokens = Tokens(keys, settings.keys, lambda: later, issuer=issuer, days=30)
        return await tokens.issue("somebody", Role.CITIZEN, None, "a session")


def forgeries(token: str, key: bytes) -> dict[bytes, str]:
    """A valid token, changed in each of the known ways."""
    header, payload, signature = token.split(".")
    claims, kid = json.loads(decoded(payload)), json.loads(decoded(header))["kid"]
    admin = encoded(claims | {"role": "admin"})
    hs256 = f"{encoded({'alg': 'HS256', 'typ': 'at+jwt', 'kid': kid})}.{admin}"
    signed = base64.urlsafe_b64encode(hmac.digest(key, hs256.encode(), hashlib.sha256)).rstrip(b"=").decode()
    ours = {"alg": "Ed25519", "typ": "at+jwt", "kid": kid}
    return {
        b"ALG_NONE": f"{encoded({'alg': 'none', 'typ': 'at+jwt'})}.{admin}.",
        b"ALG_NONE_BARE": f"{encoded({'alg': 'NONE', 'typ': 'at+jwt', 'kid': kid})}.{payload}",
        b"HS256": f"{hs256}.{signed}",
        b"KID": f"{encoded(ours | {'kid': '../../dev/null'})}.{payload}.{signature}",
        b"JKU": f"{encoded(ours | {'jku': 'http://evil.example/jwks.json'})}.{payload}.{signature}",
        b"TYP": f"{encoded(ours | {'typ': 'JWT'})}.{payload}.{signature}",
        b"PAYLOAD": f"{header}.{admin}.{signature}",
    }


async def bent(token: str, environment: dict[str, str]) -> dict[bytes, str]:
    """A valid token with other claims, signed with identity's own key; it must be refused because of the claims."""
    settings = IdentitySettings.model_validate(environment)
    async with connect(settings.mongo_url.get_secret_value(), "rabta_identity") as database:
        kid = json.loads(decoded(token.split(".")[0]))["kid"]
        stored = next(key for key in await KeyStore(database).all() if key.kid == kid)
    key = OKPKey.import_key(json.loads(settings.keys.unseal(stored.sealed, SealPurpose.TOKEN_KEY, owner=kid)))
    good = json.loads(decoded(token.split(".")[1]))

    def signed(payload: str) -> str:
        content = f"{token.split('.')[0]}.{base64.urlsafe_b64encode(payload.encode()).rstrip(b'=').decode()}"
        signature = key.private_key.sign(content.encode())  # type: ignore[union-attr]  # it has one
        return f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    return {
        b"BY_HAND": signed(json.dumps(good)),
        b"AUDIENCES": signed(json.dumps(good | {"aud": [good["aud"], "elsewhere"]})),
        b"ROLE_TWICE": signed(json.dumps(good)[:-1] + ', "role": "citizen"}'),
        b"OPERATOR_SUBJECT": signed(json.dumps(good | {"sub": {"$gt": ""}})),
        b"OPERATOR_SESSION": signed(json.dumps(good | {"sid": {"$ne": None}})),
    }


def decoded(part: str) -> bytes:
    """Decode a part of a token."""
    return base64.urlsafe_b64decode(part + "==")


def encoded(part: dict[str, Any]) -> str:
    """Encode a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def filled(row: Row, known: list[dict[bytes, str]]) -> bytes:
    """The row's request; the `%PLACES%` of its head are replaced by values of one citizen."""
    request = row.request.replace(CANARY.encode(), HARMLESS.encode()) if row.why else row.request
    head, gap, body = request.partition(b"\r\n\r\n")
    places = {b"KEY": secrets.token_hex(8), **known[ROWS.index(row) % CITIZENS]}
    return NAMED.sub(lambda place: places[place[1]].encode(), head) + gap + body


async def wrong_about(portal: Portal, row: Row, known: list[dict[bytes, str]]) -> AsyncIterator[str]:
    """What is wrong with the response to a row."""
    try:
        answer = await answer_to(portal.url, filled(row, known))
    except (TimeoutError, OSError, EOFError) as error:
        yield f"{row}: no answer ({error!r})"
        return
    kind = (re.search(r"(?im)^content-type: *([a-z+/]*)", answer.head) or ("", ""))[1]
    if answer.status == 429:
        yield f"{row}: refused for how much was sent"
    elif row.status not in (f"{answer.status // 100}xx", str(answer.status)):
        yield f"{row}: {answer.head} {answer.body[:500]!r}"
    elif CANARY.encode() in answer.body and not row.why:
        yield f"{row}: repeats what was sent: {answer.body[:500]!r}"
    elif row.problem and not row.why and (kind != PROBLEM or json.loads(answer.body)["status"] != answer.status):
        yield f"{row}: is no problem: {answer.head} {answer.body[:500]!r}"
    elif not row.why and kind not in (PROBLEM, "application/json") and not CLOSED.search(answer.head):
        yield f"{row}: leaves the connection open: {answer.head}"


async def answer_to(url: str, request: bytes) -> Answer:
    """The gateway's response to these bytes."""
    address = URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=2**24)
    sending = asyncio.create_task(send(writer, request))
    try:
        async with asyncio.timeout(PATIENCE):
            status, head = await head_of(reader)
            size = re.search(r"(?im)^content-length: *([0-9]+)", head)
            body = await (reader.readexactly(int(size[1])) if size else reader.read())
    finally:
        sending.cancel()
        writer.close()
    return Answer(status, head, body)


async def head_of(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Status and head of the response, after interim responses."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ")[1])
        if status >= 200:
            return status, head


async def send(writer: asyncio.StreamWriter, request: bytes) -> None:
    """Send bytes until the server closes the connection."""
    try:
        writer.write(request)
        await writer.drain()
    except ConnectionError:
        return


def digests(servers: Servers) -> dict[str, str]:
    """A digest of each collection of all services, made by MongoDB; without those that count attempts."""
    with MongoClient[dict[str, Any]](servers.mongo_url) as client:
        return {
            f"{database}.{name}": digest
            for database in DATABASES
            for name, digest in client[database].command("dbHash")["collections"].items()
            if f"{database}.{name}" not in COUNTERS
        }


async def quiet(servers: Servers) -> dict[str, str]:
    """Wait until nothing has been written for a while; returns the digests.

    MongoDB's log of writes tells that, at once if all is finished already; digests of everything are dear.
    """
    counted = {"ns": {"$regex": "^(rabta_|admin)", "$nin": list(COUNTERS)}, "op": {"$ne": "n"}}
    with MongoClient[dict[str, Any]](servers.mongo_url) as client:

        async def look() -> bool | None:
            last = client["local"]["oplog.rs"].find_one(counted, {"wall": 1}, sort=[("$natural", -1)])
            assert last is not None
            return client.admin.command("hello")["localTime"] - last["wall"] > QUIET or None

        await until(look, "writes to come to an end")
    return digests(servers)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The collections that changed or are new."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


async def test_an_idempotency_key_gives_the_stored_answer_a_year_later(
    portal: Portal, servers: Servers, known: list[dict[bytes, str]]
) -> None:
    """Keys do not expire after 24 hours: a key is part of its request until that is anonymised."""
    token, number, key = (known[0][place] for place in (b"TOKEN", b"NUMBER", b"USED_KEY"))
    assert key == known[1][b"USED_KEY"]
    assert number != known[1][b"NUMBER"], "a key is its owner's own"
    headers = {"Idempotency-Key": key}
    other = {**LAMP, "answers": {**LAMP["answers"], "place": "Somewhere else"}}  # type: ignore[dict-item]
    with MongoClient[dict[str, Any]](servers.mongo_url) as client:
        requests = client["rabta_requests"]["requests"]
        filed = requests.find_one({"_id": number})
        assert filed is not None
        for age in (timedelta(hours=25), timedelta(days=400)):
            then = {name: filed[name] - age for name in ("submitted_at", "changed_at")}
            requests.update_one({"_id": number}, {"$set": then})
            before = digests(servers)
            again = await portal.ask("POST", "/api/v1/requests", token=token, json=LAMP, headers=headers)
            assert (again.status, again.body["number"]) == (201, number)
            assert again.headers["idempotent-replayed"] == "true"
            refused = await portal.ask("POST", "/api/v1/requests", token=token, json=other, headers=headers)
            assert (refused.status, refused.body["type"]) == (422, "/problems/idempotency-key-reused")
            assert not changed(before, digests(servers))
        requests.update_one({"_id": number}, {"$set": {name: filed[name] for name in then}})


@pytest.mark.parametrize("category", sorted({row.category for row in ROWS}))
async def test_nasty_inputs_are_refused_and_store_nothing(
    portal: Portal, servers: Servers, known: list[dict[bytes, str]], category: int
) -> None:
    rows = [row for row in ROWS if row.category == category and not row.why]
    before = digests(servers)
    wrong = [wrong for row in rows async for wrong in wrong_about(portal, row, known)]
    assert not wrong, "\n".join(wrong)
    if changed(before, digests(servers)):  # by one of them, or by what was begun before: only the first does so again
        before = await quiet(servers)
        for row in rows:
            await answer_to(portal.url, filled(row, known))
        assert not changed(before, digests(servers))


async def test_unusual_inputs_that_are_right_are_taken(portal: Portal, known: list[dict[bytes, str]]) -> None:
    wrong = [wrong for row in ROWS if row.why async for wrong in wrong_about(portal, row, known)]
    assert not wrong, "\n".join(wrong)


async def test_half_a_head_is_not_waited_for(half_a_head: asyncio.Task[bytes]) -> None:
    assert await half_a_head == b""


async def test_a_thousand_pipelined_requests_hold_up_nobody_else(portal: Portal) -> None:
    address = URL(portal.url)
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=2**24)
    request = b"GET /api/v1/requests HTTP/1.1\r\nHost: localhost\r\n\r\n"  # without a token: the shortest answer
    sending = asyncio.create_task(send(writer, request * PIPELINED))
    other = asyncio.create_task(portal.expect(200, "GET", "/.well-known/security.txt"))
    statuses: list[int] = []
    try:
        async with asyncio.timeout(PATIENCE * 3):
            while len(statuses) < PIPELINED:
                status, head = await head_of(reader)
                size = re.search(r"(?im)^content-length: *([0-9]+)", head)
                assert size, head
                await reader.readexactly(int(size[1]))
                statuses.append(status)
    finally:
        sending.cancel()
        writer.close()
    assert statuses == [401] * PIPELINED
    assert other.done(), "answered before the last of them"


async def test_no_nasty_input_is_stored_or_logged_or_raises_an_error(
    portal: Portal, servers: Servers, home: Path, logged: dict[Path, int]
) -> None:
    keys = load_keys(home)
    ring = KeyRing.from_base64(keys.data_key, keys.index_key)
    assert found(servers.mongo_url, [CANARY], ring) == []
    for log, before in logged.items():
        text = log.read_bytes()[before:].decode()
        assert CANARY not in text
        assert not TROUBLE.search(text), (log.name, [line for line in text.splitlines() if TROUBLE.search(line)][:3])
