"""Files of a request: uploaded, filed, read by authorised people, refused, and removed."""

import asyncio
from io import BytesIO
from itertools import count

import pytest
from PIL import Image

from gateway.limits import LIMITS
from services.requests.files.checking.documents import cleaned
from services.requests.request.models.attachment import MAX_BYTES
from tests.attachments import JPEG, fetch, send, sent
from tests.journeys.test_main_job import LAMP, at_department
from tests.unit.requests.nasty_files import BAD, SECRET, flood, heavy_pdf, large_photo, pdf, picture, told_where
from tools.portal import Portal, until


async def test_a_citizen_files_with_a_photo_and_its_department_sees_it(portal: Portal) -> None:
    citizen = await portal.register()
    answer = await send(portal, citizen.token, told_where(), X_File_Name="%D8%A8%D8%AA%DB%8C%20lamp.php.jpg")
    assert answer.status == 201, answer.body
    file = answer.body
    assert (file["type"], file["width"], file["height"], file["quarantined"]) == ("image/jpeg", 48, 64, False)
    number, _, officer = await at_department(portal, citizen, {**LAMP, "attachments": [file["id"]]})
    shown = await portal.request(citizen, number)
    assert [(one["id"], one["kind"]) for one in shown["attachments"]] == [(file["id"], "attachment")]
    for token in (citizen.token, officer):
        status, headers, content = await fetch(portal, token, number, file["id"], Range="bytes=0-3")
        assert status == 200
        assert len(content) == file["bytes"] == int(headers["Content-Length"])
        assert SECRET.encode() not in content
        assert not Image.open(BytesIO(content)).getexif()
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["Content-Disposition"].endswith("filename*=UTF-8''%D8%A8%D8%AA%DB%8C%20lamp_php.jpg")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers.getall("Content-Security-Policy") == ["default-src 'none'; sandbox"]
        assert headers.getall("Cache-Control") == ["private, no-store"]


