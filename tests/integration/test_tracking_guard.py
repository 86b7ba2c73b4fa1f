"""Protection of tracking against guessing: wrong digits are counted across replicas, and before the response."""

import asyncio
from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Any, cast

import pytest

from services.requests.reading.models import Bucket, TrackLimits
from services.requests.reading.service.tracking import Tracking
from services.requests.reading.store import GuessStore
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from shared.clock import utc_now
from shared.errors import Problem
from shared.mongo import Database
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_request
from tests.fakes import MemoryStore, R

HERE, MAX_WRONG, FROM_ONE = 3, 10, 20
ELSEWHERE = "RB-0000-0000-0"
NO, HERE_LOCKED, LOCKED, ADDRESS_LOCKED = "not-found", "digits-locked-here", "digits-locked", "network-failures"


class Counted(MemoryStore[R]):
    """A store that counts its queries."""

    asked = 0

    async def load_many(self, ids: Collection[str]) -> dict[str, R]:
        """The existing records, by id."""
        self.asked += 1
        return await super().load_many(ids)


async def a_guard(database: Database, *, every: float = 60) -> Tracking:
    """A replica's guard of one request with the digits 4567; an attempt is returned after that many seconds."""
    requests, citizens = Counted(Request), Counted(CitizenReplica)
    await requests.insert_many([a_request()])
    mobile = KEYS.seal("+923001234567", SealPurpose.CITIZEN_MOBILE, owner=CITIZEN)
    await citizens.save_many([CitizenReplica(id=CITIZEN, sealed_mobile=mobile)])
    guesses = GuessStore(database)
    await guesses.create_indexes()
    here, number, address = (
        Bucket(allowed, timedelta(seconds=every), code)
        for allowed, code in ((HERE, HERE_LOCKED), (MAX_WRONG, LOCKED), (FROM_ONE, ADDRESS_LOCKED))
    )
    return Tracking(requests, citizens, guesses, KEYS, TrackLimits(here, number, address))


async def answer_of(guard: Tracking, digits: str, number: str = NUMBER, address: str | None = None) -> str:
    """The response to an attempt."""
    try:
        await guard.find(number, digits, address)
    except Problem as problem:
        return problem.problem_code
    return "found"


@pytest.mark.parametrize("number", [NUMBER, ELSEWHERE])
async def test_of_200_guesses_at_once_ten_are_looked_at(database: Database, number: str) -> None:
    guards = [await a_guard(database) for _ in range(3)]
    answers = await asyncio.gather(
        *(answer_of(guards[n % 3], f"{n:04d}", number) for n in range(200)),
    )
    assert Counter(answers) == {NO: MAX_WRONG, LOCKED: 190}
    assert await answer_of(guards[0], "4567", number) == LOCKED


async def test_the_right_digits_behind_too_many_wrong_ones_do_not_tell(database: Database) -> None:
    guard = await a_guard(database)
    digits = [*(f"{n:04d}" for n in range(50)), "4567"]
    assert (await asyncio.gather(*(answer_of(guard, d) for d in digits)))[-1] == LOCKED


async def test_right_digits_cause_no_write(database: Database) -> None:
    guard = await a_guard(database)
    assert set(await asyncio.gather(*(answer_of(guard, "4567") for _ in range(300)))) == {"found"}
    assert await database["guesses"].count_documents({}) == 0


async def test_an_unknown_number_costs_as_many_questions_as_a_known_one(database: Database) -> None:
    guard = await a_guard(database)
    stores = [cast(Counted[Any], store) for store in (guard._requests, guard._citizens)]
    asked = []
    for number in (NUMBER, ELSEWHERE):
        before = [store.asked for store in stores]
        assert await answer_of(guard, "0000", number) == NO
        asked.append([store.asked - earlier for store, earlier in zip(stores, before, strict=True)])
    assert asked[0] == asked[1] == [1, 1]


