"""How long a code is said to take that was never sent."""

from datetime import timedelta

from services.identity.service.delivery import LONGEST, Latency


def test_it_is_about_what_the_last_codes_took_and_never_twice_the_same() -> None:
    latency = Latency()
    for _ in range(50):
        latency.note(timedelta(seconds=10))
    drawn = [latency.draw() for _ in range(100)]
    assert len(set(drawn)) == 100
    assert all(8 <= seconds <= 12 for seconds in drawn)


def test_one_that_took_for_ever_or_no_time_counts_within_reason() -> None:
    latency = Latency()
    for took in (timedelta(days=1), timedelta(seconds=-1)):
        for _ in range(50):
            latency.note(took)
        assert 0 <= latency.draw() <= LONGEST.total_seconds() * 1.2