async def test_strangers_cannot_read_a_file(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    attachment = await sent(portal, citizen.token)
    number, department, officer = await at_department(portal, citizen, {**LAMP, "attachments": [attachment]})
    codes = [d["code"] for d in (await portal.expect(200, "GET", "/api/v1/departments"))["departments"]]
    elsewhere = next(code for code in codes if code != department)
    stranger = await portal.officer(elsewhere)
    for token in (other.token, stranger, await portal.admin_token()):
        assert (await fetch(portal, token, number, attachment))[0] in (403, 404)
    another = await portal.file(other, LAMP)
    assert (await fetch(portal, other.token, another["number"], attachment))[0] == 404
    assert (await send(portal, other.token, to=number)).status == 404
    assert (await send(portal, stranger, to=number)).status == 404

    assert (await portal.act(officer, number, "transfer", to=elsewhere, reason="It is theirs.")).status == 200

    async def gone() -> bool | None:
        return (await fetch(portal, officer, number, attachment))[0] == 404 or None

    await until(gone, "the former department to see no file any more")
    assert (await fetch(portal, stranger, number, attachment))[0] == 200


async def test_a_file_belongs_to_one_request_of_its_sender(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    attachment = await sent(portal, citizen.token)
    filing = {**LAMP, "attachments": [attachment]}
    for token in (other.token,):
        answer = await portal.ask(
            "POST", "/api/v1/requests", token=token, json=filing, headers={"Idempotency-Key": "k"}
        )
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/attachments/0")
    both = await asyncio.gather(
        *(
            portal.ask("POST", "/api/v1/requests", token=citizen.token, json=filing, headers={"Idempotency-Key": key})
            for key in ("one", "two")
        )
    )
    assert sorted(answer.status for answer in both) == [201, 422]
    first = "one" if both[0].status == 201 else "two"
    again = await portal.ask(
        "POST", "/api/v1/requests", token=citizen.token, json=filing, headers={"Idempotency-Key": first}
    )
    assert again.status == 201
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_retried_upload_returns_the_first_file(portal: Portal) -> None:
    citizen = await portal.register()
    first = await send(portal, citizen.token, key="once")
    again = await send(portal, citizen.token, key="once")
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    other = await send(portal, citizen.token, picture("PNG"), key="once")
    assert (other.status, other.body["type"]) == (422, "/problems/idempotency-key-reused")
    assert (await send(portal, (await portal.register()).token, key="once")).body["id"] != first.body["id"]
    at_once = await asyncio.gather(*(send(portal, citizen.token, key="many") for _ in range(10)))
    assert {answer.status for answer in at_once} <= {201, 409}
    assert len({answer.body["id"] for answer in at_once if answer.status == 201}) == 1


@pytest.mark.parametrize("name", BAD)
async def test_a_hostile_file_is_refused_through_the_gateway(portal: Portal, name: str) -> None:
    content, code = BAD[name]
    answer = await send(portal, await token_of(portal), content)
    assert (answer.status, answer.body["type"]) == (415 if code == "file-type" else 422, f"/problems/{code}")


async def token_of(portal: Portal) -> str:
    """A citizen for many refusals, changed before the upload limit of a minute is reached."""
    if next(SENT) % LIMITS["upload"].quota == 0:
        CITIZEN.append((await portal.register()).token)
    return CITIZEN[-1]


CITIZEN: list[str] = []
SENT = count()


async def test_a_photo_of_48_megapixels_is_accepted_and_scaled_down(portal: Portal) -> None:
    citizen, photo = await portal.register(), large_photo()
    assert 8_000_000 < len(photo) < MAX_BYTES
    taken = await send(portal, citizen.token, photo)
    assert (taken.status, taken.body["width"], taken.body["height"]) == (201, 4000, 3000)
    assert taken.body["bytes"] < len(photo)


async def test_the_largest_pdf_is_accepted(portal: Portal) -> None:
    paper = heavy_pdf(MAX_BYTES - 10_000)
    assert (await send(portal, (await portal.register()).token, paper)).status == 201


async def test_an_upload_with_invalid_headers_is_refused(portal: Portal) -> None:
    citizen = await portal.register()
    for declared in ("image/jpg", "image/pjpeg", "application/octet-stream", "image/png", "text/html", ""):
        taken = await send(portal, citizen.token, Content_Type=declared)
        assert (taken.status, taken.body["type"]) == (201, JPEG), declared
    paper = await send(portal, citizen.token, pdf(), Content_Type="application/x-pdf")
    assert (paper.status, paper.body["type"]) == (201, "application/pdf")
    assert (await send(portal, citizen.token, bytes(MAX_BYTES + 1))).status == 413
    assert (await send(portal, citizen.token, Content_Encoding="gzip")).status == 415
    without = await portal.ask(
        "POST", "/api/v1/attachments", token=citizen.token, data=picture(), headers={"Content-Type": "image/jpeg"}
    )
    assert (without.status, without.body["type"]) == (400, "/problems/idempotency-key-required")
    assert (await send(portal, "")).status == 401
    assert (await send(portal, citizen.token, to="RB-0000-0000-0")).status == 404


async def test_a_citizen_adds_files_only_to_an_open_request(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    attachment = await sent(portal, citizen.token, pdf(), to=number)
    shown = await portal.request(citizen, number)
    assert [one["id"] for one in shown["attachments"]] == [attachment]
    assert shown["history"][-1]["action"] == "attach"
    assert (await fetch(portal, officer, number, attachment))[2] == cleaned(pdf())
    same = await send(portal, citizen.token, key="again", to=number)
    assert (await send(portal, citizen.token, key="again", to=number)).body == same.body
    assert len((await portal.request(citizen, number))["attachments"]) == 2
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/withdraw", token=citizen.token, json={})
    answer = await send(portal, citizen.token, to=number)
    assert (answer.status, answer.body["type"]) == (409, "/problems/transition-refused")


async def test_each_side_may_add_ten_files(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    answers = [await send(portal, citizen.token, to=number) for _ in range(11)]
    assert [answer.status for answer in answers] == [201] * 10 + [409]
    assert answers[-1].body["type"] == "/problems/too-many-files"
    assert (await send(portal, officer, to=number)).status == 201


async def test_huge_images_do_not_affect_other_uploads(portal: Portal) -> None:
    citizen = await portal.register()
    answers = await asyncio.gather(
        *(send(portal, citizen.token, flood()) for _ in range(10)), send(portal, citizen.token)
    )
    assert [answer.status for answer in answers] == [422] * 10 + [201]
