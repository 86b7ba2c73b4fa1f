"""Filings by the citizen, by a clerk, confidential and anonymous: which readers learn the citizen."""

import asyncio
import json
from typing import Any, cast

import pytest

from services.requests.filing.service.anonymous import AnonymousFiling
from services.requests.filing.service.filing import FiledBy
from services.requests.life.service.citizen import Answer, Withdrawal
from services.requests.request.models.request import Request
from services.requests.request.schemas import OwnRequest, RequestDetails
from services.requests.request.service import views
from services.requests.request.store.requests import ATTACHMENT_INDEX, RequestStore
from shared.auth import Principal
from shared.errors import ConflictError, ForbiddenError, InvalidError, KeyReusedError, NotFoundError, field_error
from shared.events import CONFIDENTIAL
from shared.rights import Role
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS
from tests.unit.requests.counter import MOBILE, NAME, UNIQUE, Counter, a_filing

LONG_KEY = "a key that is long enough".replace(" ", "-")
OFFICER = Principal("officer-1", Role.OFFICER, "power", "session", 0.0)


def a_clerk(clerk: str = "clerk-1") -> Principal:
    """A clerk at a counter."""
    return Principal(clerk, Role.CLERK, None, "session", 0.0)


def anonymous_filing(counter: Counter) -> AnonymousFiling:
    """The use case of anonymous filing."""
    return AnonymousFiling(counter.intake, cast(RequestStore, counter.store), KEYS)


async def at_power(counter: Counter, number: str) -> RequestDetails:
    """The officer's view, once the request is at the department."""
    counter.store.documents[number]["department"] = "power"
    return cast(RequestDetails, (await counter.reading.one(OFFICER, number, "en")).body)


async def own_of(counter: Counter, number: str) -> OwnRequest:
    """The citizen's view."""
    citizen = Principal(CITIZEN, Role.CITIZEN, None, "s", 0.0)
    return cast(OwnRequest, (await counter.reading.one(citizen, number, "en")).body)


async def every_reading(counter: Counter, request: Request) -> str:
    """Everything that others can read of a request: the officer's view, tracking, lists, streams, events, history."""
    officer = await at_power(counter, request.id)
    stored = await counter.store.get(request.id)
    assert stored is not None
    tracked, steps = views.tracking(stored, "en"), counter.reading.updates_of(stored, "0-x")
    bodies = [json.loads(event["data"]) for event in counter.store.documents[request.id]["events"]]
    receipt, line = views.filed(request, "signed", "en"), views.summary(request)
    return json.dumps([officer, tracked, steps, bodies, receipt, line], default=str)


async def test_the_department_knows_who_filed_an_ordinary_request() -> None:
    counter = Counter()
    await counter.know()
    filed = await counter.file()
    seen = await at_power(counter, filed.request.id)
    assert seen["citizen"] == {"name": NAME, "mobile": MOBILE}
    assert CITIZEN not in json.dumps(seen)
    with pytest.raises(NotFoundError):
        await counter.reading.one(Principal("o", Role.OFFICER, "water", "s", 0.0), filed.request.id, "en")


@pytest.mark.parametrize("rule", ["allowed", "always"])
async def test_a_confidential_request_tells_its_department_nothing_of_the_citizen(rule: str) -> None:
    counter = Counter(confidential=rule)
    await counter.know()
    filed = await counter.file(confidential=rule == "allowed")
    assert filed.request.confidential
    read = await every_reading(counter, filed.request)
    for personal in (CITIZEN, NAME, MOBILE, MOBILE[-7:]):
        assert personal not in read
    own = await own_of(counter, filed.request.id)
    assert own["confidential"]
    assert f'"track_code": "{own["track_code"]}"' not in read
    assert len(own["track_code"] or "") == 4


async def test_every_later_event_of_a_confidential_request_hides_the_citizen_too() -> None:
    counter = Counter()
    filed = await counter.file(confidential=True)
    await counter.acts.withdraw(CITIZEN, filed.request.id, Withdrawal())
    bodies = [json.loads(event["data"])["citizen_id"] for event in counter.store.documents[filed.request.id]["events"]]
    assert len(bodies) == 2
    number = filed.request.id
    for citizen in bodies:
        assert citizen.startswith(CONFIDENTIAL)
        assert KEYS.unseal(citizen.removeprefix(CONFIDENTIAL), SealPurpose.REQUEST_CITIZEN, owner=number) == CITIZEN


