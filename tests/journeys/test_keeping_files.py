"""Retention of files, an unavailable antivirus, quotas, and aborted uploads."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil
import pytest

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from gateway.streaming import GRACE
from services.requests.files.checking.documents import cleaned
from tests.attachments import Kept, clamd_at, fetch, free_port, requests_with, send, sent
from tests.journeys.test_anonymous_files import nameless
from tests.journeys.test_erasure import erased
from tests.journeys.test_evidence import published
from tests.journeys.test_main_job import LAMP, at_department
from tests.unit.requests.nasty_files import heavy_pdf, pdf, picture
from tools.portal import Portal, until

MEGABYTE = 1_000_000
UPLOADS = 12
"""Twice as many as fit into memory at once."""
FITTING = 4
"""How many files fit into the quota of an account."""


@pytest.fixture
def kept(servers: Servers) -> Kept:
    """The stored files."""
    return Kept(servers)


async def test_files_without_a_request_are_deleted_after_a_day(portal: Portal, kept: Kept) -> None:
    citizen = await portal.register()
    named, young, old, broken = [await sent(portal, citizen.token) for _ in range(4)]
    number, _, _ = await at_department(portal, citizen, {**LAMP, "attachments": [named]})
    whole = await kept.counted(citizen.id)
    await kept.age(named)
    await kept.age(old)
    await kept.age(broken, state="storing")  # its writer has crashed
    await kept.gone(old, broken)
    await kept.settled(named)
    assert await kept.counted(citizen.id) == whole // 2
    assert (await fetch(portal, citizen.token, number, named))[0] == 200
    headers = {"Idempotency-Key": "late"}
    late = {**LAMP, "attachments": [young, old]}
    answer = await portal.ask("POST", "/api/v1/requests", token=citizen.token, json=late, headers=headers)
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, ["/attachments/1"])


async def test_files_of_an_erased_citizen_are_deleted(portal: Portal, kept: Kept) -> None:
    citizen = await portal.register()
    ids = [await sent(portal, citizen.token) for _ in range(3)]
    number, _, officer = await at_department(portal, citizen, {**LAMP, "attachments": ids[:2]})
    await erased(portal, citizen)
    await kept.gone(*ids)
    assert (await fetch(portal, officer, number, ids[0]))[0] == 404
    assert await kept.counted(citizen.id) == 0
    assert await kept.of(citizen.id) == []


def begun(portal: Portal, token: str, size: int) -> bytes:
    """The head of an upload and the first part of its body."""
    lines = (
        "POST /api/v1/attachments HTTP/1.1",
        f"Host: {urlsplit(portal.url).netloc}",
        f"Authorization: Bearer {token}",
        "Content-Type: image/jpeg",
        "Idempotency-Key: broken",
        f"Content-Length: {size}",
    )
    return "\r\n".join([*lines, "", ""]).encode() + picture()[: size // 2]


async def connected(portal: Portal) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the gateway."""
    address = urlsplit(portal.url)
    assert address.hostname is not None
    return await asyncio.open_connection(address.hostname, address.port)


async def test_an_aborted_upload_leaves_nothing(portal: Portal, kept: Kept) -> None:
    citizen, content = await portal.register(), picture()
    for _ in range(12):  # more than fit, unless memory is released
        _, writer = await connected(portal)
        writer.write(begun(portal, citizen.token, len(content)))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    assert await kept.of(citizen.id) == []
    assert await kept.counted(citizen.id) == 0
    answer = await send(portal, citizen.token, content, key="broken")
    assert (answer.status, answer.headers.get("idempotent-replayed")) == (201, None)
    assert await kept.of(citizen.id) == [answer.body["id"]]
    assert await kept.orphans() == set()


