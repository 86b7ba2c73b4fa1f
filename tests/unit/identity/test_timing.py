"""Known and unknown accounts take the same time; the fastest of some runs counts, because load only adds time."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.device import Caller
from services.identity.accounts.models.throttle import TryLimit
from services.identity.citizens.service.registration import Registration
from tests.unit.identity.staff_cases import made
from tests.unit.identity.world import RING, World, new_address, new_form, outcomes

SAMPLES = 15


async def hash_seconds() -> float:
    """The seconds of one hash on this machine."""
    hasher = Hasher(RING, workers=1, queue=5)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        await hasher.hash("some password or other")
        took.append(time.perf_counter() - began)
    hasher.close()
    return min(took)


async def differ_by_less_than_half_a_hash(
    known: list[Registration], unknown: list[Registration], act: Callable[[Registration], Awaitable[object]]
) -> None:
    """Alternate, so that load affects both."""
    took: tuple[list[float], list[float]] = ([], [])
    for pair in zip(known, unknown, strict=True):
        for form, times in zip(pair, took, strict=True):
            began = time.perf_counter()
            await outcomes(act(form))  # type: ignore[arg-type]  # what it raises is part of what it takes
            times.append(time.perf_counter() - began)
    quickest = [min(times) for times in took]
    assert abs(quickest[0] - quickest[1]) < await hash_seconds() / 2, quickest


async def test_a_login_takes_the_same_time(world: World) -> None:
    known = [await world.verified() for _ in range(SAMPLES)]
    await differ_by_less_than_half_a_hash(
        known,
        [new_form() for _ in range(SAMPLES)],
        lambda form: world.logins.login(form.cnic, "not the password", Caller(new_address())),
    )


async def test_a_registration_takes_the_same_time(world: World) -> None:
    known = [await world.verified() for _ in range(SAMPLES)]
    await differ_by_less_than_half_a_hash(
        known, [new_form() for _ in range(SAMPLES)], lambda form: world.registrations.register(form, new_address())
    )


async def test_a_reset_takes_the_same_time(world: World) -> None:
    known = [await world.verified() for _ in range(SAMPLES)]
    await differ_by_less_than_half_a_hash(
        known,
        [new_form() for _ in range(SAMPLES)],
        lambda form: world.passwords.ask_reset(form.cnic, form.mobile, new_address()),
    )


@pytest.mark.parametrize("staff", [False, True])
async def test_failed_login_of_an_unknown_account_writes_as_much(
    staff: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (await made(world)).login if staff else (await world.verified()).cnic
    unknown = "nobody.here" if staff else new_form().cnic
    counted: list[str] = []
    claim = world.stores.throttles.claim

    async def noted(key: str, limit: TryLimit, now: datetime) -> datetime | None:
        counted.append(key.partition(":")[0])
        return await claim(key, limit, now)

    monkeypatch.setattr(world.stores.throttles, "claim", noted)
    await outcomes(world.logins.login(known, "not the password", Caller(new_address())))
    of_known, counted[:] = [*counted], []
    await outcomes(world.logins.login(unknown, "not the password", Caller(new_address())))
    assert counted == of_known
