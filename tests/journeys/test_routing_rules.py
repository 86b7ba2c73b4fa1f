"""Routing rules from draft to publication: what would move is shown first, then the next request goes there."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

import yaml

from deploy.local.suite import Suite
from tests.body_examples import ENTRY
from tests.journeys.test_catalogue import PATH as SERVICES
from tests.journeys.test_catalogue import audited
from tests.journeys.test_verify_commands import rabta
from tools.portal import Citizen, Portal

PATH = "/api/v1/admin/routing"
HERE = {"latitude": 34.772, "longitude": 72.361}
"""A place in Swat."""
AROUND = [[72.35, 34.76], [72.37, 34.76], [72.37, 34.78], [72.35, 34.78], [72.35, 34.76]]
BECAUSE = {"en": "The bazaar has its own team.", "ur": "بازار کا اپنا عملہ ہے۔"}


async def a_service(portal: Portal) -> str:
    """A new service whose own rule leads to works, and whose street may contain a word for routing; its code."""
    street = {**ENTRY["form"]["properties"]["street"], "x-routing-words": {"danger": ["live wire", "کرنٹ"]}}
    form = {**ENTRY["form"], "properties": {**ENTRY["form"]["properties"], "street": street}}
    code = f"lamp-ruled-{secrets.token_hex(3)}"
    entry = {**ENTRY, "code": code, "form": form, "eligibility": []}
    await portal.expect(201, "POST", SERVICES, token=await portal.admin_token(), json=entry)
    return code


async def filed(
    portal: Portal, citizen: Citizen, service: str, point: dict[str, float] | None = None, street: str = "Bazaar"
) -> dict[str, Any]:
    """File and wait for the routing; the citizen's view."""
    filing = {"service": service, "place": {"district": "swat", **(point or {})}, "answers": {"street": street}}
    return await portal.reaches(citizen, (await portal.file(citizen, filing))["number"], "routed")


async def draft(portal: Portal, rules: list[dict[str, Any]]) -> dict[str, str]:
    """Add rules before those in force, as the draft; returns the header for the next step."""
    admin = await portal.admin_token()
    stored = await portal.ask("GET", PATH, token=admin)
    own = {rule["name"] for rule in rules}
    body = {"rules": [*rules, *(rule for rule in stored.body["rules"] if rule["name"] not in own)]}
    answer = await portal.ask("PUT", f"{PATH}/draft", token=admin, json=body, headers=tag_of(stored.headers))
    assert answer.status == 200, answer.body
    return tag_of(answer.headers)


