"""Preferences: quiet hours and the digest, at any hour of any day."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifier.models.preferences import CHOSEN_NOTHING, Preferences, Quiet, digest_at, quiet_until
from shared.clock import PAKISTAN

HOURS = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
QUIET = st.builds(Quiet, HOURS, HOURS).filter(lambda quiet: quiet.start != quiet.end)
DAY = timedelta(days=1)


def is_quiet(quiet: Quiet, at: datetime) -> bool:
    """Whether a time is quiet, computed differently than in the code."""
    shown = at.astimezone(PAKISTAN).time()
    if quiet.start < quiet.end:
        return quiet.start <= shown < quiet.end
    return shown >= quiet.start or shown < quiet.end


@given(QUIET, MOMENTS)
def test_quiet_hours_delay_messages_by_less_than_a_day(quiet: Quiet, now: datetime) -> None:
    until = quiet_until(Preferences(quiet=quiet), now)
    assert (until is not None) == is_quiet(quiet, now)
    if until is not None:
        assert now < until < now + DAY
        assert until.astimezone(PAKISTAN).time() == quiet.end
        assert not is_quiet(quiet, until)
        assert all(is_quiet(quiet, now + (until - now) * part / 7) for part in range(7))


@given(HOURS, MOMENTS)
def test_a_digest_closes_at_its_hour_within_a_day(hour: time, now: datetime) -> None:
    at = digest_at(Preferences(daily=hour), now)
    assert at is not None
    assert now < at <= now + DAY
    assert at.astimezone(PAKISTAN).time() == hour


def test_without_preferences_no_message_waits() -> None:
    now = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    assert quiet_until(CHOSEN_NOTHING, now) is None
    assert digest_at(CHOSEN_NOTHING, now) is None


@given(QUIET, HOURS, st.dictionaries(st.sampled_from(["progress", "following"]), st.sampled_from(["email", "none"])))
def test_stored_preferences_are_read_unchanged(quiet: Quiet, daily: time, channels: dict[str, str]) -> None:
    chosen = Preferences(channels, quiet, daily)
    assert Preferences.of(chosen.document()) == chosen
    assert CHOSEN_NOTHING.document() == {}
