"""In any sequence of requests for codes, no number gets more than its limit, and the named waits are right."""

import asyncio
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.accounts.models.challenge import seconds_until
from services.identity.accounts.models.throttle import CODES_A_DAY, SENDS_A_NUMBER
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.codes.service.limits import AddressLimits, CodeLimits, too_early
from shared.errors import TooManyRequestsError, say
from tests.fakes import START
from tests.unit.identity.fakes import FakeThrottles

DAY = timedelta(days=1)
PAUSES = st.lists(st.integers(0, 3 * 3600), min_size=1, max_size=60)


async def sent(pauses: list[int]) -> tuple[list[int], list[int]]:
    """The seconds at which codes were sent by SMS and were not possible, with a request after each pause."""
    limits, now = CodeLimits(cast(ThrottleStore, FakeThrottles()), AddressLimits()), START
    by_sms: list[int] = []
    others: list[int] = []
    for turn, pause in enumerate(pauses):
        now += timedelta(seconds=pause)
        told = await limits.next_sms("number", now)
        try:
            no_sms = await limits.count_send("number", f"address {turn}", now)
        except TooManyRequestsError:
            continue
        assert no_sms == told
        (by_sms if no_sms is None else others).append(int((now - START).total_seconds()))
        if no_sms is not None:
            assert 0 < seconds_until(no_sms, now) <= DAY.total_seconds()
            assert await limits.next_sms("number", no_sms) is None
            assert await limits.next_sms("number", no_sms - timedelta(seconds=1)) == no_sms
    return by_sms, others


@given(PAUSES)
def test_no_day_has_more_than_ten_sms_and_no_hour_more_than_five_codes(pauses: list[int]) -> None:
    by_sms, others = asyncio.run(sent(pauses))
    for most, within, moments in (
        (CODES_A_DAY.most, DAY, by_sms),
        (SENDS_A_NUMBER.most, SENDS_A_NUMBER.within, sorted([*by_sms, *others])),
    ):
        for first, after in zip(moments, moments[most:], strict=False):
            assert after - first >= within.total_seconds()
    for moment in others:  # by email only where the day really was full
        assert sum(moment - DAY.total_seconds() < one <= moment for one in by_sms) == CODES_A_DAY.most


@pytest.mark.parametrize("code", ["account-locked", "codes-locked", "codes-of-a-day", "code-too-soon", "network-codes"])
def test_reason_for_waiting_is_rendered_as_text(code: str) -> None:
    refused = too_early(150, code)
    for language, when in (("en", "3 minutes"), ("ur", "3 منٹ")):
        assert when in say(code, "detail", language, refused.params)


@given(st.integers(0, 9))
def test_unsent_code_does_not_count(counted: int) -> None:
    async def run() -> None:
        limits, now = CodeLimits(cast(ThrottleStore, FakeThrottles()), AddressLimits()), START
        for turn in range(counted):
            now += timedelta(hours=1)
            await limits.count_send("number", f"address {turn}", now)
        assert await limits.next_sms("number", now) is None
        now += timedelta(hours=1)
        assert await limits.count_send("number", "here", now) is None
        await limits.uncount_send("number", "here", now, by_sms=True)
        assert await limits.next_sms("number", now) is None

    asyncio.run(run())
