"""Files and printed receipt of an anonymous request, with its key only. Their quota is in test_keeping_files.py."""

import secrets
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from deploy.local.servers import Servers
from services.requests.request.models.attachment import MAX_BYTES
from tests.attachments import Kept
from tests.unit.requests.nasty_files import BAD, SECRET, picture, told_where
from tools.filings import TEACHER, at_department
from tools.portal import Answer, Portal, until


@dataclass
class Nameless:
    """An anonymous filer, with number, code and key."""

    portal: Portal
    number: str
    key: str
    receipt: str

    def path(self, more: str = "") -> str:
        """The path of the request, or of something below it."""
        return f"/api/v1/requests/{self.number}{more}"

    def opening(self, key: str | None = None) -> dict[str, str]:
        """The header with the key."""
        return {"Authorization": f"Key {self.key if key is None else key}"}

    async def send(
        self, content: bytes, *, once: str = "", key: str | None = None, document: str = "", **headers: str
    ) -> Answer:
        """Send a file with the key or another one, perhaps as a requested document."""
        path = self.path("/attachments" + (f"?document={document}" if document else ""))
        given = {**self.opening(key), "Content-Type": "image/jpeg"}
        given |= {"Idempotency-Key": once or secrets.token_hex(8)}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.portal.ask("POST", path, data=content, headers=given)

    async def fetch(self, more: str, key: str | None = None) -> tuple[int, Any, bytes]:
        """Status, headers and bytes of a response."""
        headers = self.opening(key)
        async with aiohttp.ClientSession(self.portal.url) as http, http.get(self.path(more), headers=headers) as answer:
            return answer.status, answer.headers, await answer.read()

    async def listed(self) -> list[dict[str, Any]]:
        """The files of the request."""
        headers = self.opening()
        body = await self.portal.expect(200, "GET", self.path("/attachments"), headers=headers)
        files: list[dict[str, Any]] = body["attachments"]
        return files

    async def delete(self, attachment: str, key: str | None = None) -> int:
        """Remove a file; returns the status."""
        headers = self.opening(key)
        return (await self.portal.ask("DELETE", self.path(f"/attachments/{attachment}"), headers=headers)).status


MEDICINE = {
    "service": "medicine-not-available",
    "place": {"district": "swat"},
    "answers": {
        "hospital_name": "Saidu Teaching Hospital",
        "hospital_type": "government",
        "medicine": "Insulin",
        "life_saving": False,
        "description": "For two weeks the pharmacy has had none.",
    },
}


async def nameless(portal: Portal, filing: dict[str, Any] = TEACHER) -> Nameless:
    """File anonymously."""
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    filed = await portal.expect(201, "POST", "/api/v1/anonymous-requests", json=filing, headers=headers)
    return Nameless(portal, filed["number"], filed["key"], filed["receipt"])


@pytest.fixture
def kept(servers: Servers) -> Kept:
    """The stored files."""
    return Kept(servers)


async def test_the_key_holder_manages_files_and_the_department_learns_no_name(portal: Portal, kept: Kept) -> None:
    filer = await nameless(portal)
    officer, _ = await at_department(portal, filer.number)
    sent = await filer.send(told_where(), once="one", X_File_Name="Ali%20Khan%20class.jpg")
    assert sent.status == 201, sent.body
    assert (await filer.send(told_where(), once="one", X_File_Name="x")).headers["idempotent-replayed"] == "true"
    [file] = await filer.listed()
    assert (file["id"], file["kind"], file["bytes"]) == (sent.body["id"], "attachment", sent.body["bytes"])
    status, headers, content = await filer.fetch(file["url"].removeprefix(filer.path()))
    assert (status, len(content)) == (200, file["bytes"])
    assert SECRET.encode() not in content
    assert headers["Content-Disposition"].endswith("filename*=UTF-8''Ali%20Khan%20class.jpg")
    assert headers.getall("Cache-Control") == ["private, no-store"]
    assert headers.getall("Content-Security-Policy") == ["default-src 'none'; sandbox"]
    seen = await portal.expect(200, "GET", f"/api/v1/requests/{filer.number}/attachments", token=officer)
    assert [one["id"] for one in seen["attachments"]] == [file["id"]]
    async with (
        aiohttp.ClientSession(portal.url) as http,
        http.get(seen["attachments"][0]["url"], headers={"Authorization": f"Bearer {officer}"}) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].endswith("''attachment-1.jpg")
        assert await answer.read() == content
    path = f"/api/v1/requests/{filer.number}/attachments/{file['id']}"
    assert (await portal.ask("DELETE", path, token=officer)).status == 403

    assert await filer.delete(file["id"]) == 204
    await kept.gone(file["id"])
    assert (await filer.listed(), await filer.delete(file["id"])) == ([], 404)
    assert (await filer.fetch(f"/attachments/{file['id']}"))[0] == 404
    whole = await portal.expect(200, "GET", filer.path(), headers=filer.opening())
    assert [step["action"] for step in whole["history"]][-2:] == ["attach", "take_out_file"]


