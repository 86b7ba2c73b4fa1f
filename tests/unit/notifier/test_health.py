"""The choice of a provider: by weight among those that work."""

from collections import Counter

import pytest

from services.notifier.sending.health import (
    FIRST_PROBATION,
    MAX_BAD_IN_A_ROW,
    SLOW,
    Health,
)
from tests.unit.notifier.memory import Recording


class Time:
    """A clock set by the test."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.chance = 0.0

    def __call__(self) -> float:
        """Now."""
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def health(time: Time) -> Health:
    return Health(time, lambda: time.chance)


FIRST, SECOND = Recording(name="first"), Recording(name="second")
BOTH = (FIRST, SECOND)


def fails(health: Health, name: str = "first", times: int = MAX_BAD_IN_A_ROW) -> None:
    """Let a provider fail several times."""
    for _ in range(times):
        health.note(name, failed=True, seconds=0.1)


def test_messages_are_shared_by_weight(health: Health, time: Time) -> None:
    heavy = Recording(name="heavy")
    heavy.weight = 300
    got: Counter[str] = Counter()
    for hundredth in range(100):
        time.chance = hundredth / 100
        got[health.choose((heavy, SECOND)).name] += 1
    assert got == {"heavy": 75, "second": 25}


def test_the_next_attempt_goes_to_another_provider(health: Health) -> None:
    assert health.choose(BOTH, avoid="first") is SECOND
    assert health.choose((FIRST,), avoid="first") is FIRST


def test_a_provider_that_fails_several_times_in_a_row_is_out(health: Health) -> None:
    fails(health, times=MAX_BAD_IN_A_ROW - 1)
    assert health.choose(BOTH) is FIRST
    fails(health, times=1)
    assert health.choose(BOTH) is SECOND


@pytest.mark.parametrize("seconds", [SLOW - 1, SLOW])
def test_slow_provider_is_out(health: Health, seconds: float) -> None:
    for _ in range(MAX_BAD_IN_A_ROW):
        health.note("first", failed=False, seconds=seconds)
    assert health.choose(BOTH) is (SECOND if seconds >= SLOW else FIRST)


def test_a_provider_that_fails_occasionally_stays(health: Health) -> None:
    for turn in range(100):
        health.note("first", failed=turn % 3 == 0, seconds=0.1)
    assert health.choose(BOTH) is FIRST


def test_after_the_pause_one_message_but_no_code_tests_the_provider(health: Health, time: Time) -> None:
    fails(health)
    time.now += FIRST_PROBATION
    assert health.choose(BOTH, urgent=True) is SECOND
    assert [health.choose(BOTH) for _ in range(3)] == [FIRST, SECOND, SECOND]
    health.note("first", failed=False, seconds=0.1)
    assert health.choose(BOTH) is FIRST


def test_a_failed_trial_doubles_the_pause(health: Health, time: Time) -> None:
    fails(health)
    time.now += FIRST_PROBATION
    assert health.choose(BOTH) is FIRST
    health.note("first", failed=True, seconds=0.1)
    time.now += FIRST_PROBATION
    assert health.choose(BOTH) is SECOND
    time.now += FIRST_PROBATION
    assert health.choose(BOTH) is FIRST


def test_answers_to_earlier_messages_do_not_end_the_pause(health: Health, time: Time) -> None:
    fails(health, times=MAX_BAD_IN_A_ROW + 20)
    health.note("first", failed=False, seconds=0.1)
    assert health.choose(BOTH) is SECOND
    time.now += FIRST_PROBATION
    assert health.choose(BOTH) is FIRST


def test_when_all_are_out_the_longest_out_is_used(health: Health, time: Time) -> None:
    fails(health, "second")
    time.now += 1
    fails(health, "first")
    assert health.choose(BOTH) is SECOND