async def test_wrong_tries_below_the_limit_lock_nobody_out(database: Database) -> None:
    guard, other = await a_guard(database), await a_guard(database)
    for n in range(MAX_WRONG - 1):
        assert await answer_of(guard, f"{n:04d}") == NO
    assert await answer_of(other, "4567") == "found"
    assert await answer_of(other, "0000") == NO
    assert await answer_of(guard, "4567") == LOCKED
    assert await answer_of(guard, "4567", address="1.2.3.4") == LOCKED


async def test_a_lock_ends_by_itself(database: Database) -> None:
    guard = await a_guard(database, every=1)
    await asyncio.gather(*(answer_of(guard, "0000") for _ in range(MAX_WRONG)))
    assert await answer_of(guard, "4567") == LOCKED
    async with asyncio.timeout(5):
        while await answer_of(guard, "4567") == LOCKED:  # noqa: ASYNC110  # the server's clock has no bell
            await asyncio.sleep(0.05)
    assert await answer_of(guard, "0000") == NO
    assert await answer_of(guard, "4567") == LOCKED


async def test_guessing_from_one_address_locks_nobody_out_elsewhere(database: Database) -> None:
    guard = await a_guard(database)
    answers = await asyncio.gather(*(answer_of(guard, f"{n:04d}", address="1.2.3.4") for n in range(90)))
    assert Counter(answers) == {NO: HERE, HERE_LOCKED: 90 - HERE}
    assert await answer_of(guard, "4567", address="1.2.3.4") == HERE_LOCKED
    assert await answer_of(guard, "4567", address="1.2.3.5") == "found"


async def test_a_lock_here_is_of_that_number_alone(database: Database) -> None:
    guard = await a_guard(database)
    for n in range(HERE + 1):
        await answer_of(guard, f"{n:04d}", ELSEWHERE, "1.2.3.4")
    assert await answer_of(guard, "0000", ELSEWHERE, "1.2.3.4") == HERE_LOCKED
    assert await answer_of(guard, "4567", address="1.2.3.4") == "found"


async def test_guesses_from_many_addresses_are_stopped_at_the_number(database: Database) -> None:
    guard = await a_guard(database)
    answers = [await answer_of(guard, f"{n:04d}", address=f"1.2.3.{n}") for n in range(MAX_WRONG + 5)]
    assert answers == [NO] * MAX_WRONG + [LOCKED] * 5
    with pytest.raises(Problem) as refused:
        await guard.find(NUMBER, "4567", "9.9.9.9")
    assert 0 < int(refused.value.headers["Retry-After"]) <= 60


async def test_an_address_that_tries_many_numbers_is_locked_and_nobody_else(database: Database) -> None:
    guard = await a_guard(database)
    numbers = [f"RB-0000-{n:04d}-0" for n in range(40)]
    answers = await asyncio.gather(*(answer_of(guard, "1111", number, "1.2.3.4") for number in numbers))
    assert Counter(answers) == {NO: FROM_ONE, ADDRESS_LOCKED: 40 - FROM_ONE}
    assert await answer_of(guard, "4567", NUMBER, "1.2.3.4") == ADDRESS_LOCKED
    assert await answer_of(guard, "4567", NUMBER, "1.2.3.5") == "found"
    kept = [str(document) async for document in database["guesses"].find()]
    assert not [document for document in kept if "1.2.3.4" in document]


async def test_a_school_mistypes_and_goes_on(database: Database) -> None:
    guard = await a_guard(database)
    guard._limits = TrackLimits()
    for n in range(120):
        assert await answer_of(guard, "1111", f"RB-0000-{n:04d}-0", "the school") == NO
    assert await answer_of(guard, "4567", NUMBER, "the school") == "found"


async def test_a_counter_of_the_former_kind_is_read_on(database: Database) -> None:
    guard, key = await a_guard(database), f"number:{NUMBER}"
    await database["guesses"].insert_one({"_id": key, "count": 10, "until": utc_now() + timedelta(minutes=2)})
    assert await answer_of(guard, "0000") == NO
    assert await answer_of(guard, "4567") == "found"
