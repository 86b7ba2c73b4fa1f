"""Files required by a service from citizen and department, their access trail, and what names and dumps reveal."""

import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from services.requests.files.checking.documents import cleaned
from tests.attachments import fetch, send, sent
from tests.body_examples import ENTRY
from tests.journeys.test_access_trail import trail
from tests.journeys.test_catalogue import PATH
from tests.journeys.test_main_job import LAMP, at_department
from tests.personal_data import documents, found
from tests.unit.requests.nasty_files import pdf, picture
from tools.filings import TEACHER
from tools.filings import at_department as seen_at
from tools.portal import Portal, until


async def published(portal: Portal, servers: Servers, **changes: Any) -> dict[str, Any]:
    """A filing for a new service, once routing knows it."""
    code = f"lamp-shown-{secrets.token_hex(3)}"
    entry = {**ENTRY, "code": code, "eligibility": [], **changes}
    await portal.expect(201, "POST", PATH, token=await portal.admin_token(), json=entry)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)

    async def known() -> bool | None:
        return (
            await client["rabta_routing"]["services"].find_one({"_id": code, "name": {"$ne": {}}}) is not None or None
        )

    await until(known, "routing to know the service")
    client.close()
    return {"service": code, "place": {"district": "swat"}, "answers": {"street": "Mingora Road"}}


async def test_a_service_with_evidence_cannot_be_resolved_without_it(portal: Portal, servers: Servers) -> None:
    citizen = await portal.register()
    filing = await published(portal, servers, evidence=True)
    number, _, officer = await at_department(portal, citizen, filing)
    assert (await portal.act(officer, number, "accept")).status == 200
    done = {"outcome": "granted", "reply": "The lamp was replaced on Tuesday."}
    await sent(portal, citizen.token, to=number)  # a citizen's file is not evidence of the department
    refused = await portal.act(officer, number, "resolve", **done)
    assert (refused.status, refused.body["type"]) == (409, "/problems/evidence-needed")
    content = pdf()
    answer = await send(portal, officer, content, to=number, X_File_Name="lamp.pdf", Content_Type="application/pdf")
    assert answer.status == 201, answer.body

    async def resolved() -> bool | None:
        return (await portal.act(officer, number, "resolve", **done)).status == 200 or None

    await until(resolved, "routing to hear of the evidence")
    shown = await portal.reaches(citizen, number, "resolved")
    assert [(one["id"], one["kind"]) for one in shown["attachments"]][1:] == [(answer.body["id"], "evidence")]
    assert [step["who"] for step in shown["history"] if step["action"] == "add_evidence"] == ["department"]
    status, headers, got = await fetch(portal, citizen.token, number, answer.body["id"])
    assert (status, got, headers["Content-Type"]) == (200, cleaned(content), "application/pdf")
    stranger = await portal.register()
    assert (await fetch(portal, stranger.token, number, answer.body["id"]))[0] == 404
    disputed = {"reason": "not_done", "words": "The lamp is still dark."}
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/dispute", token=citizen.token, json=disputed)
    await portal.reaches(citizen, number, "reopened")
    head = await portal.officer(shown["department"], role="head")
    assert (await portal.act(head, number, "accept")).status == 200
    again = await portal.act(head, number, "resolve", **done)
    assert (again.status, again.body["type"]) == (409, "/problems/evidence-needed")  # earlier evidence does not count


async def test_a_service_that_requires_files_waits_for_them(portal: Portal, servers: Servers) -> None:
    citizen = await portal.register()
    filing = await published(portal, servers, attachments={"required": 2, "most": 3})
    first = await sent(portal, citizen.token)
    receipt = await portal.file(citizen, {**filing, "attachments": [first]})
    number, path = receipt["number"], f"/api/v1/requests/{receipt['number']}"
    assert receipt["state"] == "information_needed"
    [missing] = [check for check in receipt["checks"] if not check["passed"]]
    assert missing["code"] == "documents"
    assert "2" in missing["words"]
    corrected = {"answers": filing["answers"]}
    still = await portal.expect(200, "PATCH", path, token=citizen.token, json=corrected)
    assert still["state"] == "information_needed"
    await sent(portal, citizen.token, to=number)
    passed = await portal.reaches(citizen, number, "routed")
    assert all(check["passed"] for check in passed["checks"])
    enough = await portal.file(
        citizen, {**filing, "attachments": [await sent(portal, citizen.token) for _ in range(2)]}
    )
    assert enough["state"] == "verifying"


