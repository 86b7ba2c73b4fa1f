"""Identity as a process: its HTTP API over a real MongoDB and a real RabbitMQ."""

import asyncio
import base64
import hashlib
import json

import aiohttp
import pytest

from shared.auth import Authenticator
from shared.bus import Publisher
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import CitizenVerified, DepartmentCreated
from shared.rights import Role
from shared.seal import SealPurpose
from tests.integration.identity_alone import ADMIN, Identity, Reply, person
from tests.unit.identity.world import PASSWORD
from tools.portal import until

REFRESH = "/api/v1/sessions/refresh"


def authenticator(identity: Identity) -> Authenticator:
    """The authenticator of another service."""
    return Authenticator(identity.settings.jwks_url, identity.settings.issuer)


async def test_from_registration_to_the_end_of_a_session(identity: Identity) -> None:
    body = person(language="ur")
    answer = await identity.register(body)
    assert answer.status == 202
    assert answer.body == {
        "registration": answer.body["registration"],
        "next": "otp",
        "sent_by": "sms",
        "resend_after": 30,
        "channels": ["sms"],
        "sms_after": None,
    }
    otp = f"/api/v1/registrations/{answer.body['registration']}/otp"

    early = await identity.ask("POST", f"{otp}/resend")
    assert early.status == 429
    assert 0 < int(early.headers["retry-after"]) <= 30

    verified = await identity.ask("POST", otp, json={"code": await identity.code(body["cnic"])})
    identity.devices[body["mobile"]] = verified.body.pop("device")
    assert (verified.status, verified.body) == (200, {"verified": True, "mobile_proven": True})
    assert verified.headers["set-cookie"].startswith("__Host-rabta-device=")

    session = await identity.login(body["mobile"], PASSWORD)
    assert session["token_type"] == "Bearer"
    assert session["account"]["role"] == "citizen"
    me = (await identity.ask("GET", "/api/v1/me", token=session["access_token"])).body
    assert (me["name"], me["mobile"], me["language"], me["verified"]) == (body["name"], body["mobile"], "ur", True)
    assert body["cnic"] not in json.dumps(me)

    fresh = await identity.ask("POST", REFRESH, json={"refresh_token": session["refresh_token"]})
    assert fresh.headers["cache-control"] == "no-store"
    token = fresh.body["access_token"]
    assert (await identity.ask("DELETE", "/api/v1/sessions/current", token=token)).status == 204
    assert (await identity.ask("GET", "/api/v1/me", token=token)).status == 401
    ended = await identity.ask("POST", REFRESH, json={"refresh_token": fresh.body["refresh_token"]})
    assert (ended.status, ended.body["type"]) == (401, "/problems/unauthenticated")


async def test_the_published_keys_verify_tokens(identity: Identity) -> None:
    body = await identity.citizen()
    session = await identity.login(body["cnic"], PASSWORD)
    principal = await Authenticator(identity.settings.jwks_url, identity.settings.issuer).principal(
        f"Bearer {session['access_token']}"
    )
    assert (principal.id, principal.role, principal.department) == (session["account"]["id"], Role.CITIZEN, None)
    where = (await identity.ask("GET", "/.well-known/openid-configuration")).body
    assert where == (await identity.ask("GET", "/.well-known/oauth-authorization-server")).body
    issuer = where["issuer"]
    assert (where["jwks_uri"], issuer) == (f"{issuer}/.well-known/jwks.json", identity.settings.public_url)
    claims = json.loads(base64.urlsafe_b64decode(session["access_token"].split(".")[1] + "=="))
    assert claims["iss"] == issuer


async def test_two_hundred_registrations_of_one_cnic_at_once_make_one_account(identity: Identity) -> None:
    first = person()
    bodies = [first, *(first | {"mobile": person()["mobile"]} for _ in range(49))]
    answers = await asyncio.gather(*(identity.register(body) for body in bodies))
    assert {answer.status for answer in answers} == {202}
    assert {tuple(answer.body) for answer in answers} == {
        ("next", "sent_by", "resend_after", "channels", "sms_after", "registration")
    }
    async with identity.database() as database:
        index = identity.settings.keys.blind(first["cnic"], SealPurpose.CITIZEN_CNIC)
        assert await database["citizens"].count_documents({"cnic_index": index}) == 1


async def test_only_one_of_fifty_simultaneous_correct_codes_counts(identity: Identity) -> None:
    body = person()
    registration = (await identity.register(body)).body["registration"]
    code = {"code": await identity.code(body["cnic"])}
    path = f"/api/v1/registrations/{registration}/otp"
    answers = await asyncio.gather(*(identity.ask("POST", path, json=code) for _ in range(50)))
    assert sorted({answer.status for answer in answers}) == [200, 422]
    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.body["type"] for answer in answers if answer.status == 422} == {"/problems/otp-failed"}
    assert [event["type"] for event in await identity.events(body["cnic"])].count(CitizenVerified.type) == 1