async def test_an_anonymous_request_continues_when_its_document_arrives(portal: Portal) -> None:
    filer = await nameless(portal, MEDICINE)
    waiting = await portal.expect(200, "GET", filer.path(), headers=filer.opening())
    assert (waiting["state"], waiting["checks"][-1]["code"]) == ("information_needed", "document-prescription")
    assert (await filer.send(picture(), document="prescription")).status == 201

    async def at_health() -> bool | None:
        request = await portal.expect(200, "GET", filer.path(), headers=filer.opening())
        return True if request["department"] == "health" else None

    await until(at_health, "the department")


async def test_without_the_key_files_can_be_neither_read_nor_added(portal: Portal, kept: Kept) -> None:
    filer, other = await nameless(portal), await nameless(portal)
    file = (await filer.send(picture())).body["id"]
    citizen = await portal.register()
    for key, status in ((other.key, 404), ("0" * 16, 404), ("1234", 404), ("", 404)):
        assert (await filer.send(picture(), key=key)).status == status
        for more in ("/attachments", f"/attachments/{file}", "/receipt", "/receipt.pdf"):
            assert (await filer.fetch(more, key=key))[0] == status
        assert await filer.delete(file, key=key) == status
    for more in ("/attachments", f"/attachments/{file}", "/receipt"):
        path = f"/api/v1/requests/{filer.number}{more}"
        assert (await portal.ask("GET", path, token=citizen.token)).status == 404
    assert (await other.fetch(f"/attachments/{file}"))[0] == 404, "a file belongs to one request"
    assert await other.delete(file) == 404
    assert [one["id"] for one in await filer.listed()] == [file]


async def test_anonymous_filers_may_send_only_what_citizens_may_send(portal: Portal) -> None:
    filer = await nameless(portal)
    for name in ("svg", "half a jpeg", "pdf with a script", "flood of pixels", "locked pdf"):
        content, code = BAD[name]
        answer = await filer.send(content)
        assert (answer.status, answer.body["type"]) == (415 if code == "file-type" else 422, f"/problems/{code}")
    assert (await filer.send(bytes(MAX_BYTES + 1))).status == 413
    assert (await filer.send(picture(), Content_Type="application/octet-stream")).status == 201
    answers = [await filer.send(picture()) for _ in range(10)]
    assert [answer.status for answer in answers] == [201] * 9 + [409]
    assert answers[-1].body["type"] == "/problems/too-many-files"


async def test_the_receipt_can_be_printed_with_the_key(portal: Portal) -> None:
    filer = await nameless(portal)
    body = await portal.expect(200, "GET", filer.path("/receipt"), headers=filer.opening())
    assert (body["number"], body["receipt"]) == (filer.number, filer.receipt)
    status, headers, page = await filer.fetch("/receipt.pdf")
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert page.startswith(b"%PDF-")
    assert filer.receipt.encode() in page
    assert filer.key.encode() not in page


async def test_a_citizen_removes_only_own_files(portal: Portal, kept: Kept) -> None:
    citizen, other = await portal.register(), await portal.register()
    number = (await portal.file(citizen, TEACHER))["number"]
    officer, _ = await at_department(portal, number)
    path = f"/api/v1/requests/{number}/attachments"

    async def sent(token: str) -> str:
        headers = {"Content-Type": "image/jpeg", "Idempotency-Key": secrets.token_hex(8)}
        answer = await portal.ask("POST", path, token=token, data=picture(), headers=headers)
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    own, evidence = await sent(citizen.token), await sent(officer)
    listed = await portal.expect(200, "GET", path, token=citizen.token)
    assert [(one["id"], one["kind"]) for one in listed["attachments"]] == [(own, "attachment"), (evidence, "evidence")]
    for token, file, status in ((other.token, own, 404), (citizen.token, evidence, 404), (officer, evidence, 403)):
        assert (await portal.ask("DELETE", f"{path}/{file}", token=token)).status == status
    assert (await portal.ask("GET", path, token=other.token)).status == 404
    await portal.expect(204, "DELETE", f"{path}/{own}", token=citizen.token)
    await kept.gone(own)
    assert await kept.counted(citizen.id) == 0
