"""Hundreds of people at one address, such as a school or a mobile operator, with the default limits."""

from datetime import timedelta
from typing import cast

import pytest

from services.identity.accounts.models.device import Caller
from services.identity.accounts.models.throttle import CODES_OF_AN_ADDRESS, FAILURES_OF_AN_ADDRESS, TokenBucket, Tries
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.codes.service.limits import AddressLimits, CodeLimits
from services.identity.sessions.service.login_limits import LoginLimits
from shared.errors import TooManyRequestsError
from tests.fakes import START
from tests.unit.identity.fakes import FakeThrottles
from tests.unit.identity.world import Clock

PEOPLE = 250
SCHOOL = Caller("the school")


async def test_hundreds_register_and_sign_in_within_minutes() -> None:
    clock, throttles = Clock(START), cast(ThrottleStore, FakeThrottles())
    codes, logins = CodeLimits(throttles, AddressLimits()), LoginLimits(throttles, clock, AddressLimits())
    for n in range(PEOPLE):  # everybody asks before the first one has read a message
        assert await codes.count_send(f"mobile {n}", SCHOOL.address, clock()) is None
    for n in range(PEOPLE):
        for typed in ("wrong", "right") if n % 3 == 0 else ("right",):
            clock.forward(seconds=1)
            await codes.claim_failure(SCHOOL.address, clock())
            await codes.claim_try("register", f"mobile {n}", clock())
            if typed == "right":
                await codes.answered("register", f"mobile {n}", SCHOOL.address, clock())
    for n in range(PEOPLE):
        for typed in ("wrong", "right") if n % 2 else ("right",):
            clock.forward(seconds=1)
            claimed = await logins.claim(f"account {n}", SCHOOL, None)
            if typed == "right":
                await logins.succeeded(claimed)


async def spray(throttles: FakeThrottles, hours: int) -> int:
    """How many passwords are checked when one address tries them on as many accounts, ten a second."""
    clock, looked_at = Clock(START), 0
    logins = LoginLimits(cast(ThrottleStore, throttles), clock, AddressLimits())
    for n in range(hours * 36_000):
        clock.now = START + timedelta(seconds=n / 10)
        try:
            await logins.claim(f"account {n}", SCHOOL, None)
            looked_at += 1
        except TooManyRequestsError:
            continue
    return looked_at


async def test_one_guess_at_each_of_many_accounts_is_stopped() -> None:
    assert await spray(FakeThrottles(), 1) <= 2 * FAILURES_OF_AN_ADDRESS.most


def test_bucket_refills_evenly() -> None:
    few, tries, now = TokenBucket.an_hour(3), Tries(), START
    for _ in range(3):
        assert few.wait(tries, now) is None
        tries = few.count(tries, now)
    assert few.wait(tries, now) == now + timedelta(minutes=20)
    assert few.wait(few.uncount(tries, now), now) is None
    assert few.wait(tries, now + timedelta(minutes=20)) is None
    assert few.kept_until(tries, now) == now + timedelta(hours=1)
    assert few.uncount(Tries(), now) == Tries((now,))


@pytest.mark.parametrize("bucket", [CODES_OF_AN_ADDRESS, FAILURES_OF_AN_ADDRESS])
def test_codes_for_one_address_have_a_pause_of_seconds(bucket: TokenBucket) -> None:
    assert bucket.every <= timedelta(seconds=15)
