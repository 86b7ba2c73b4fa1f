"""Staff accounts: creation, transfer, second factor and audit."""

import asyncio
import base64
import os
import secrets
import sys
import time
from typing import Any

import pytest

from deploy.local.home import ROOT
from deploy.local.suite import Suite
from services.identity.accounts.models.totp import code_at
from shared.mongo import connect
from tools.people import new_cnic, new_mobile
from tools.portal import Portal

PASSWORD = "nine quiet lanterns"
OFFICERS = "/api/v1/admin/officers"


async def made(portal: Portal, role: str, department: str | None = None) -> dict[str, Any]:
    """A new member of staff."""
    login = f"{role}.{secrets.token_hex(4)}"
    body = {"login": login, "name": "Zafar", "role": role, "department": department, "password": PASSWORD}
    member: dict[str, Any] = await portal.expect(201, "POST", OFFICERS, token=await portal.admin_token(), json=body)
    return member


async def session(portal: Portal, member: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """Log in with the password."""
    login = {"login": member["login"], "password": PASSWORD}
    answer: dict[str, Any] = await portal.expect(status, "POST", "/api/v1/sessions", json=login)
    return answer


async def command(suite: Suite, *arguments: str) -> tuple[int, str]:
    """Run a `./rabta` command on this suite; returns exit code and output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.local", *arguments,
        cwd=ROOT, env={**os.environ, **suite.environment, "RABTA_HOME": str(suite.home)},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_two_people_make_an_administrator(suite: Suite, portal: Portal) -> None:
    first = await portal.admin_token()
    second, third = await made(portal, "admin"), await made(portal, "officer", "water")
    assert second["proposed"] is True
    await session(portal, second, 401)
    refused = await portal.ask("POST", f"{OFFICERS}/{second['id']}/confirm", token=first)
    assert (refused.status, refused.body["type"]) == (409, "/problems/second-person-needed")

    status, output = await command(suite, "staff", "confirm", second["login"])
    assert (status, output.splitlines()[-1]) == (0, f"{second['login']} is an administrator")
    other = (await session(portal, second))["access_token"]

    proposed = await portal.expect(200, "PATCH", f"{OFFICERS}/{third['id']}", token=first, json={"role": "admin"})
    assert (proposed["role"], proposed["proposed"]) == ("officer", True)
    assert (await portal.ask("POST", f"{OFFICERS}/{third['id']}/confirm", token=first)).status == 409
    confirmed = await portal.expect(200, "POST", f"{OFFICERS}/{third['id']}/confirm", token=other)
    assert (confirmed["role"], confirmed["department"], confirmed["proposed"]) == ("admin", None, False)

    refused = await portal.ask("POST", f"{OFFICERS}/{second['id']}/password-reset", token=first)
    assert (refused.status, refused.body["type"]) == (409, "/problems/operator-needed")
    status, output = await command(suite, "staff", "password-reset", second["login"])
    start = output.split()[-1]
    assert status == 0
    login = {"login": second["login"], "password": start}
    assert (await portal.expect(200, "POST", "/api/v1/sessions", json=login))["limited"] is True


async def test_a_disabled_administrator_cannot_disable_others(suite: Suite, portal: Portal) -> None:
    members = [await made(portal, "admin"), await made(portal, "admin")]
    assert (await command(suite, "staff", "confirm", members[0]["login"]))[0] == 0
    one, disabled = (await session(portal, members[0]))["access_token"], {"disabled": True}
    await portal.expect(200, "POST", f"{OFFICERS}/{members[1]['id']}/confirm", token=one)
    other = (await session(portal, members[1]))["access_token"]
    await portal.expect(200, "PATCH", f"{OFFICERS}/{members[1]['id']}", token=one, json=disabled)
    for path in (f"{OFFICERS}/{members[0]['id']}/password-reset", f"{OFFICERS}/{members[0]['id']}/totp-reset"):
        assert (await portal.ask("POST", path, token=other)).status == 401
    back = await portal.ask("PATCH", f"{OFFICERS}/{members[0]['id']}", token=other, json=disabled)
    assert back.status == 401
    await session(portal, members[0])
    await session(portal, members[1], 401)
    status, output = await command(suite, "staff", "enable", members[1]["login"])
    assert (status, output.splitlines()[-1]) == (0, f"{members[1]['login']} may log in again")
    await session(portal, members[1])


@pytest.mark.parametrize(
    "change", [{"department": "power"}, {"role": "head"}, {"disabled": True}], ids=["moved", "promoted", "disabled"]
)
async def test_a_change_of_a_member_ends_their_sessions(portal: Portal, change: dict[str, Any]) -> None:
    member = await made(portal, "officer", "water")
    before = await session(portal, member)
    await portal.expect(200, "PATCH", f"{OFFICERS}/{member['id']}", token=await portal.admin_token(), json=change)
    refresh = {"refresh_token": before["refresh_token"]}
    assert (await portal.ask("POST", "/api/v1/sessions/refresh", json=refresh)).status == 401
    assert (await portal.ask("GET", "/api/v1/me", token=before["access_token"])).status == 401
    if "disabled" in change:
        await session(portal, member, 401)
    else:
        account = (await session(portal, member))["account"]
        assert {name: account[name] for name in change} == change


async def test_a_start_password_only_allows_choosing_another(portal: Portal) -> None:
    member = await made(portal, "auditor")
    admin = await portal.admin_token()
    started = await portal.expect(200, "POST", f"{OFFICERS}/{member['id']}/password-reset", token=admin)
    await session(portal, member, 401)
    login = {"login": member["login"], "password": started["start_password"]}
    limited = await portal.expect(200, "POST", "/api/v1/sessions", json=login)
    assert limited["limited"] is True
    me = await portal.expect(200, "GET", "/api/v1/me", token=limited["access_token"])
    assert (me["name"], me["role"], me["totp"], me["start_password"]) == ("Zafar", "auditor", False, True)
    refused = await portal.ask("GET", "/api/v1/admin/audit", token=limited["access_token"])
    assert (refused.status, refused.body["type"]) == (403, "/problems/enrolment-needed")
    change = {"current": started["start_password"], "new": PASSWORD}
    path = "/api/v1/me/staff-password"
    assert (await portal.ask("POST", path, token=limited["access_token"], json=change)).status == 204
    token = (await session(portal, member))["access_token"]
    await portal.expect(200, "GET", "/api/v1/admin/audit", token=token)


async def test_staff_are_listed_in_pages(portal: Portal) -> None:
    token = await portal.admin_token()
    members = {(await made(portal, "clerk"))["id"] for _ in range(3)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = await portal.expect(200, "GET", f"{OFFICERS}?limit=2{cursor}", token=token)
        seen += [member["id"] for member in page["officers"]]
        assert all("password" not in key for member in page["officers"] for key in member if member[key])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert members <= set(seen)
    assert len(seen) == len(set(seen))


async def test_a_second_factor_from_enrolment_to_a_lost_phone(portal: Portal) -> None:
    member = await made(portal, "officer", "water")
    token = (await session(portal, member))["access_token"]
    enrolment = await portal.expect(201, "POST", "/api/v1/me/totp", token=token)
    secret = base64.b32decode(enrolment["secret"])

    def code(steps: int = 0) -> dict[str, str]:
        return {"code": code_at(secret, int(time.time()) // 30 + steps)}

    confirmed = await portal.expect(200, "POST", "/api/v1/me/totp/confirm", token=token, json=code())
    recovery = confirmed["recovery_codes"]
    assert (await portal.ask("GET", "/api/v1/me", token=token)).status == 401

    step = await session(portal, member, 202)
    assert step["next"] == "totp"
    finish = f"/api/v1/sessions/{step['challenge']}/totp"
    used = code(1)  # the one before was used
    granted = await portal.expect(200, "POST", finish, json=used)
    assert granted["account"]["role"] == "officer"
    assert (await portal.ask("POST", finish, json=used)).status == 422
    again = await session(portal, member, 202)
    refused = await portal.ask("POST", f"/api/v1/sessions/{again['challenge']}/totp", json=used)
    assert (refused.status, refused.body["type"]) == (422, "/problems/totp-failed")
    await portal.expect(200, "POST", f"/api/v1/sessions/{again['challenge']}/totp", json={"recovery_code": recovery[0]})
    me = await portal.expect(200, "GET", "/api/v1/me", token=granted["access_token"])
    assert (me["name"], me["totp"], me["recovery_codes_left"], me["start_password"]) == ("Zafar", True, 9, False)
    for _ in range(2):  # two tabs
        spent = {"refresh_token": granted["refresh_token"]}
        await portal.expect(200, "POST", "/api/v1/sessions/refresh", json=spent)

    removed = await portal.ask(
        "DELETE", "/api/v1/me/totp", token=granted["access_token"], json={"recovery_code": recovery[1]}
    )
    assert removed.status == 204
    token = (await session(portal, member))["access_token"]
    enrolment = await portal.expect(201, "POST", "/api/v1/me/totp", token=token)
    secret = base64.b32decode(enrolment["secret"])
    await portal.expect(200, "POST", "/api/v1/me/totp/confirm", token=token, json=code())
    await session(portal, member, 202)
    reset = await portal.ask("POST", f"{OFFICERS}/{member['id']}/totp-reset", token=await portal.admin_token())
    assert reset.status == 204
    await session(portal, member)


async def test_the_audit_records_acts_and_detects_alterations(suite: Suite, portal: Portal) -> None:
    auditor = await portal.staff("auditor")
    member = await made(portal, "head", "water")
    await portal.expect(
        200, "PATCH", f"{OFFICERS}/{member['id']}", token=await portal.admin_token(), json={"department": "power"}
    )
    page = await portal.expect(200, "GET", "/api/v1/admin/audit?limit=1", token=auditor)
    [newest] = page["entries"]
    assert (newest["what"], newest["of"], newest["details"]) == (
        "moved",
        member["id"],
        {"role": "head", "department": "power"},
    )
    assert newest["of_login"] == member["login"]
    older = await portal.expect(200, "GET", f"/api/v1/admin/audit?limit=1&cursor={page['next']}", token=auditor)
    assert older["entries"][0]["n"] == newest["n"] - 1
    assert newest["before"] == older["entries"][0]["hash"]

    status, output = await command(suite, "audit", "verify")
    assert (status, "none altered, none missing" in output) == (0, True)
    async with connect(suite.environment["RABTA_MONGO_URL"], "rabta_identity") as database:
        kept = await database["audit"].find_one({"_id": newest["n"]})
        assert kept is not None
        await database["audit"].update_one({"_id": newest["n"]}, {"$set": {"act.details.department": "water"}})
        verdict = await portal.expect(200, "GET", "/api/v1/admin/audit/verdict", token=auditor)
        assert (verdict["holds"], verdict["broken_at"]) == (False, newest["n"])
        status, output = await command(suite, "audit", "verify")
        assert (status, f"broken at entry {newest['n']}" in output) == (1, True)
        await database["audit"].replace_one({"_id": newest["n"]}, kept)
    assert (await portal.expect(200, "GET", "/api/v1/admin/audit/verdict", token=auditor))["holds"] is True


async def test_a_clerk_registers_a_citizen_with_the_code_they_read_out(portal: Portal) -> None:
    clerk = await portal.staff("clerk", counter="Hayatabad 3")
    person = {"name": "Gul Bibi", "cnic": new_cnic(2), "mobile": new_mobile(), "language": "ur"}
    asked = {"cnic": person["cnic"]}
    assert (await portal.ask("POST", "/api/v1/citizens/lookup", token=clerk, json=asked)).status == 404
    pending = await portal.expect(202, "POST", "/api/v1/citizens", token=clerk, json=person)
    code = {"code": await portal.code_sent_to(person["mobile"])}
    proven = await portal.expect(200, "POST", f"/api/v1/citizens/{pending['registration']}/otp", token=clerk, json=code)
    found = await portal.expect(200, "POST", "/api/v1/citizens/lookup", token=clerk, json=asked)
    assert found == {
        "id": proven["id"], "name": "G*** B***", "verified": True, "mobile_proven": True,
        "mobile": f"{person['mobile'][:6]}*****{person['mobile'][-2:]}",
    }  # fmt: skip
    auditor = await portal.staff("auditor")
    page = await portal.expect(200, "GET", "/api/v1/admin/audit?limit=4", token=auditor)
    assert [(entry["what"], entry["of"]) for entry in page["entries"]] == [
        ("looked_up", None), ("verified", None), ("registered", None), ("looked_up", None)
    ]  # fmt: skip