async def test_two_confidential_requests_of_one_citizen_cannot_be_linked() -> None:
    counter = Counter()
    first = await counter.file("key-1", confidential=True)
    second = await counter.file("key-2", confidential=True)
    assert first.request.sealed_citizen != second.request.sealed_citizen


async def test_service_that_needs_the_name_refuses_confidentiality() -> None:
    counter = Counter(confidential="never")
    with pytest.raises(InvalidError) as caught:
        await counter.file(confidential=True)
    assert [e["pointer"] for e in caught.value.errors] == ["/confidential"]
    assert (await counter.file(confidential=False)).request.confidential is False


async def test_a_clerk_files_and_it_is_the_citizens_own() -> None:
    counter = Counter()
    await counter.know()
    filed = await counter.clerk_files()
    number = filed.request.id
    assert (filed.request.citizen_id, filed.request.filed_by, filed.request.channel) == (CITIZEN, "clerk-1", "counter")
    own = await own_of(counter, number)
    assert (own["filed_by_clerk"], own["channel"]) == (True, "counter")
    assert (own["history"][0]["who"], own["history"][0]["by"]) == ("clerk", "clerk-1")
    seen, *_ = await counter.reading.one(a_clerk(), number, "en")
    assert "answers" not in seen
    assert seen["state"] == "verifying"
    for stranger in (a_clerk("clerk-2"), Principal("citizen-2", Role.CITIZEN, None, "s", 0.0)):
        with pytest.raises(NotFoundError):
            await counter.reading.one(stranger, number, "en")
    [event] = counter.store.documents[number]["events"]
    assert json.loads(event["data"])["citizen_id"] == CITIZEN


async def test_a_key_is_a_clerks_own_over_all_citizens() -> None:
    counter = Counter()
    await counter.know()
    await counter.know("citizen-2")
    own = await counter.file("key")
    first = await counter.clerk_files("key")
    assert first.request.id != own.request.id
    assert (await counter.clerk_files("key")).replayed
    assert not (await counter.clerk_files("key", clerk="clerk-2")).replayed
    with pytest.raises(KeyReusedError):
        await counter.clerk_files("key", on_behalf_of="citizen-2")
    assert len(counter.store.documents) == 3


WRONG_BEHALF: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "nobody": ("clerk", {"on_behalf_of": None}, ["/on_behalf_of"]),
    "a stranger": ("clerk", {"on_behalf_of": "citizen-9"}, ["/on_behalf_of"]),
    "no channel": ("clerk", {"channel": None}, ["/channel"]),
    "the web": ("clerk", {"channel": "web"}, ["/channel"]),
    "a citizen at the counter": ("citizen", {"on_behalf_of": None}, ["/channel"]),
}


@pytest.mark.parametrize(("kind", "changes", "pointers"), WRONG_BEHALF.values(), ids=WRONG_BEHALF.keys())
async def test_invalid_filing_by_a_clerk_stores_nothing(
    kind: Any, changes: dict[str, Any], pointers: list[str]
) -> None:
    counter = Counter()
    await counter.know()
    given = {"on_behalf_of": CITIZEN, "channel": "counter"} | changes
    with pytest.raises(InvalidError) as caught:
        await counter.intake.file(FiledBy("clerk-1", kind), "key", a_filing(**given), "en")
    assert [error["pointer"] for error in caught.value.errors] == pointers
    assert counter.store.documents == {}


async def test_a_citizen_files_for_nobody_else() -> None:
    counter = Counter()
    await counter.know("citizen-2")
    with pytest.raises(ForbiddenError):
        await counter.file(on_behalf_of="citizen-2")
    assert counter.store.documents == {}


