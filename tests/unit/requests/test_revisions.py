"""The ETag of a request changes with everything that the response contains."""

from typing import cast

import pytest
from starlette.requests import Request

from services.requests.request.dependencies import with_etag
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.replicas import Colleague
from services.requests.request.schemas import RequestDetails
from shared.auth import Principal
from shared.request_headers import revision_of
from shared.rights import Role
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, a_request
from tests.fakes import START
from tests.unit.requests.counter import Counter

ME = Principal(CITIZEN, Role.CITIZEN, None, "session", 0.0)
OFFICER = Principal("officer-1", Role.OFFICER, "power", "session", 0.0)
APPEAL = "RB-AAAA-AAAA-A"


async def tag(counter: Counter, reader: Principal, number: str) -> str:
    """The ETag of a caller's view."""
    response = with_etag(Request({"type": "http", "headers": []}), *await counter.reading.one(reader, number, "en"))
    return response.headers["etag"]


async def test_appeal_authority_learns_that_the_request_changed() -> None:
    counter = Counter()
    filed = (await counter.file()).request
    appeal = a_request(APPEAL, kind="appeal", appeal_of=filed.id, department="power")
    await counter.store.insert_many([appeal])
    before = [await tag(counter, reader, APPEAL) for reader in (ME, OFFICER)]
    first = await counter.store.get(filed.id)
    assert first is not None
    first.state = State.UNDER_APPEAL
    first.take("remit", ActorKind.AUTHORITY, START)
    await counter.store.save_many([first])
    after = [await tag(counter, reader, APPEAL) for reader in (ME, OFFICER)]
    assert not set(before) & set(after)


async def test_an_officer_learns_that_the_citizen_has_another_name() -> None:
    counter = Counter()
    await counter.know()
    number = (await counter.file()).request.id
    counter.store.documents[number]["department"] = "power"
    before = await tag(counter, OFFICER, number)
    citizen = await counter.citizens.get(CITIZEN)
    assert citizen is not None
    citizen.sealed_name = KEYS.seal("Amina Bibi", SealPurpose.CITIZEN_NAME, owner=CITIZEN)
    await counter.citizens.save_many([citizen])
    assert await tag(counter, OFFICER, number) != before


async def test_an_officer_learns_what_a_colleague_is_called_and_what_was_merged() -> None:
    counter = Counter()
    number = (await counter.file()).request.id
    request = await counter.store.get(number)
    assert request is not None
    request.department = "power"
    request.hear("route", ActorKind.ROUTING, START, by="routing")
    request.hear("accept", ActorKind.DEPARTMENT, START, by="officer-2")
    await counter.store.save_many([request])
    tags = [await tag(counter, OFFICER, number)]
    name = KEYS.seal("Farhad Afridi", SealPurpose.STAFF_NAME, owner="officer-2")
    await counter.colleagues.insert_many([Colleague(id="officer-2", sealed_name=name)])
    tags.append(await tag(counter, OFFICER, number))
    counter.merged.into[number] = [a_request(APPEAL, duplicate_of=number, rev=3)]
    tags.append(await tag(counter, OFFICER, number))
    assert len(set(tags)) == 3
    shown = cast(RequestDetails, (await counter.reading.one(OFFICER, number, "en")).body)
    assert [entry.get("by_name") for entry in shown["history"]][-2:] == [None, "Farhad Afridi"]
    assert [one["number"] for one in shown["merged"]] == [APPEAL]
    assert "Farhad" not in str((await counter.reading.one(ME, number, "en")).body)


@pytest.mark.parametrize("seen", ['"7-en"', '"7-ur-12"', '"7"', ' "7" '])
def test_the_tag_names_the_revision(seen: str) -> None:
    assert revision_of(seen) == 7


@pytest.mark.parametrize(
    "seen", ["", "*", "7", 'W/"7-en"', '"7-fr"', '"7-en-"', '"7-en-x"', '"-1"', '"7-en", "8-en"', '"1234567890"', '"7']
)
def test_other_texts_name_no_district(seen: str) -> None:
    with pytest.raises(ValueError, match="ETag"):
        revision_of(seen)
