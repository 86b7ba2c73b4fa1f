"""A look of staff is stored before the response, once an hour for each account and request, without names."""

import asyncio
from datetime import timedelta

import pytest

from services.requests.request.service.access_log import AccessLog
from shared import events
from shared.auth import Principal
from shared.rights import Role
from tests.builders import CITIZEN, a_request
from tests.fakes import AwayError, FakeClock, FakeLooks

OFFICER = Principal("officer-1", Role.OFFICER, "power", "session", 0.0)
HEAD = Principal("head-1", Role.HEAD, "power", "session", 0.0)


@pytest.fixture
def looks() -> FakeLooks:
    """An empty access log."""
    return FakeLooks()


async def test_access_is_stored_before_the_answer_without_names(looks: FakeLooks) -> None:
    await AccessLog(looks, FakeClock()).note(OFFICER, a_request())
    [look] = looks.kept.values()
    assert (look.viewer, look.request, look.citizen_id) == ("officer-1", a_request().id, CITIZEN)
    [envelope] = look.emitted
    event = events.AccessRecorded.model_validate_json(envelope.data)
    assert (event.citizen_id, event.role, event.department) == (CITIZEN, "officer", "power")
    assert b"officer-1" not in envelope.data


async def test_failed_write_gets_no_answer(looks: FakeLooks) -> None:
    looks.fail = AwayError()
    accesses = AccessLog(looks, FakeClock())
    with pytest.raises(AwayError):
        await accesses.note(OFFICER, a_request())
    looks.fail = None
    await accesses.note(OFFICER, a_request())
    assert len(looks.kept) == 1


async def test_accesses_within_a_clock_hour_are_one_write(looks: FakeLooks) -> None:
    clock = FakeClock()
    accesses, replica = AccessLog(looks, clock), AccessLog(looks, clock)
    for _ in range(5):
        await accesses.note(OFFICER, a_request())
    assert looks.writes == 1
    await replica.note(OFFICER, a_request())
    assert len(looks.kept) == 1
    await accesses.note(HEAD, a_request())
    await accesses.note(OFFICER, a_request("RB-0000-0000-0"))
    clock.at += timedelta(hours=1)
    await accesses.note(OFFICER, a_request())
    assert len(looks.kept) == 4


async def test_list_entries_are_one_access_a_day_in_one_write(looks: FakeLooks) -> None:
    clock, lines = FakeClock(), [a_request(f"RB-{n:04d}-0000-0") for n in range(50)]
    accesses = AccessLog(looks, clock)
    await accesses.note_list(OFFICER, lines)
    assert (len(looks.kept), looks.writes) == (50, 1)
    clock.advance(hours=5)
    await accesses.note_list(OFFICER, lines)
    await AccessLog(looks, clock).note_list(OFFICER, lines)
    assert len(looks.kept) == 50
    listed = [events.AccessRecorded.model_validate_json(look.emitted[0].data).listed for look in looks.kept.values()]
    assert listed == [True] * 50
    await accesses.note(OFFICER, lines[0])
    clock.advance(days=1)
    await accesses.note_list(OFFICER, lines[:1])
    assert len(looks.kept) == 52
    looks.fail = AwayError()
    with pytest.raises(AwayError):
        await accesses.note_list(HEAD, lines)


async def test_parallel_accesses_share_a_write(looks: FakeLooks) -> None:
    accesses = AccessLog(looks, FakeClock())
    await asyncio.gather(*(accesses.note(OFFICER, a_request(f"RB-{serial % 40}")) for serial in range(80)))
    assert (len(looks.kept), looks.writes) == (40, 1)


async def test_of_a_confidential_request_the_event_does_not_name_the_citizen(looks: FakeLooks) -> None:
    request = a_request(sealed_citizen=f"{events.CONFIDENTIAL}sealed", confidential=True)
    await AccessLog(looks, FakeClock()).note(OFFICER, request)
    [look] = looks.kept.values()
    assert CITIZEN.encode() not in look.emitted[0].data


@pytest.mark.parametrize("nobody", ["anonymous:1", "erased:1"])
async def test_unreadable_request_is_not_recorded_as_accessed(looks: FakeLooks, nobody: str) -> None:
    await AccessLog(looks, FakeClock()).note(OFFICER, a_request(citizen_id=nobody))
    assert not looks.kept


async def test_duplicate_check_by_a_clerk_is_recorded_for_the_citizen(looks: FakeLooks) -> None:
    clerk = Principal("clerk-1", Role.CLERK, None, "session", 0.0)
    accesses = AccessLog(looks, FakeClock())
    for citizen_id in ("follower-1", "follower-2", "follower-1", CITIZEN, None):
        await accesses.note(clerk, a_request(), of=citizen_id)
    assert [look.citizen_id for look in looks.kept.values()] == ["follower-1", "follower-2", CITIZEN]
    assert {look.request for look in looks.kept.values()} == {a_request().id}
    assert all(look.citizen_id in look.emitted[0].data.decode() for look in looks.kept.values())
