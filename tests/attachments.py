"""Attachments: functions to send and fetch them over HTTP, their stored parts, and a fake antivirus."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.unit.requests.nasty_files import picture
from tools.portal import Answer, Portal, until

JPEG = "image/jpeg"
PAPERS = ("residence", "family-or-school", "photographs")
"""The documents that the domicile certificate requires."""


async def send(
    portal: Portal,
    token: str,
    content: bytes | AsyncIterator[bytes] | None = None,
    *,
    to: str = "",
    key: str = "",
    document: str = "",
    **headers: str,
) -> Answer:
    """Send a file: for a later filing, or to the request `to`; perhaps as a requested document."""
    path = f"/api/v1/requests/{to}/attachments" if to else "/api/v1/attachments"
    path += f"?document={document}" if document else ""
    given = {"Content-Type": JPEG, "Idempotency-Key": key or secrets.token_hex(8)}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    body = picture() if content is None else content
    return await portal.ask("POST", path, token=token, data=body, headers=given)


async def sent(portal: Portal, token: str, content: bytes | None = None, *, to: str = "", document: str = "") -> str:
    """Send a file that must be accepted; returns its id."""
    answer = await send(portal, token, content, to=to, document=document)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


async def papers(portal: Portal, token: str, *, to: str = "") -> list[str]:
    """The ids of all documents for a domicile certificate."""
    return [await sent(portal, token, to=to, document=document) for document in PAPERS]


async def fetch(portal: Portal, token: str, number: str, attachment: str, **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and bytes of a file."""
    path = f"{portal.url}/api/v1/requests/{number}/attachments/{attachment}"
    given = {"Authorization": f"Bearer {token}", **headers}
    async with aiohttp.ClientSession() as http, http.get(path, headers=given) as answer:
        return answer.status, answer.headers, await answer.read()


class Kept:
    """The stored parts of files, in the database of requests."""

    def __init__(self, servers: Servers) -> None:
        self._client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
        self._database = self._client["rabta_requests"]

    async def is_there(self, attachment: str) -> bool:
        """Whether any part of a file is stored: its document, its entry in GridFS, or a piece."""
        places = (("attachments", "_id"), ("contents.files", "_id"), ("contents.chunks", "files_id"))
        return any([await self._database[name].count_documents({key: attachment}) for name, key in places])

    async def gone(self, *attachments: str) -> None:
        """Wait until no part of these files is stored."""

        async def look() -> bool | None:
            return None if any([await self.is_there(one) for one in attachments]) else True

        await until(look, "the files to be gone", 30.0)

    async def settled(self, attachment: str) -> None:
        """Wait until the sweep has finished its work on a file."""

        async def look() -> bool | None:
            return await self._database["attachments"].find_one({"_id": attachment, "due_at": None}) is not None or None

        await until(look, "the sweep to be done with it")

    async def scanned_again(self, attachment: str) -> None:
        """Wait until the sweep has tried a file again and will retry later."""
        before = await self._database["attachments"].find_one({"_id": attachment})
        assert before is not None

        async def look() -> bool | None:
            now = await self._database["attachments"].find_one({"_id": attachment})
            return (now is not None and now["rev"] > before["rev"]) or None

        await until(look, "the sweep to look at it again")

    async def age(self, attachment: str, **change: Any) -> None:
        """Change a file's upload time to 25 hours ago, so that the sweep takes it."""
        now = datetime.now(UTC)
        moved = {"created_at": now - timedelta(hours=25), "due_at": now - timedelta(seconds=1), **change}
        done = await self._database["attachments"].update_one({"_id": attachment}, {"$set": moved})
        assert done.matched_count == 1

    async def of(self, owner: str) -> list[str]:
        """The ids of an account's files."""
        found = await self._database["attachments"].find({"owner": owner}).to_list(None)
        return [document["_id"] for document in found]

    async def counted(self, owner: str) -> int:
        """The bytes counted against an account's quota."""
        found = await self._database["attachments"].find({"owner": owner, "counted": True}).to_list(None)
        return sum(document["bytes"] for document in found)

    async def orphans(self) -> set[str]:
        """Files in GridFS without a document."""
        known = set(await self._database["attachments"].distinct("_id"))
        return set(await self._database["contents.chunks"].distinct("files_id")) - known


@contextmanager
def requests_with(suite: Suite, **settings: str) -> Iterator[None]:
    """The requests service with other settings while the context is open."""
    process = suite.process("requests")
    usual = process.environment

    def again(environment: Mapping[str, str]) -> None:
        process.stop()
        process.environment = environment
        process.start()
        process.wait_ready()

    again({**usual, **{f"RABTA_{name.upper()}": value for name, value in settings.items()}})
    try:
        yield
    finally:
        again(usual)


def free_port() -> int:
    """An unused port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def clamd_at(port: int, *, virus: bytes) -> AsyncIterator[None]:
    """A fake clamd that finds one file infected."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(10)
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
        writer.write(b"stream: Test FOUND\0" if content == virus else b"stream: OK\0")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", port):
        yield
