"""A partner's app files by Open311, follows the request and hears of the outcome; the public sees what it may see."""

import asyncio
import csv
import io
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from georeport import GeoReport

from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Answer, Portal, until

V2 = "/open311/v2"
REPORT = {
    "service_code": "street-light-out",
    "lat": "33.588",
    "long": "71.442",
    "description": "The light by the bridge is out. Call Mr Ahmad Khan, 0300-1234567.",
    "address_string": "Bannu Road, Kohat",
    "first_name": "Ahmad",
    "attribute[problem]": "out",
    "attribute[street]": "public",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
async def key(portal: Portal) -> str:
    """The key of a new partner."""
    made = await make_partner(portal, f"city-app-{secrets.token_hex(3)}")
    return str(made["key"])


async def make_partner(portal: Portal, code: str) -> dict[str, Any]:
    """A new partner with its key."""
    body = {"code": code, "name": "City app"}
    made: dict[str, Any] = await portal.expect(
        201, "POST", "/api/v1/admin/partners", token=await portal.admin_token(), json=body
    )
    return made


async def post(portal: Portal, path: str, fields: Mapping[str, str]) -> Answer:
    """Send a form, as clients of the standard do."""
    return await portal.ask("POST", f"{V2}/{path}", data=urlencode(fields).encode(), headers=FORM)


async def elements(portal: Portal, path: str) -> list[dict[str, str]]:
    """The items of an XML answer, by the names of their elements."""
    root = ElementTree.fromstring(await portal.expect(200, "GET", f"{V2}/{path}"))
    return [{part.tag: part.text or "" for part in item} for item in root]


async def filed(portal: Portal, key: str, **fields: str) -> str:
    """The number of a request that a partner files."""
    answer = await post(portal, "requests.json", {**REPORT, "api_key": key, **fields})
    assert answer.status == 201, answer.body
    return str(answer.body[0]["service_request_id"])


async def shown(portal: Portal, number: str) -> dict[str, Any]:
    """A published request as the standard shows it."""
    [request] = await portal.expect(200, "GET", f"{V2}/requests/{number}.json?extensions=true")
    found: dict[str, Any] = request
    return found


async def resolved(portal: Portal, number: str) -> str:
    """An officer's session, after the officer accepted and resolved the request."""
    officer = await portal.officer("works")
    assert (await portal.act(officer, number, "accept")).status == 200
    done = await portal.act(officer, number, "resolve", outcome="granted", reply="The lamp was replaced today.")
    assert done.status == 200
    return officer


async def test_an_app_like_fixmystreet_files_and_hears_that_it_is_done(portal: Portal, key: str) -> None:
    services = {one["service_code"]: one for one in await elements(portal, "services.xml")}
    assert services["street-light-out"]["type"] == "realtime"
    assert "cyber-harassment" not in services
    sent = {**REPORT, "api_key": key, "description": f"Dark since {secrets.token_hex(3)}"}
    answers = [await post(portal, "requests.xml", sent) for _ in range(2)]  # the client heard nothing of the first
    [number] = {ElementTree.fromstring(one.body).findtext("request/service_request_id") for one in answers}
    assert number is not None
    assert (await shown(portal, number))["status"] == "open"

    await resolved(portal, number)

    async def update(status: str) -> dict[str, str] | None:
        updates = await elements(portal, "servicerequestupdates.xml")
        return next((u for u in updates if (u["service_request_id"], u["status"]) == (number, status)), None)

    fixed = await until(lambda: update("FIXED"), f"the update that {number} is fixed")
    assert fixed["description"] == "The department says that it is done."
    assert (await shown(portal, number))["status"] == "closed"
    for status, listed in (("open", False), ("closed", True), ("open,closed", True)):
        found = await portal.expect(200, "GET", f"{V2}/requests.json?status={status}")
        assert (number in [one["service_request_id"] for one in found]) is listed, status

    again = {"api_key": key, "service_request_id": number, "update_id": "77", "status": "REOPEN",
             "description": "It went out again the same evening."}  # fmt: skip
    taken = await post(portal, "servicerequestupdates.xml", again)
    assert taken.status == 201, taken.body
    update_id = ElementTree.fromstring(taken.body).findtext("request_update/update_id")
    assert (await until(lambda: update("REOPEN"), "the dispute"))["update_id"] == update_id
    head = await portal.officer("works", "head")

    await portal.once(f"/api/v1/requests/{number}", lambda seen: seen["state"] == "reopened", token=head)
    assert (await shown(portal, number))["status"] == "open"


async def test_words_are_public_once_an_officer_has_read_them(portal: Portal, key: str) -> None:
    number = await filed(portal, key)
    assert (await shown(portal, number))["description"] is None
    officer, path = await portal.officer("works"), f"/api/v1/requests/{number}/publication"
    await until(lambda: routed(portal, number), f"{number} to be at its department")
    seen = await portal.ask("GET", path, token=officer)
    assert seen.body["description"]["redacted"] == "The light by the bridge is out. Call Mr [name], [phone]."
    assert seen.body["description"]["found"] == ["name", "phone"]

    revision = {"If-Match": seen.headers["etag"]}
    unread = {"description": REPORT["description"], "place": "Bannu Road"}
    refused = await portal.ask("PUT", path, token=officer, json=unread, headers=revision)
    assert [(one["pointer"], one["code"]) for one in refused.body["errors"]] == [("/description", "personal")]
    words = {"description": "The light by the bridge is out.", "place": "Bannu Road"}
    done = await portal.ask("PUT", path, token=officer, json=words, headers=revision)
    assert (done.status, done.body["published"]) == (200, True)
    public = await shown(portal, number)
    assert (public["description"], public["address"]) == (words["description"], words["place"])

    back = await portal.ask("DELETE", path, token=officer, headers={"If-Match": done.headers["etag"]})
    assert back.status == 200
    assert (await shown(portal, number))["description"] is None


async def routed(portal: Portal, number: str) -> bool | None:
    """True once a request is at its department."""
    return True if (await shown(portal, number))["extended_attributes"]["state"] == "routed" else None


async def test_the_public_does_not_learn_who_filed_or_a_number_to_track(portal: Portal) -> None:
    citizen = await portal.register()
    place = {"district": "kohat", "latitude": 33.5881234, "longitude": 71.4425678, "address": "House 3, Kohat"}
    number, _, _ = await at_department(portal, citizen, {**LAMP, "place": place})
    hidden = (await portal.file(citizen, {**LAMP, "confidential": True}))["number"]
    page = await portal.expect(200, "GET", "/api/v1/public/requests?service=street-light-out&limit=1000")
    mine = [one for one in page["requests"] if (one["latitude"], one["longitude"]) == (33.588, 71.443)]
    assert [one["id"][:3] for one in mine] == ["RP-"]
    text = str(page)
    assert not [secret for secret in (number, hidden, citizen.id, "House 3", "33.5881") if secret in text]
    assert (await portal.ask("GET", f"{V2}/requests/{number}.json")).status == 404
    assert (await portal.ask("GET", f"/api/v1/track/{mine[0]['id']}?mobile={citizen.last_four}")).status == 404

    table = await portal.ask("GET", "/api/v1/public/requests.csv?service=street-light-out&limit=1")
    [row] = csv.DictReader(io.StringIO(table.body))
    assert (row["service"], row["district"]) == ("street-light-out", row["district"])
    assert 'rel="next"' in table.headers["link"]


async def test_refusals_are_written_as_the_standard_says(portal: Portal, key: str) -> None:
    good = {**REPORT, "api_key": key}
    cases = {
        403: [good | {"api_key": "wrong"}, {name: text for name, text in good.items() if name != "api_key"}],
        404: [good | {"service_code": "nothing"}, good | {"jurisdiction_id": "elsewhere.example"}],
        400: [
            {name: text for name, text in good.items() if name not in ("lat", "long", "address_string")},
            {name: text for name, text in good.items() if name != "attribute[problem]"},
            good | {"lat": "north"},
            good | {"attribute[problem]": "all"},
            good | {"lat": "71.442", "long": "33.588"},
        ],
    }
    for status, forms in cases.items():
        for form in forms:
            answer = await post(portal, "requests.json", form)
            assert (answer.status, {error["code"] for error in answer.body}) == (status, {status}), form
    named = await post(portal, "requests.json", {**good, "attribute[problem]": "all"})
    assert named.body[0]["description"].startswith("attribute[problem]: ")
    for path in ("requests/RB-0000-0000-0.xml", "services/teacher-absent.xml", "tokens/nothing.xml", "nothing.xml"):
        refused = await portal.ask("GET", f"{V2}/{path}")
        error = ElementTree.fromstring(refused.body).find("error")
        assert (refused.status, error is not None and error.findtext("code")) == (404, "404")
    queries = ["start_date=2020-01-01&end_date=2026-01-01", "status=stale", "page_size=5000", "start_date=soon"]
    for query in (*queries, "&".join(["a=1"] * 300), f"page=000000001{'9' * 4400}"):
        assert (await portal.ask("GET", f"{V2}/requests.json?{query}")).status == 400


async def test_a_partner_reaches_only_what_it_filed_and_only_with_its_key(portal: Portal, key: str) -> None:
    other = await make_partner(portal, f"other-{secrets.token_hex(3)}")
    number = await filed(portal, key, description=f"A dark street, {secrets.token_hex(3)}.")
    update = {"service_request_id": number, "update_id": "1", "description": "Still dark."}
    assert (await post(portal, "servicerequestupdates.json", {**update, "api_key": other["key"]})).status == 404
    told = [await post(portal, "servicerequestupdates.json", {**update, "api_key": key}) for _ in range(2)]
    assert [one.status for one in told] == [201, 201]
    assert told[0].body == told[1].body
    await until(lambda: routed(portal, number), f"{number} to be at its department")
    officer = await portal.officer("works")
    seen = await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=officer)
    assert [step["words"] for step in seen["history"] if step["action"] == "tell_more"] == ["Still dark."]

    admin = await portal.admin_token()
    path, keep = f"/api/v1/admin/partners/{other['code']}", {"keep_old_hours": 1}
    second = await portal.expect(200, "POST", f"{path}/key", token=admin, json=keep)
    assert second["old_until"] > second["key_at"]
    third = await portal.expect(200, "POST", f"{path}/key", token=admin, json=keep)
    keys = [other["key"], second["key"], third["key"]]

    async def statuses() -> list[int]:
        return [(await post(portal, "servicerequestupdates.json", {**update, "api_key": one})).status for one in keys]

    assert await statuses() == [403, 404, 404]  # a valid key does not reach what another partner filed
    await portal.expect(200, "POST", f"{path}/key", token=admin)
    assert await statuses() == [403, 403, 403]
    keys = [(await portal.expect(200, "POST", f"{path}/key", token=admin, json=keep))["key"]]
    assert await statuses() == [404]
    await portal.expect(200, "DELETE", path, token=admin)
    assert await statuses() == [403]


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_client_that_others_wrote_reads_services_and_requests(portal: Portal, key: str, form: str) -> None:
    """`georeport` of the package index, which was written against the servers of cities."""
    numbers = [await filed(portal, key, description=f"Lamp {n} of {secrets.token_hex(3)} is dark.") for n in range(2)]
    client = GeoReport(f"{portal.url}{V2}", output_format=form)
    services = await asyncio.to_thread(client.get_service_list)
    assert {"street-light-out", "water-leak"} <= {one["service_code"] for one in services}
    definition = await asyncio.to_thread(client.get_service_definition, "street-light-out")
    attributes = definition["attributes"] if form == "json" else definition["attributes"]["attribute"]
    assert {"problem", "street", "place", "district"} <= {one["code"] for one in attributes}
    listed = await asyncio.to_thread(client.get_service_requests, service_code="street-light-out", status="open,closed")
    assert set(numbers) <= {one["service_request_id"] for one in listed}
    one = await asyncio.to_thread(client.get_service_request, numbers[0])
    assert (one["service_request_id"], one["service_name"]) == (numbers[0], "Street light not working")