async def test_a_known_cnic_and_a_new_one_are_answered_alike(identity: Identity) -> None:
    known = await identity.citizen()
    new = await identity.register(person())
    again = await identity.register(known)
    assert (again.status, again.headers.keys()) == (new.status, new.headers.keys())
    assert {**again.body, "registration": ""} == {**new.body, "registration": ""}
    for answer in (new, again):
        path = f"/api/v1/registrations/{answer.body['registration']}/otp"
        wrong = await identity.ask("POST", path, json={"code": "000000"})
        early = await identity.ask("POST", f"{path}/resend")
        assert (wrong.status, wrong.body["type"], early.status) == (422, "/problems/otp-failed", 429)


async def test_a_wrong_password_an_unknown_account_and_an_unverified_one_are_answered_alike(
    identity: Identity,
) -> None:
    known, unverified = await identity.citizen(), person()
    await identity.register(unverified)
    tries = [
        (known["cnic"], "not the password"),
        (person()["cnic"], PASSWORD),
        ("nobody.here", PASSWORD),
        (unverified["cnic"], PASSWORD),
    ]
    answers = [
        await identity.ask("POST", "/api/v1/sessions", json={"login": login, "password": password})
        for login, password in tries
    ]
    assert {answer.status for answer in answers} == {401}
    assert all(answer.body == answers[0].body for answer in answers)
    assert answers[0].body["type"] == "/problems/login-failed"


async def test_fifty_refreshes_at_once_share_a_successor_and_a_later_one_ends_the_session(identity: Identity) -> None:
    body = await identity.citizen()
    session = await identity.login(body["cnic"], PASSWORD)
    spent = {"refresh_token": session["refresh_token"]}
    granted = await asyncio.gather(*(identity.ask("POST", REFRESH, json=spent) for _ in range(50)))
    assert {answer.status for answer in granted} == {200}
    [successor] = {answer.body["refresh_token"] for answer in granted}
    newest = await identity.ask("POST", REFRESH, json={"refresh_token": successor})
    assert newest.status == 200
    assert (await identity.ask("GET", "/api/v1/me", token=newest.body["access_token"])).status == 200

    assert (await identity.ask("POST", REFRESH, json=spent)).status == 401
    last = {"refresh_token": newest.body["refresh_token"]}
    assert (await identity.ask("POST", REFRESH, json=last)).status == 401
    assert (await identity.ask("GET", "/api/v1/me", token=newest.body["access_token"])).status == 401


async def test_the_database_holds_no_personal_value(identity: Identity) -> None:
    body = person(name="Canary Marmalade", email="canary.marmalade@example.com", address="9 Marmalade Lane")
    registration = (await identity.register(body)).body["registration"]
    code = await identity.code(body["cnic"])
    proven = await identity.ask("POST", f"/api/v1/registrations/{registration}/otp", json={"code": code})
    identity.devices[body["cnic"]] = proven.body["device"]
    session = await identity.login(body["cnic"], PASSWORD)
    await identity.register(body)
    async with identity.database() as database:
        names = await database.list_collection_names()
        dump = "\n".join([str(document) for name in names async for document in database[name].find()]).lower()
    assert registration in dump
    secrets = [
        proven.body["device"],
        session["refresh_token"],
        session["access_token"],
        PASSWORD,
        f"'{code}'",
        '"d":',
        "'d':",
    ]
    personal = [body["cnic"], body["cnic"][5:12], body["mobile"][3:], "marmalade"]
    assert [value for value in [*secrets, *personal] if value.lower() in dump] == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"null", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"cnic": NaN}', "application/json", 400),
        (b'{"role": "citizen", "role": "admin"}', "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 422),
        ('{"name": "x"}'.encode("utf-16"), "application/json", 400),
        (b'{"$where": "1"}', "application/json", 400),
        (b'{"name": "' + b"x" * 70_000 + b'"}', "application/json", 413),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b"{}", "application/json", 422),
    ],
)
async def test_hostile_bodies_are_refused_with_a_problem(
    identity: Identity, body: bytes, content_type: str, status: int
) -> None:
    for path in ("/api/v1/registrations", "/api/v1/registrations/x/otp", "/api/v1/sessions"):
        answer = await identity.ask("POST", path, data=body, headers={"Content-Type": content_type})
        assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_wrong_fields_are_named_in_the_callers_language_and_never_repeated(identity: Identity) -> None:
    body = person(cnic="35202-1", mobile="12345", email="marmalade", role="admin")
    answer = await identity.register(body, headers={"Accept-Language": "ur"})
    assert answer.status == 422
    assert {(error["pointer"], error["code"]) for error in answer.body["errors"]} == {
        ("/cnic", "cnic"), ("/mobile", "mobile"), ("/email", "email"), ("/role", "unknown"),
    }  # fmt: skip
    assert answer.headers["content-language"] == "ur"
    assert "marmalade" not in json.dumps(answer.body)