async def test_a_download_is_in_the_trail_and_files_are_in_the_export(
    portal: Portal,
) -> None:
    citizen = await portal.register()
    attachment = await sent(portal, citizen.token)
    number, department, officer = await at_department(portal, citizen, {**LAMP, "attachments": [attachment]})
    assert (await fetch(portal, citizen.token, number, attachment))[0] == 200
    assert (await fetch(portal, officer, number, attachment))[0] == 200
    [entry] = await trail(portal, citizen, 1)
    assert (entry["role"], entry["department"], entry["request"]) == ("officer", department, number)
    exported = await portal.expect(200, "GET", "/api/v1/requests/export", token=citizen.token)
    [file] = exported["requests"][0]["attachments"]
    assert (file["id"], file["url"]) == (attachment, f"/api/v1/requests/{number}/attachments/{attachment}")


@pytest.mark.parametrize("confidential", [True, False])
async def test_a_file_name_does_not_reveal_a_confidential_citizen(portal: Portal, confidential: bool) -> None:
    citizen = await portal.register()
    name = "Zarmina Gul of Regi"
    ids = []
    for _ in range(2):
        answer = await send(portal, citizen.token, X_File_Name=quote(f"{name}.jpg"))
        ids.append(answer.body["id"])
    filing = {**TEACHER, "confidential": confidential, "attachments": ids}
    number = (await portal.file(citizen, filing))["number"]
    officer, seen = await seen_at(portal, number)
    _, own, _ = await fetch(portal, citizen.token, number, ids[1])
    assert own["Content-Disposition"].endswith(f"filename*=UTF-8''{quote(name)}.jpg")
    _, headers, _ = await fetch(portal, officer, number, ids[1])
    shown = "attachment-2" if confidential else quote(name)
    assert headers["Content-Disposition"] == f"attachment; filename=\"attachment.jpg\"; filename*=UTF-8''{shown}.jpg"
    if confidential:
        told = json.dumps(seen) + str(headers)
        assert not [secret for secret in ("Zarmina", citizen.id) if secret in told]


async def test_a_dump_of_all_databases_contains_no_file_and_no_name(
    portal: Portal, servers: Servers, home: Path
) -> None:
    word = f"Gulmina{secrets.token_hex(4)}"
    citizen = await portal.register()
    content = picture("PNG", size=(640, 480))
    answer = await send(portal, citizen.token, content, X_File_Name=f"{word}.png", Content_Type="image/png")
    page = pdf(Marker=f"({word})".encode())
    paper = await send(portal, citizen.token, page, X_File_Name=f"{word}.pdf", Content_Type="application/pdf")
    ids = [answer.body["id"], paper.body["id"]]
    number, _, officer = await at_department(portal, citizen, {**LAMP, "attachments": ids})
    ids.append(await sent(portal, officer, picture("PNG"), to=number))
    assert found(servers.mongo_url, [word]) == []
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
    database = client["rabta_requests"]
    raw = [chunk["data"] async for chunk in database["contents.chunks"].find({"files_id": {"$in": ids}})]
    client.close()
    assert len(raw) >= 3
    for known in (b"\x89PNG", b"IHDR", b"JFIF", b"%PDF", word.encode()):
        assert not [piece for piece in raw if known in piece]
    named = [text for place, text in documents(servers.mongo_url) if ".contents.files/" in place]
    assert [text for text in named if ids[0] in text]
