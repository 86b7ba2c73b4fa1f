"""Signed receipts, proofs and daily roots."""

import json
from typing import Any, cast

import aiohttp
from joserfc import jws
from joserfc.jwk import KeySet

from shared.proof.chain import link_breaks
from tests.journeys.test_main_job import LAMP
from tools.portal import Portal


async def fetched(portal: Portal, path: str, token: str, accept: str) -> tuple[str, bytes]:
    """The type and bytes of a response."""
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    async with aiohttp.ClientSession(portal.url) as http, http.get(path, headers=headers) as answer:
        assert answer.status == 200
        return answer.content_type, await answer.read()


async def test_filing_gives_a_receipt_that_the_published_keys_verify(portal: Portal) -> None:
    citizen = await portal.register()
    first = await portal.file(citizen, LAMP, key="receipt-1")
    assert (await portal.file(citizen, LAMP, key="receipt-1"))["receipt"] == first["receipt"]
    keys = await portal.expect(200, "GET", "/.well-known/receipt-keys.json")
    jws.deserialize_compact(first["receipt"], KeySet.import_key_set(cast(Any, keys)), algorithms=["Ed25519"])
    await portal.reaches(citizen, first["number"], "routed")
    path = f"/api/v1/requests/{first['number']}/receipt"
    assert (await portal.expect(200, "GET", path, token=citizen.token))["receipt"] == first["receipt"]
    for asked, accept in ((path, "application/pdf"), (f"{path}.pdf", "*/*")):
        kind, page = await fetched(portal, asked, citizen.token, accept)
        assert kind == "application/pdf"
        assert page.startswith(b"%PDF-")
        assert first["receipt"].encode() in page


async def test_a_receipt_is_for_its_citizen_only(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    for path in (f"/api/v1/requests/{number}/receipt", f"/api/v1/requests/{number}/receipt.pdf"):
        await portal.expect(404, "GET", path, token=other.token)
        await portal.expect(401, "GET", path)


async def test_the_proof_is_for_readers_of_the_request_and_not_personal(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    number = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    own = await portal.expect(200, "GET", f"/api/v1/requests/{number}/proof", token=citizen.token)
    tracked = await portal.expect(200, "GET", f"/api/v1/track/{number}/proof?mobile={citizen.last_four}")
    assert tracked == own
    assert [link["action"] for link in own["history"]] == ["submit", "pass", "route"]
    assert link_breaks(number, own["history"]) == []
    for hidden in (citizen.id, citizen.mobile, "Bannu Road", "ایک ہفتے"):
        assert hidden not in json.dumps(own, ensure_ascii=False)
    await portal.expect(404, "GET", f"/api/v1/requests/{number}/proof", token=other.token)
    wrong = f"{(int(citizen.last_four) + 1) % 10_000:04d}"
    await portal.expect(404, "GET", f"/api/v1/track/{number}/proof?mobile={wrong}")


async def test_the_daily_roots_are_public(portal: Portal) -> None:
    page = await portal.expect(200, "GET", "/.well-known/rabta-roots.json?limit=5")
    assert page["roots"]
    assert {"date", "root", "count", "tree", "previous", "signature"} == set(page["roots"][0])
    await portal.expect(422, "GET", "/.well-known/rabta-roots.json?before=yesterday")