async def sent_slowly(portal: Portal, token: str, content: bytes, pieces: int, pause: float) -> bytes:
    """The response to an upload in pieces, with a pause before each."""
    reader, writer = await connected(portal)
    head, _, _ = begun(portal, token, len(content)).partition(b"\r\n\r\n")
    writer.write(head + b"\r\n\r\n")
    answer = asyncio.create_task(reader.read(4096))
    size = -(-len(content) // pieces)
    for start in range(0, len(content), size):
        await asyncio.wait({answer}, timeout=pause)
        if answer.done():
            break
        writer.write(content[start : start + size])
    async with asyncio.timeout(20):
        got = await answer
    writer.close()
    return got


async def stalled(portal: Portal, token: str) -> bytes:
    """What is answered, until the gateway closes the connection, to an upload that stops half-way."""
    reader, writer = await connected(portal)
    writer.write(begun(portal, token, len(picture())))
    await writer.drain()
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


async def test_an_upload_at_2g_speed_succeeds_and_a_stalled_one_or_a_trickle_is_aborted(
    portal: Portal, kept: Kept
) -> None:
    """60 KB at 4.5 KB a second, which takes longer than the grace period; and single bytes, aborted after it."""
    slow, trickle, stopped = [await portal.register() for _ in range(3)]
    photo, pieces, pause = heavy_pdf(60_000), 27, 0.5
    assert pieces * pause > GRACE + 3
    got, cut, ended = await asyncio.gather(
        sent_slowly(portal, slow.token, photo, pieces, pause),
        sent_slowly(portal, trickle.token, photo, len(photo), pause),
        stalled(portal, stopped.token),
    )
    assert got.startswith(b"HTTP/1.1 201 "), got
    assert cut.startswith(b"HTTP/1.1 408 ")
    assert ended.startswith(b"HTTP/1.1 408 ")
    assert b"/problems/upload-too-slow" in ended
    assert await kept.of(stopped.id) == []
    assert await kept.counted(stopped.id) == 0


async def test_many_large_uploads_do_not_fill_the_memory(portal: Portal, suite: Suite) -> None:
    citizen, content = await portal.register(), heavy_pdf(4_900_000)
    processes = {name: psutil.Process(suite.process(name).pid) for name in ("gateway", "requests")}
    before = {name: process.memory_info().rss for name, process in processes.items()}
    peak = dict(before)

    async def watch() -> None:
        while True:
            for name, process in processes.items():
                peak[name] = max(peak[name], process.memory_info().rss)
            await asyncio.sleep(0.02)

    async def unannounced() -> AsyncIterator[bytes]:
        """Upload without a length, so memory for the largest file is reserved: six at once."""
        yield content

    watching = asyncio.create_task(watch())
    answers = await asyncio.gather(*(send(portal, citizen.token, unannounced()) for _ in range(UPLOADS)))
    watching.cancel()
    assert [answer.status for answer in answers] == [201] * UPLOADS
    for name, process in processes.items():
        told = [round(rss / MEGABYTE) for rss in (before[name], peak[name], process.memory_info().rss)]
        print(f"{name}: before, peak, after: {told} MB")
    grown = {name: (peak[name] - before[name]) / MEGABYTE for name in peak}
    assert grown["requests"] < 350  # 30 MB of bodies; checking, sealing and writing make copies
    assert grown["gateway"] < 60


@dataclass(frozen=True)
class Strict:
    """A service with a quota of `FITTING` files (three for an anonymous request), and the port of its antivirus."""

    port: int
    size: int
    """The bytes of a file."""


@pytest.fixture(scope="module")
async def strict(portal: Portal, suite: Suite) -> AsyncIterator[Strict]:
    """Restart the requests service with these settings, which it keeps until the end of the file: restarts are dear."""
    stored = await send(portal, (await portal.register()).token)
    port, size = free_port(), int(stored.body["bytes"])
    quotas = {"attachment_quota": str(size * FITTING + 1), "anonymous_quota": str(size * 3)}
    with requests_with(suite, scanner=f"tcp://127.0.0.1:{port}", **quotas):
        yield Strict(port, size)


async def test_unscanned_files_are_quarantined_and_infected_ones_deleted(
    portal: Portal, servers: Servers, strict: Strict, kept: Kept
) -> None:
    citizen, virus = await portal.register(), cleaned(pdf(Marker=b"(bad)"))
    filing = await published(portal, servers, evidence=True)
    good, bad = await send(portal, citizen.token), await send(portal, citizen.token, virus)
    assert (good.body["quarantined"], bad.body["quarantined"]) == (True, True)
    ids = [good.body["id"], bad.body["id"]]
    await kept.scanned_again(ids[0])
    unnamed = await sent(portal, citizen.token, virus)
    number, _, officer = await at_department(portal, citizen, {**filing, "attachments": ids})
    await sent(portal, officer, to=number)
    done = {"outcome": "granted", "reply": "The lamp was replaced on Tuesday."}
    assert (await portal.act(officer, number, "accept")).status == 200
    assert (await portal.act(officer, number, "resolve", **done)).status == 409
    for token in (citizen.token, officer):
        assert [(await fetch(portal, token, number, one))[0] for one in ids] == [409, 409]
    async with clamd_at(strict.port, virus=virus):
        await kept.gone(ids[1], unnamed)

        async def clean() -> bool | None:
            return (await fetch(portal, officer, number, ids[0]))[0] == 200 or None

        await until(clean, "the clean one to be handed out")
        assert (await fetch(portal, officer, number, ids[1]))[0] == 404
        shown = await portal.request(citizen, number)
        assert [(one["id"], one["kind"]) for one in shown["attachments"]][:1] == [(ids[0], "attachment")]
        assert [one["kind"] for one in shown["attachments"]] == ["attachment", "evidence"]
        assert "remove_file" in [step["action"] for step in shown["history"]]
        assert await kept.counted(citizen.id) == good.body["bytes"]
        refused = await send(portal, citizen.token, virus)
        assert (refused.status, refused.body["type"]) == (422, "/problems/file-infected")
        assert await kept.counted(citizen.id) == good.body["bytes"]

        async def resolved() -> bool | None:
            return (await portal.act(officer, number, "resolve", **done)).status == 200 or None

        await until(resolved, "routing to hear of evidence that was scanned later")


async def test_an_account_has_a_quota_of_bytes(portal: Portal, strict: Strict, kept: Kept) -> None:
    citizen, other = await portal.register(), await portal.register()
    size = strict.size
    async with clamd_at(strict.port, virus=b""):
        answers = await asyncio.gather(*(send(portal, citizen.token) for _ in range(FITTING * 2)))
        assert {answer.status for answer in answers} <= {201, 409}
        assert {answer.body["type"] for answer in answers if answer.status == 409} == {"/problems/file-quota"}
        taken = sum(answer.status == 201 for answer in answers)
        assert taken <= FITTING
        assert len(await kept.of(citizen.id)) == taken  # refused uploads leave nothing
        assert [(await send(portal, citizen.token)).status for _ in range(FITTING + 1 - taken)] == [201] * (
            FITTING - taken
        ) + [409]
        ids = await kept.of(citizen.id)
        assert await kept.counted(citizen.id) == FITTING * size
        assert (await send(portal, other.token)).status == 201
        number, _, officer = await at_department(portal, citizen, {**LAMP, "attachments": ids[:1]})
        assert [(await send(portal, officer, to=number)).status for _ in range(3)] == [201] * 3
        await kept.age(ids[1])
        await kept.gone(ids[1])
        assert (await send(portal, citizen.token)).status == 201
        assert await kept.counted(citizen.id) == FITTING * size
        assert (await send(portal, citizen.token)).status == 409


async def test_an_anonymous_request_has_a_quota(portal: Portal, strict: Strict) -> None:
    filer = await nameless(portal)
    async with clamd_at(strict.port, virus=b""):
        assert (await filer.send(picture())).status == 201
        answers = await asyncio.gather(*(filer.send(picture()) for _ in range(5)))
        assert {answer.status for answer in answers} <= {201, 409}  # sent at once, all may be refused
        assert {answer.body["type"] for answer in answers if answer.status == 409} == {"/problems/file-quota"}
        more = 3 - len(await filer.listed())
        assert [(await filer.send(picture())).status for _ in range(more + 1)] == [201] * more + [409]
        for file in await filer.listed():
            assert await filer.delete(file["id"]) == 204

        async def room() -> bool | None:
            return True if (await filer.send(picture())).status == 201 else None

        await until(room, "room again after files were removed")
        [file] = await filer.listed()
        await portal.expect(200, "POST", filer.path("/withdraw"), json={}, headers=filer.opening())
        refused = await filer.send(pdf())
        assert (refused.status, refused.body["type"]) == (409, "/problems/transition-refused")
        assert await filer.delete(file["id"]) == 409
        assert (await filer.fetch(f"/attachments/{file['id']}"))[0] == 200, "what was sent can still be read"
