"""Files over HTTP, for journeys: sent, filed with, added, fetched."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from tests.portal import Answer, Portal
from tests.unit.requests.nasty_files import picture

JPEG = "image/jpeg"
PAPERS = ("residence", "family-or-school", "photographs")
"""The documents that a domicile certificate asks for."""


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
    """Send a file: for a filing to come, or to the request numbered `to`; as a document that its service asks for."""
    path = f"/api/v1/requests/{to}/attachments" if to else "/api/v1/attachments"
    path += f"?document={document}" if document else ""
    given = {"Content-Type": JPEG, "Idempotency-Key": key or secrets.token_hex(8)}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    body = picture() if content is None else content
    return await portal.ask("POST", path, token=token, data=body, headers=given)


async def sent(portal: Portal, token: str, content: bytes | None = None, *, to: str = "", document: str = "") -> str:
    """The id of a file that must be taken."""
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