async def publish(portal: Portal, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Draft, try and publish; the rule set."""
    admin = await portal.admin_token()
    await draft(portal, rules)
    await portal.expect(200, "POST", f"{PATH}/try", token=admin, json={"last": 5})
    tag = tag_of((await portal.ask("GET", PATH, token=admin)).headers)
    published: dict[str, Any] = await portal.expect(200, "POST", f"{PATH}/publish", token=admin, headers=tag)
    return published


def tag_of(headers: dict[str, str]) -> dict[str, str]:
    """The header with the revision."""
    return {"If-Match": headers["etag"]}


async def test_rules_show_what_would_move_and_then_route(portal: Portal, suite: Suite, tmp_path: Path) -> None:
    admin, citizen, service = await portal.admin_token(), await portal.register(), await a_service(portal)
    inside, elsewhere = [await filed(portal, citizen, service, point) for point in (HERE, None)]
    assert {inside["department"], elsewhere["department"]} == {"works"}
    area, name = f"bazaar-{secrets.token_hex(3)}", f"Bazaar {service}"
    shape = {"type": "Polygon", "coordinates": [AROUND]}
    body = {"name": {"en": "The bazaar", "ur": "بازار"}, "shape": shape}
    line = await portal.expect(200, "PUT", f"{PATH}/areas/{area}", token=admin, json=body)
    assert (line["points"], line["used"]) == (5, False)
    crossed = {**shape, "coordinates": [[AROUND[0], AROUND[2], AROUND[1], AROUND[3], AROUND[0]]]}
    refused = await portal.ask("PUT", f"{PATH}/areas/{area}", token=admin, json={**body, "shape": crossed})
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "area_shape")

    rule = {"name": name, "when": {"services": [service], "areas": [area]}, "to": "sanitation", "because": BECAUSE}
    words = {
        **rule,
        "name": f"{name} danger",
        "when": {"services": [service], "answers": {"danger": [True]}},
        "to": "power",
    }
    tag = await draft(portal, [words, rule])
    early = await portal.ask("POST", f"{PATH}/publish", token=admin, headers=tag)
    assert (early.status, early.body["type"]) == (409, "/problems/rules-not-tried")
    tried = await portal.expect(200, "POST", f"{PATH}/try", token=admin, json={"last": 1000})
    [move] = [one for one in tried["moved"] if one["service"] == service]
    assert (move["number"], move["from"]["department"]) == (inside["number"], "works")
    assert move["to"] == {"department": "sanitation", "rule": name}
    assert (await filed(portal, citizen, service, HERE))["department"] == "works"  # it is only a draft

    published = await publish(portal, [words, rule])
    assert (published["draft"], published["problems"]) == (None, [])
    audit = await audited(portal, version=str(published["version"]), rules=str(len(published["rules"])))
    assert audit == ["rules_published"]
    routed = await filed(portal, citizen, service, HERE)
    assert (routed["department"], (await filed(portal, citizen, service))["department"]) == ("sanitation", "works")
    assert (await filed(portal, citizen, service, HERE, "A live wire hangs low"))["department"] == "power"
    officer = await portal.officer("sanitation")
    seen = await portal.expect(200, "GET", f"/api/v1/assignments/{routed['number']}", token=officer)
    [step] = seen["history"]
    assert (step["rule"], step["rules_version"]) == (name, published["version"])
    assert seen["because"] == BECAUSE["en"]
    in_use = await portal.ask("DELETE", f"{PATH}/areas/{area}", token=admin)
    assert (in_use.status, in_use.body["type"]) == (409, "/problems/area-in-use")
    versions = (await portal.expect(200, "GET", f"{PATH}/versions", token=admin))["versions"]
    assert versions[0]["version"] == published["version"]
    whole = await portal.expect(200, "GET", f"{PATH}/versions/{published['version']}", token=admin)
    assert whole["rules"] == published["rules"]

    rules, table = tmp_path / "rules.yaml", tmp_path / "requests.csv"
    rules.write_text(
        yaml.safe_dump([{**rule, "when": {"services": [service], "hours": {"from": "06:00", "to": "18:00"}}}])
    )
    table.write_text(f"service,district,at\n{service},swat,2026-07-01T12:00\n{service},swat,2026-07-01T21:00\n")
    code, printed = await rabta(suite, "routing", "try", str(rules), "--csv", str(table))
    assert code == 0, printed
    assert f"row 1  {service}, swat: works -> sanitation  ({name})" in printed
    assert "2 requests tried, 1 would go elsewhere" in printed


async def test_of_two_administrators_who_publish_at_once_the_second_is_told_and_nothing_is_lost(portal: Portal) -> None:
    admin, service = await portal.admin_token(), await a_service(portal)
    rule = {"name": f"Once {service}", "when": {"services": [service]}, "to": "power", "because": BECAUSE}
    old = await draft(portal, [rule])
    await portal.expect(200, "POST", f"{PATH}/try", token=admin, json={"last": 1})
    stored = await portal.ask("GET", PATH, token=admin)
    tag = tag_of(stored.headers)
    both = [portal.ask("POST", f"{PATH}/publish", token=admin, headers=tag) for _ in range(2)]
    first, second = sorted(await asyncio.gather(*both), key=lambda answer: answer.status)
    assert (first.status, second.status, second.body["type"]) == (200, 412, "/problems/precondition-failed")
    assert first.body["version"] == stored.body["version"] + 1
    for headers in (old, tag):
        late = await portal.ask("PUT", f"{PATH}/draft", token=admin, json={"rules": []}, headers=headers)
        assert late.status == 412
    now = await portal.expect(200, "GET", PATH, token=admin)
    assert (now["version"], now["rules"], now["draft"]) == (first.body["version"], first.body["rules"], None)
    assert rule["name"] in [one["name"] for one in now["rules"]]
    if stored.body["version"]:
        before = await portal.expect(200, "GET", f"{PATH}/versions/{stored.body['version']}", token=admin)
        assert before["rules"] == stored.body["rules"]


async def test_a_request_at_the_triage_desk_is_sent_on_by_its_officer(portal: Portal) -> None:
    citizen, service = await portal.register(), await a_service(portal)
    because = {"en": "We are choosing the right department.", "ur": "ہم درست محکمہ چن رہے ہیں۔"}
    await publish(
        portal, [{"name": f"Ask {service}", "when": {"services": [service]}, "to": "triage", "because": because}]
    )
    waiting = await filed(portal, citizen, service)
    assert waiting["department"] == "triage"
    number, desk = waiting["number"], await portal.officer("triage")
    sent_on = await portal.act(desk, number, "transfer", to="works", reason="A lamp of the city.")
    assert sent_on.status == 200, sent_on.body

    async def at(department: str) -> None:
        await portal.once(
            f"/api/v1/requests/{number}", lambda seen: seen["department"] == department, token=citizen.token
        )

    await at("works")
    for department, to in [("works", "power"), ("power", "works"), ("works", "power")]:
        answer = await portal.act(await portal.officer(department), number, "transfer", to=to, reason="It is not ours.")
        assert answer.status == 200, answer.body
    assert answer.body["department"] == "triage"
    assert answer.body["because"].startswith("Departments have transferred it twice already.")
    await at("triage")
