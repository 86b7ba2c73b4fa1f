"""A service from draft to retirement, and requests that keep their version."""

import asyncio
import secrets
from typing import Any

from tests.body_examples import ENTRY
from tools.portal import Portal, until

PATH = "/api/v1/admin/services"


def an_entry(code: str, **changes: Any) -> dict[str, Any]:
    """A service with two questions."""
    question = {"type": "boolean", "x-title": {"en": "Have you looked?", "ur": "کیا آپ نے دیکھ لیا؟"}}
    form = {**ENTRY["form"], "properties": {**ENTRY["form"]["properties"], "looked": question}}
    looked = {"properties": {"answers": {"properties": {"looked": {"const": True}}, "required": ["looked"]}}}
    rule = {
        "code": "looked",
        "requires": looked,
        "otherwise": "information_needed",
        "passed": {"en": "You have looked.", "ur": "آپ نے دیکھ لیا ہے۔"},
        "failed": {"en": "Look first.", "ur": "پہلے دیکھ لیں۔"},
    }
    return {**ENTRY, "code": code, "form": form, "eligibility": [rule], **changes}


async def audited(portal: Portal, **details: str) -> list[str]:
    """What administrators did with something, oldest first, once it is in the audit."""
    auditor = await portal.staff("auditor")

    async def look() -> list[str] | None:
        entries = (await portal.expect(200, "GET", "/api/v1/admin/audit?limit=100", token=auditor))["entries"]
        return [one["what"] for one in reversed(entries) if details.items() <= one["details"].items()] or None

    return await until(look, f"{details} to be in the audit")


async def put(portal: Portal, path: str, entry: dict[str, Any], token: str, tag: str) -> str:
    """Write the draft; returns the next ETag."""
    answer = await portal.ask("PUT", path, token=token, json=entry, headers={"If-Match": tag})
    assert answer.status == 200, answer.body
    return answer.headers["etag"]


