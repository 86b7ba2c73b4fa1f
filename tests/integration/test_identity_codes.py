"""One-time codes over HTTP: their delivery, limits of sending, and lockouts after wrong ones."""

import json
from collections.abc import AsyncIterator

import pytest

from shared.bus import Publisher
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import NotificationCodeDelivered
from tests.integration.identity_alone import Identity, Reply, alone, person
from tools.portal import until

REGISTRATIONS = "/api/v1/registrations"


async def test_the_way_of_a_code_can_be_followed(identity: Identity, publisher: Publisher) -> None:
    body = await identity.citizen()
    new = await identity.ask("POST", "/api/v1/sessions", json={"login": body["cnic"], "password": body["password"]})
    path = f"/api/v1/sessions/{new.body['challenge']}"
    state = await identity.ask("GET", path)
    assert (state.status, state.headers["cache-control"]) == (200, "no-store")
    assert [(sent["channel"], sent["delivered_at"]) for sent in state.body["sends"]] == [("sms", None)]
    citizen = await identity.citizen_id(body["cnic"])
    told = NotificationCodeDelivered(code_seq=4, channel="sms", delivered_at=utc_now())
    envelope = Envelope("notifier", told.type, citizen, 1, utc_now(), told.model_dump_json().encode())
    assert await publisher.publish_events([envelope]) == [True]

    async def delivered() -> str | None:
        return str((await identity.ask("GET", path)).body["sends"][0]["delivered_at"] or "") or None

    assert await until(delivered, "the code to be delivered")


async def test_the_way_of_a_code_that_was_never_sent_looks_the_same(identity: Identity) -> None:
    known = await identity.citizen()
    new, decoy = await identity.register(person()), await identity.register(known)
    states = [await identity.ask("GET", f"{REGISTRATIONS}/{a.body['registration']}") for a in (new, decoy)]
    assert [state.status for state in states] == [200, 200]
    assert states[0].body.keys() == states[1].body.keys()
    assert [[sent["delivered_at"] for sent in state.body["sends"]] for state in states] == [[None], [None]]
    assert (await identity.ask("GET", f"{REGISTRATIONS}/{'0' * 40}")).status == 404


async def test_wrong_codes_lock_and_say_until_when(identity: Identity) -> None:
    path = f"{REGISTRATIONS}/{(await identity.register(person())).body['registration']}/otp"
    tries = [await identity.ask("POST", path, json={"code": "000000"}) for _ in range(6)]
    assert {answer.body["type"] for answer in tries} == {"/problems/otp-failed"}
    locked = await identity.ask("POST", f"{path}/resend")
    assert (locked.status, locked.body["type"]) == (429, "/problems/codes-locked")
    assert 880 < int(locked.headers["retry-after"]) <= 900


@pytest.mark.parametrize("body", [None, {"channel": "sms"}])
async def test_a_resend_too_early_is_put_off(identity: Identity, body: dict[str, str] | None) -> None:
    path = f"{REGISTRATIONS}/{(await identity.register(person())).body['registration']}/otp/resend"
    early = await identity.ask("POST", path, json=body) if body else await identity.ask("POST", path)
    assert early.status == 429
    assert 0 < int(early.headers["retry-after"]) <= 30


async def test_email_is_refused_before_two_messages_and_other_channels_always(identity: Identity) -> None:
    path = f"{REGISTRATIONS}/{(await identity.register(person())).body['registration']}/otp/resend"
    early = await identity.ask("POST", path, json={"channel": "email"}, headers={"Accept-Language": "ur"})
    assert (early.status, early.body["type"], early.headers["content-language"]) == (422, "/problems/otp-channel", "ur")
    assert (await identity.ask("POST", path, json={"channel": "pigeon"})).status == 422


async def test_after_five_codes_the_number_waits_whoever_holds_it(identity: Identity) -> None:
    body = person()
    answers = [await identity.register(body) for _ in range(6)]
    assert [answer.status for answer in answers] == [202] * 5 + [429]
    other = await identity.register(person(mobile=body["mobile"]))
    assert (other.status, other.body["type"]) == (429, "/problems/too-many-codes")


@pytest.fixture
async def strict(environment: dict[str, str], publisher: Publisher) -> AsyncIterator[Identity]:
    """Identity with a low limit of unanswered codes for each address."""
    async with alone(environment, codes_per_address=20, mongo_prefix="strict") as identity:
        yield identity


async def test_an_address_has_its_share_of_codes_and_other_addresses_their_own(strict: Identity) -> None:
    async def registers(**headers: str) -> Reply:
        return await strict.register(person(), headers=headers)

    here = {"X-Client-Address": "192.0.2.1"}
    answers = [await registers(**here) for _ in range(21)]
    assert [answer.status for answer in answers] == [202] * 20 + [429]
    assert answers[-1].body["type"] == "/problems/network-codes"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 180  # 20 an hour: one comes back each three minutes
    assert (await registers(**{"X-Client-Address": "192.0.2.2"})).status == 202
    async with strict.database() as database:
        kept = [str(document) async for document in database["tries"].find()]
    assert "192.0.2.1" not in json.dumps(kept)