async def test_one_active_request_whoever_files_it() -> None:
    counter = Counter(one_active=True)
    await counter.know()
    filings = [counter.file(f"key-{n}") for n in range(25)] + [counter.clerk_files(f"key-{n}") for n in range(25)]
    results = await asyncio.gather(*filings, return_exceptions=True)
    assert len(counter.store.documents) == 1
    [number] = counter.store.documents
    refused = [result for result in results if isinstance(result, ConflictError)]
    assert len(refused) == 49
    assert {error.params["number"] for error in refused} == {number}


async def test_anonymous_request_has_no_data_of_the_citizen() -> None:
    counter = Counter(anonymous=True)
    given = await anonymous_filing(counter).file(LONG_KEY, a_filing(), "en")
    request = given.filed.request
    stored = str(counter.store.documents[request.id])
    for secret in (LONG_KEY, given.key, given.key.replace("-", "")):
        assert secret not in stored
    assert request.citizen_id.startswith("anonymous:")
    assert f"'{given.code}'" not in stored
    read = await every_reading(counter, request)
    assert given.key not in read
    seen = await at_power(counter, request.id)
    assert (seen["citizen"], seen["anonymous"]) == (None, True)


async def test_the_code_shows_the_status_and_the_key_lets_act() -> None:
    counter = Counter(anonymous=True)
    filing = anonymous_filing(counter)
    given = await filing.file(LONG_KEY, a_filing(), "en")
    number = given.filed.request.id
    sealed = given.filed.request.sealed_track_code
    assert sealed is not None
    assert KEYS.unseal(sealed, SealPurpose.REQUEST_TRACK_CODE, owner=number) == given.code
    typed = given.key.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert (await filing.principal(number, typed)).id == given.filed.request.citizen_id
    for key in (given.code, "", given.key + " " * 40, given.key[:-1] + ("0" if given.key[-1] != "0" else "1")):
        with pytest.raises(NotFoundError):
            await filing.principal(number, key)
    citizen = (await filing.principal(number, given.key)).id
    assert (await counter.acts.withdraw(citizen, number, Withdrawal())).state == "withdrawn"


async def test_the_key_of_an_ordinary_request_is_none() -> None:
    counter = Counter(anonymous=True)
    filing = anonymous_filing(counter)
    number = (await counter.file()).request.id
    for key in ("", "none", "0" * 16):
        with pytest.raises(NotFoundError):
            await filing.principal(number, key)
    with pytest.raises(NotFoundError):
        await counter.acts.answer("anonymous:x", number, Answer(answer="Yes."))


async def test_an_anonymous_retry_is_answered_the_same_and_another_body_is_refused() -> None:
    counter = Counter(anonymous=True)
    filing = anonymous_filing(counter)
    first = await filing.file(LONG_KEY, a_filing(), "en")
    again = await asyncio.gather(*(filing.file(LONG_KEY, a_filing(), "en") for _ in range(20)))
    assert all(one.filed.replayed for one in again)
    assert {(one.code, one.key, one.filed.request.id) for one in again} == {
        (first.code, first.key, first.filed.request.id)
    }
    with pytest.raises(KeyReusedError):
        await filing.file(LONG_KEY, a_filing(answers={"lights": "many"}), "en")
    assert (await filing.file(LONG_KEY + "2", a_filing(), "en")).key != first.key


async def test_only_some_services_are_asked_for_without_a_name() -> None:
    counter = Counter()
    with pytest.raises(InvalidError) as caught:
        await anonymous_filing(counter).file(LONG_KEY, a_filing(), "en")
    assert [(e["pointer"], e["code"]) for e in caught.value.errors] == [("/service", "not_anonymous")]


async def test_file_used_by_another_filing_is_refused_in_the_callers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()

    async def taken(_: object) -> list[str]:
        return [ATTACHMENT_INDEX]

    monkeypatch.setattr(counter.store, "insert_many", taken)
    with pytest.raises(InvalidError) as caught:
        await counter.intake.file(FiledBy(CITIZEN), "key", a_filing(), "ur")
    assert caught.value.errors == [field_error("/attachments", "attachment", "ur")]


async def test_a_retry_is_answered_by_the_first_whichever_index_is_in_the_way() -> None:
    counter = Counter(unique=UNIQUE[::-1], one_active=True)
    first, again = await counter.file(), await counter.file()
    assert (again.request.id, again.replayed) == (first.request.id, True)