async def test_a_service_from_draft_to_retirement(portal: Portal) -> None:
    admin, citizen = await portal.admin_token(), await portal.register()
    code = f"lamp-wanted-{secrets.token_hex(3)}"
    one = f"{PATH}/{code}"
    answers = {"street": "Mingora Road", "looked": False}
    filing = {"service": code, "place": {"district": "swat"}, "answers": answers}
    sample: dict[str, Any] = {"answers": answers, "district": "swat"}

    drafted = await portal.ask("POST", f"{PATH}?draft=true", token=admin, json=an_entry(code))
    assert (drafted.status, drafted.body["draft"], drafted.body["stage"]) == (201, "draft", None)
    assert (await portal.ask("GET", f"/api/v1/catalogue/{code}")).status == 404
    tag = {"If-Match": drafted.headers["etag"]}
    assert (await portal.ask("POST", f"{one}/publish", token=admin)).status == 428
    refused = await portal.ask("POST", f"{one}/publish", token=admin, headers=tag)
    assert (refused.status, refused.body["type"]) == (409, "/problems/version-refused")

    seen = await portal.expect(200, "POST", f"{one}/preview", token=admin, json=sample)
    assert (seen["state"], seen["department"]["to"]) == ("information_needed", "works")
    assert [check["words"] for check in seen["checks"]] == ["Look first."]
    previewed = await portal.ask("GET", one, token=admin)
    assert previewed.body["draft"] == "preview"
    tag = {"If-Match": previewed.headers["etag"]}
    assert (await portal.expect(200, "POST", f"{one}/publish", token=admin, headers=tag))["stage"] == "published"
    assert (await portal.ask("POST", f"{one}/publish", token=admin, headers=tag)).status == 412

    filed = await portal.file(citizen, filing)
    assert filed["state"] == "information_needed"
    gone = an_entry(code, name={"en": "Lamp, again", "ur": "بتی، دوبارہ"}, eligibility=[])
    gone["form"] = ENTRY["form"]
    await put(portal, f"{one}/draft", gone, admin, (await portal.ask("GET", one, token=admin)).headers["etag"])
    sample = {"answers": {"street": "Mingora Road"}, "district": "swat"}
    await portal.expect(200, "POST", f"{one}/preview", token=admin, json=sample)
    tag = {"If-Match": (await portal.ask("GET", one, token=admin)).headers["etag"]}
    assert (await portal.expect(200, "POST", f"{one}/publish", token=admin, headers=tag))["version"] == 2

    own = await portal.request(citizen, filed["number"])
    assert own["service_version"] == 1
    assert "looked" in (await portal.expect(200, "GET", own["form"]))["form"]["properties"]
    corrected = {"answers": {**answers, "looked": True}}
    path = f"/api/v1/requests/{filed['number']}"
    assert (await portal.expect(200, "PATCH", path, token=citizen.token, json=corrected))["state"] == "verifying"

    tag = {"If-Match": (await portal.ask("GET", one, token=admin)).headers["etag"]}
    assert (await portal.expect(200, "POST", f"{one}/retire", token=admin, headers=tag))["stage"] == "retired"
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    body = {**filing, "answers": {"street": "Mingora Road"}}
    late = await portal.ask("POST", "/api/v1/requests", token=citizen.token, json=body, headers=headers)
    assert [(e["pointer"], e["code"]) for e in late.body["errors"]] == [("/service", "service_retired")]
    await portal.reaches(citizen, filed["number"], "routed")  # existing requests continue

    versions = (await portal.expect(200, "GET", f"{one}/versions", token=admin))["versions"]
    assert [(v["version"], v["stage"]) for v in versions] == [(2, "retired"), (1, "retired")]
    first = await portal.expect(200, "GET", f"{one}/versions/1", token=admin)
    assert first["entry"]["eligibility"][0]["code"] == "looked"
    assert first["published_by"]
    listed = (await portal.expect(200, "GET", PATH, token=admin))["services"]
    assert {s["code"]: s["stage"] for s in listed}[code] == "retired"
    offered = {s["code"]: s for s in (await portal.expect(200, "GET", "/api/v1/catalogue"))["services"]}
    assert code not in offered
    harassment = offered["cyber-harassment"]
    assert (harassment["confidential"], harassment["anonymous"]) == ("always", True)
    assert await audited(portal, service=code, version="1") == ["service_published"]
    await until(lambda: withdrawn(portal, code), "the end of the service to be in the audit")


async def withdrawn(portal: Portal, code: str) -> bool | None:
    """Whether the audit has the publication of version 2 and its end."""
    return await audited(portal, service=code, version="2") == ["service_published", "service_withdrawn"] or None


async def test_a_bad_entry_is_refused_with_all_its_wrong_paths(portal: Portal) -> None:
    admin = await portal.admin_token()
    entry = an_entry("lamp-wrong", department=[{"to": "works", "because": {"en": "x", "ur": "x"}}])
    entry["form"] = {
        **entry["form"],
        "properties": {
            "age": {"type": "integer", "minimum": "ten"},
            "street": {"type": "string", "pattern": "^(?=x)$", "x-messages": {"pattern": {"en": "x"}}},
        },
    }
    for path in (PATH, f"{PATH}?draft=true"):
        for language in ("en", "ur"):
            headers = {"Accept-Language": language}
            refused = await portal.ask("POST", path, token=admin, json=entry, headers=headers)
            assert refused.status == 422
            assert [error["pointer"] for error in refused.body["errors"]] == [
                "/form/properties/age/minimum",
                "/form/properties/street/pattern",
                "/form/properties/street/x-messages/pattern",
            ]
            assert all(error["message"].isascii() == (language == "en") for error in refused.body["errors"])
    nowhere = an_entry("lamp-wrong", department=[{"to": "no-such", "because": {"en": "x", "ur": "x"}}])
    refused = await portal.ask("POST", PATH, token=admin, json=nowhere)
    assert [error["pointer"] for error in refused.body["errors"]] == ["/department/0/to"]
    assert (await portal.ask("GET", f"{PATH}/lamp-wrong", token=admin)).status == 404


