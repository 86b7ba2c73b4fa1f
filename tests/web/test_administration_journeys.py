"""Journeys of administrators with services and routing rules, and of a head who connects a system, in a browser."""

import json
import secrets

import pytest

from tests.body_examples import ENTRY
from tests.journeys.test_main_job import LAMP, at_department
from tests.web.person import People
from tests.web.test_journeys import HOWEVER, UR_WITH_SCRIPTS
from tools.portal import Portal

SERVICES = "/api/v1/admin/services"


@pytest.mark.parametrize(("language", "width", "scripts"), UR_WITH_SCRIPTS)
async def test_administrator_tries_and_publishes_a_service(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    code, name = f"lamp-{secrets.token_hex(3)}", f"Lamp of {secrets.token_hex(3)}"
    await portal.expect(
        201, "POST", f"{SERVICES}?draft=true", token=await portal.admin_token(), json={**ENTRY, "code": code}
    )
    admin = await people.staff("admin", None, await people.somebody(language, width, scripts=scripts))
    await admin.open(f"/admin/services/{code}/draft")
    await admin.fill(name__en=name, name__ur=name)
    await admin.send("main form#form .acts .btn")
    assert admin.path == f"/admin/services/{code}/preview", await admin.text()
    await admin.answer({"place.district": "swat", "answers.street": "Mingora Road"})
    await admin.send("main form#form .acts .btn")
    await admin.follow(f"/admin/services/{code}/publish")
    await admin.send()
    citizen = await people.somebody(language, width, scripts=scripts)
    await citizen.comes_to(f"/services/{code}", f'main a[href$="/apply/{code}"]')
    assert name in await citizen.text()
    await admin.open(f"/admin/services/{code}/retire")
    await admin.send()
    assert admin.strange + citizen.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), UR_WITH_SCRIPTS)
async def test_administrator_sees_what_routing_rules_would_move_and_publishes_them(
    people: People, portal: Portal, language: str, width: int, scripts: bool
) -> None:
    citizen, name = await portal.register(), f"Lamps {secrets.token_hex(3)}"
    number, *_ = await at_department(portal, citizen, LAMP)
    admin = await people.staff("admin", None, await people.somebody(language, width, scripts=scripts))
    await admin.open("/admin/routing/draft")
    kept = await admin.page.input_value('main [name="rules"]')
    far = {"channels": ["open311"], "districts": ["abbottabad"], "services": [LAMP["service"]]}  # no test files this
    rule = {"name": name, "when": far, "to": "nowhere", "because": {"en": "Trial.", "ur": "آزمائش۔"}}
    await admin.fill(rules=f"- {json.dumps(rule)}\n{kept}")
    await admin.send("main form#form .acts .btn")
    assert name in await admin.page.inner_text("main .err"), await admin.text()
    wider = {**rule, "when": {"services": [LAMP["service"]]}, "to": "power"}
    await admin.fill(rules=f"- {json.dumps(wider)}\n{kept}")
    await admin.send("main form#form .acts .btn")
    assert admin.path == "/admin/routing/try", await admin.text()
    await admin.send("main form#form .acts .btn")
    assert number in await admin.page.inner_text("#result table")
    await admin.open("/admin/routing/draft")
    await admin.fill(rules=f"- {json.dumps({**rule, 'to': 'power'})}\n{kept}")
    await admin.send("main form#form .acts .btn")
    table = f"service,district,channel\n{LAMP['service']},abbottabad,open311\n{LAMP['service']},swat,web\n"
    file = {"name": "requests.csv", "mimeType": "text/csv", "buffer": table.encode()}
    await admin.page.set_input_files('main [name="table"]', file)  # type: ignore[arg-type]  # a file in memory
    await admin.send("main form#form .acts .btn")
    assert await admin.page.locator("#result tbody tr").count() == 1, await admin.text()
    await admin.follow("/admin/routing/publish")
    await admin.send()
    assert admin.path == "/admin/routing"
    assert name in await admin.page.inner_text("main table")
    assert admin.strange == []


@pytest.mark.parametrize(("language", "width", "scripts"), HOWEVER[:1])
async def test_head_connects_the_system_of_the_department(
    people: People, language: str, width: int, scripts: bool
) -> None:
    head = await people.staff("head", "works", await people.somebody(language, width, scripts=scripts))
    await head.open("/desk/connect")
    await head.follow("/desk/connect/new")
    name, address = f"Work orders {secrets.token_hex(2)}", "https://127.0.0.1:9/hook"
    await head.answer({"name": name, "kind": "webhook", "mode": "test"})
    await head.send()
    assert await head.page.locator(".err").count() == 1  # the address is missing
    await head.fill(url=address)
    await head.send()
    secret = await head.page.inner_text("#secret bdi")
    assert secret.startswith("whsec_")
    await head.send("main .acts .btn:not([type=button])")
    text = await head.text()
    assert (name in text, address in text, secret in text) == (True, True, False)
    await head.send("form#go [value=test]")
    assert await head.page.locator(".note.late").count()  # nothing listens there
    await head.send("form#go [value=pause]")
    assert await head.page.locator("form#go [value=resume]").count()
    await head.send("form#go [value=resume]")
    assert await head.page.locator("form#go [value=pause]").count()
    for form, fields in (("replay", {"after": "1"}), ("rotate", {})):
        await head.page.locator(f"details:has(form#{form}) > summary").click()
        await head.fill(**fields)
        await head.send(f"form#{form} .btn")
    assert await head.page.inner_text("#secret bdi") != secret
    await head.send("main .acts .btn:not([type=button])")
    await head.page.locator("details:has(form#delete) > summary").click()
    await head.send("form#delete .btn")
    assert await head.page.locator(".err").count() == 1  # not ticked
    await head.choose("sure", "yes")
    await head.send("form#delete .btn")
    assert (head.path, name in await head.text()) == ("/desk/connect", False)
    await head.send("main form#form .btn")
    await head.follow("/desk/connect/queues/own")
    assert "department.works" in await head.text()
    assert head.strange == []