async def test_an_idempotency_key_makes_registering_repeatable(identity: Identity) -> None:
    body, key = person(), {"Idempotency-Key": "5f0c"}
    first, again = await identity.register(body, headers=key), await identity.register(body, headers=key)
    assert first.body["registration"] == again.body["registration"]
    assert len(await identity.events(body["cnic"])) == 2
    assert (await identity.register(body, headers={"Idempotency-Key": "x" * 101})).status == 400


async def test_only_an_administrator_makes_officers(identity: Identity) -> None:
    officer = {"login": "officer.one", "name": "Bilal", "role": "officer", "department": "water", "password": PASSWORD}
    path = "/api/v1/admin/officers"
    citizen = await identity.citizen()
    token = (await identity.login(citizen["cnic"], PASSWORD))["access_token"]
    assert (await identity.ask("POST", path, json=officer)).status == 401
    assert (await identity.ask("POST", path, json=officer, token=token)).status == 403
    admin = (await identity.login(*ADMIN))["access_token"]
    made = await identity.ask("POST", path, json=officer, token=admin)
    assert (made.status, made.body["department"]) == (201, "water")
    again = await identity.ask("POST", path, json=officer, token=admin)
    assert (again.status, again.body["type"]) == (409, "/problems/login-taken")
    for change in ({"department": None}, {"role": "citizen"}, {"password": "password1"}, {"disabled": True}):
        wrong = await identity.ask("POST", path, json=officer | change, token=admin)
        assert wrong.status == 422
    session = await identity.login("officer.one", PASSWORD)
    assert session["account"] == {"id": made.body["id"], "role": "officer", "department": "water"}


async def test_a_departments_software_gets_a_token(identity: Identity, publisher: Publisher) -> None:
    secret = "a secret of 256 bits"
    made = DepartmentCreated(name={"en": "Water"}, client_secret_sha256=hashlib.sha256(secret.encode()).hexdigest())
    body = made.model_dump_json().encode()
    assert await publisher.publish_events(
        [Envelope("routing", DepartmentCreated.type, "water", 1, utc_now(), body)]
    ) == [True]
    form = {"grant_type": "client_credentials", "client_id": "department.water", "client_secret": secret}

    async def granted() -> Reply | None:
        answer = await identity.ask("POST", "/api/v1/oauth/token", data=form)
        return answer if answer.status == 200 else None

    answer = await until(granted, "identity to know the department")
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 600)
    principal = await Authenticator(identity.settings.jwks_url, identity.settings.issuer).principal(
        f"Bearer {answer.body['access_token']}"
    )
    assert (principal.role, principal.department) == (Role.DEPARTMENT, "water")
    basic = {"Authorization": aiohttp.encode_basic_auth("department.water", secret)}
    grant = {"grant_type": "client_credentials"}
    assert (await identity.ask("POST", "/api/v1/oauth/token", data=grant, headers=basic)).status == 200
    me = await identity.ask("GET", "/api/v1/me", token=answer.body["access_token"])
    assert me.body == {"id": "department.water", "role": "department", "department": "water"}


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ("grant_type=client_credentials&client_id=department.x&client_secret=y", 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=department.%24ne&client_secret=y", 401, "invalid_client"),
        ("grant_type=client_credentials", 401, "invalid_client"),
        ("grant_type=password&client_id=department.x&client_secret=y", 400, "unsupported_grant_type"),
        ("client_id=department.x&client_secret=y", 400, "invalid_request"),
        ("grant_type=client_credentials&client_id=a&client_id=b&client_secret=y", 400, "invalid_request"),
        ("grant_type=%ff&client_id=a&client_secret=y", 400, "invalid_request"),
        ("&".join(f"f{n}=1" for n in range(50)), 400, "invalid_request"),
    ],
)
async def test_the_token_endpoint_refuses_bad_requests(identity: Identity, form: str, status: int, error: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await identity.ask("POST", "/api/v1/oauth/token", data=form.encode(), headers=headers)
    assert (answer.status, answer.body) == (status, {"error": error})
    assert answer.headers["cache-control"] == "no-store"


async def test_the_token_endpoint_takes_small_forms_only(identity: Identity) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await identity.ask("POST", "/api/v1/oauth/token", data=b"a" * 5000, headers=headers)).status == 413
    wrong = await identity.ask("POST", "/api/v1/oauth/token", json={"grant_type": "client_credentials"})
    assert (wrong.status, wrong.body) == (400, {"error": "invalid_request"})
    broken = {"Authorization": "Basic !!!", **headers}
    answer = await identity.ask("POST", "/api/v1/oauth/token", data=b"grant_type=client_credentials", headers=broken)
    assert (answer.status, answer.body) == (401, {"error": "invalid_client"})
    assert answer.headers["www-authenticate"].startswith("Basic")