async def test_an_entry_can_name_a_new_department(portal: Portal) -> None:
    admin, code = await portal.admin_token(), f"lamps-{secrets.token_hex(3)}"
    words = {"en": "Lamps", "ur": "بتیاں"}
    department = {"code": code, "name": words, "head": words, "appellate_authority": words}
    await portal.expect(201, "POST", "/api/v1/admin/departments", token=admin, json=department)
    entry = an_entry(f"ask-{code}", department=[{"to": code, "because": words}])
    await portal.expect(201, "POST", PATH, token=admin, json=entry)


async def test_concurrent_publications_never_mix_versions(portal: Portal) -> None:
    code, admin = f"at-once-{secrets.token_hex(4)}", await portal.admin_token()
    entries = [an_entry(code, summary={"en": f"Summary {n}", "ur": f"{n}"}) for n in range(12)]
    path = "/api/v1/admin/services"
    answers = await asyncio.gather(*(portal.ask("POST", path, token=admin, json=entry) for entry in entries))
    assert {answer.status for answer in answers} <= {201, 409}
    published = [answer.body["version"] for answer in answers if answer.status == 201]
    listed = (await portal.expect(200, "GET", f"{path}/{code}/versions", token=admin))["versions"]
    assert sorted(published) == sorted(version["version"] for version in listed) == list(range(1, len(published) + 1))
    kept = [
        (await portal.expect(200, "GET", f"{path}/{code}/versions/{n}", token=admin))["entry"]["summary"]["ur"]
        for n in published
    ]
    assert len(set(kept)) == len(kept)


async def test_services_are_found_by_typed_words(portal: Portal) -> None:
    path = "/api/v1/catalogue"
    for text in ("domisile banwana hai", "DOMICIL", "ڈومسائل"):
        found = (await portal.expect(200, "GET", f"{path}?q={text}"))["services"]
        assert found[0]["code"] == "domicile-certificate", text
    assert (await portal.expect(200, "GET", f"{path}?q=qwertyuiop"))["services"] == []
    power = (await portal.expect(200, "GET", f"{path}?department=power&kind=complaint"))["services"]
    assert {"power-outage", "electricity-bill"} <= {service["code"] for service in power}
    assert {service["kind"] for service in power} == {"complaint"}
    for wrong in ("kind=appeal", "department=Power%21", f"q={'a' * 201}"):
        assert (await portal.ask("GET", f"{path}?{wrong}")).status == 422, wrong


async def test_an_unchanged_entry_is_a_304(portal: Portal) -> None:
    for path in ("/api/v1/catalogue?q=bijli", "/api/v1/catalogue/power-outage"):
        first = await portal.ask("GET", path)
        assert first.headers["cache-control"] == "public, max-age=60"
        headers = {"If-None-Match": first.headers["etag"], "Accept-Language": "ur"}
        assert (await portal.ask("GET", path, headers=headers)).status == 304


async def test_a_check_before_filing_predicts_the_result(portal: Portal) -> None:
    names = (await portal.expect(200, "GET", "/api/v1/districts"))["districts"]
    assert {"code": "kohat", "name": {"en": "Kohat", "ur": "کوہاٹ"}} in names
    path = "/api/v1/catalogue/street-light-out/check"
    begun = await portal.expect(200, "POST", path, json={"answers": {"problem": "out"}})
    assert {"/place/district", "/answers/description"} <= {one["pointer"] for one in begun["missing"]}
    answers = {"problem": "live-wire", "street": "private-scheme", "place": "Bank Road", "description": "It hangs low."}
    whole = await portal.expect(200, "POST", path, json={"place": {"district": "kohat"}, "answers": answers})
    assert (whole["complete"], whole["checks"][0]["passed"], whole["department"]["to"]) == (True, False, "power")
    assert (await portal.ask("POST", "/api/v1/catalogue/kettle/check", json={})).status == 404
