"""The nasty inputs that we know of against the running suite, through its door, byte by byte.

Of the 18 categories 17 (messages) is in test_nasty_messages.py.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pymongo import MongoClient
from yarl import URL

from deploy.local.keys import load_keys
from deploy.local.servers import Servers
from deploy.local.suite import MODULES, Suite
from services.identity.settings import IdentitySettings
from services.identity.store import KeyStore
from services.identity.tokens import Tokens
from shared.clock import utc_now
from shared.heads import HEAD_SECONDS
from shared.mongo import connect
from shared.rights import Role
from shared.seal import KeyRing
from tests.attaching import sent
from tests.dump import found
from tests.integration.callers import expired
from tests.integration.nasty import ROWS, Row
from tests.integration.nasty.row import CANARY
from tests.journeys.test_main_job import LAMP
from tests.portal import Portal

MOST_SECONDS = 2.0
PATIENCE = 10.0
COUNTED = ("rabta_requests", "rabta_identity")
COUNTERS = ("tries", "guesses", "quotas")
"""Collections that count tries: to count a refused one is what they are for."""
COPIES = ("rabta_requests.departments", "rabta_requests.citizens")
"""Filled by events, at their own time."""
PLACE = re.compile(rb"%([A-Z][A-Z0-9_]{2,})%")
TROUBLE = re.compile(r"Traceback|\"level\": ?\"(error|critical)\"")
HARMLESS = "harmless-01"
"""What rows that are taken hold in place of the canary; as long as it is, since lengths are part of rows."""


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds its head was there."""

    status: int
    head: str
    body: bytes
    seconds: float


@pytest.fixture(scope="module", autouse=True)
def logged(suite: Suite, home: Path) -> dict[Path, int]:
    """How long each process's log was before."""
    return {log: log.stat().st_size for log in (home / "log").glob("*.log") if log.stem in MODULES}


@pytest.fixture(scope="module")
async def known(portal: Portal, environment: dict[str, str]) -> dict[bytes, str]:
    """What the rows' `%PLACES%` stand for."""
    citizen, other = await portal.register(), await portal.register()
    receipt = await portal.file(citizen, LAMP, key="used")
    await sent(portal, citizen.token)  # the first file starts the process that looks at files
    return {
        b"TOKEN": citizen.token,
        b"REFRESH": citizen.refresh,
        b"OTHER_TOKEN": other.token,
        b"NUMBER": receipt["number"],
        b"DIGITS": citizen.last_four,
        b"OTHER_DIGITS": f"{(int(citizen.last_four) + 1) % 10_000:04d}",
        b"USED_KEY": "used",
        b"EXPIRED": await expired(environment, Role.CITIZEN, portal.url),
        b"FUTURE": await not_valid_yet(environment, portal.url),
        **forgeries(citizen.token, await public_key(portal)),
    }


async def public_key(portal: Portal) -> bytes:
    """The key that everybody may read, as its bytes."""
    async with aiohttp.ClientSession() as http, http.get(f"{portal.url}/.well-known/jwks.json") as answer:
        text = (await answer.json())["keys"][0]["x"]
    return base64.urlsafe_b64decode(text + "==")


async def not_valid_yet(environment: dict[str, str], issuer: str) -> str:
    """A token that identity signed an hour from now."""
    settings = IdentitySettings.model_validate(environment)
    async with connect(settings.mongo_url.get_secret_value(), "rabta_identity") as database:
        keys, later = KeyStore(database), utc_now() + timedelta(hours=1)
        tokens = Tokens(keys, settings.keys, lambda: later, issuer=issuer, days=30, outages=())
        return await tokens.issue("somebody", Role.CITIZEN, None, "a session")


def forgeries(token: str, key: bytes) -> dict[bytes, str]:
    """A good token, changed in each of the known ways."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
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


def encoded(part: dict[str, Any]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def filled(request: bytes, known: dict[bytes, str]) -> bytes:
    """The request's head with its places filled; the body as it is."""
    head, gap, body = request.partition(b"\r\n\r\n")
    fresh = {b"KEY": secrets.token_hex(8)}
    return PLACE.sub(lambda place: (fresh | known)[place[1]].encode(), head) + gap + body


async def answer_to(url: str, request: bytes) -> Answer:
    """What the door answers to these very bytes."""
    address = URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=2**24)
    started = time.perf_counter()
    sending = asyncio.create_task(send(writer, request))
    try:
        async with asyncio.timeout(PATIENCE):
            status, head = await head_of(reader)
            seconds = time.perf_counter() - started
            size = re.search(r"(?im)^content-length: *([0-9]+)", head)
            body = await (reader.readexactly(int(size[1])) if size else reader.read())
    finally:
        sending.cancel()
        writer.close()
    return Answer(status, head, body, seconds)


async def head_of(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Status and head of the answer, after what only says that it will come."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ")[1])
        if status >= 200:
            return status, head


async def send(writer: asyncio.StreamWriter, request: bytes) -> None:
    """Send it, as far as somebody takes it."""
    try:
        writer.write(request)
        await writer.drain()
    except ConnectionError:
        return


def counts(servers: Servers) -> dict[str, int]:
    """How many documents there are, by collection; those that count tries left out."""
    with MongoClient[dict[str, Any]](servers.mongo_url) as client:
        return {
            f"{database}.{name}": client[database][name].count_documents({})
            for database in COUNTED
            for name in client[database].list_collection_names()
            if name not in COUNTERS and f"{database}.{name}" not in COPIES
        }


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_each_nasty_input_is_refused_and_stores_nothing(
    portal: Portal, servers: Servers, known: dict[bytes, str], row: Row
) -> None:
    before = counts(servers)
    request = row.request.replace(CANARY.encode(), HARMLESS.encode()) if row.why else row.request
    answer = await answer_to(portal.url, filled(request, known))
    assert f"{answer.status // 100}xx" == row.status, (answer.head, answer.body[:500])
    assert answer.seconds < MOST_SECONDS
    if row.why:
        return
    assert counts(servers) == before
    assert CANARY.encode() not in answer.body
    if row.problem:
        assert re.search(r"(?im)^content-type: application/problem\+json", answer.head), answer.head
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status
    elif "application/problem+json" not in answer.head and "application/json" not in answer.head:
        assert re.search(r"(?im)^connection: close", answer.head), answer.head


async def test_half_a_head_is_not_waited_for(portal: Portal) -> None:
    address = URL(portal.url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"GET /api/v1/catalogue HTTP/1.1\r\nHost: a")
    async with asyncio.timeout(HEAD_SECONDS + PATIENCE):
        assert await reader.read() == b""
    writer.close()


async def test_nothing_of_them_is_kept_and_no_process_was_troubled(
    portal: Portal, servers: Servers, home: Path, logged: dict[Path, int]
) -> None:
    keys = load_keys(home)
    ring = KeyRing.from_base64(keys.data_key, keys.index_key)
    assert found(servers.mongo_url, [CANARY], ring) == []
    for log, before in logged.items():
        text = log.read_bytes()[before:].decode()
        assert CANARY not in text
        assert not TROUBLE.search(text), (log.name, [line for line in text.splitlines() if TROUBLE.search(line)][:3])
