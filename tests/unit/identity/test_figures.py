"""The configured limits are those of the brief and of the security checklist; other tests show their effect."""

from datetime import timedelta

from services.identity.accounts.models.challenge import CODE_LIFE, MAX_TRIES_PER_CODE, WAITS
from services.identity.accounts.models.session import CITIZEN_LIFETIME, STAFF_LIFETIME, Lifetime
from services.identity.accounts.models.throttle import (
    CODE_TRIES,
    CODES_OF_AN_ADDRESS,
    FAILURES_OF_AN_ADDRESS,
    LOGIN_FAILURES,
    SENDS_A_NUMBER,
    WRONG_CODE_LOCKOUT,
    TokenBucket,
    TryLimit,
)
from services.identity.citizens.models.changes import UNDO_LIFE
from services.identity.keys.tokens import ACCESS_LIFE
from services.identity.settings import IdentitySettings
from shared import revocation

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24)


def test_codes() -> None:
    assert (timedelta(minutes=10), 5, (30, 60, 120)) == (CODE_LIFE, MAX_TRIES_PER_CODE, WAITS)
    assert (TryLimit(5, HOUR), TokenBucket(300, HOUR / 300)) == (SENDS_A_NUMBER, CODES_OF_AN_ADDRESS)
    assert (TryLimit(5, QUARTER, lock=QUARTER, longest=QUARTER), TryLimit(10, HOUR)) == (WRONG_CODE_LOCKOUT, CODE_TRIES)


def test_logins() -> None:
    assert TryLimit(5, QUARTER, lock=QUARTER, longest=DAY) == LOGIN_FAILURES
    assert TokenBucket(300, HOUR / 300) == FAILURES_OF_AN_ADDRESS


def test_default_settings_equal_the_built_in_limits() -> None:
    fields = IdentitySettings.model_fields
    assert fields["codes_per_address"].default == CODES_OF_AN_ADDRESS.most
    assert fields["failures_per_address"].default == FAILURES_OF_AN_ADDRESS.most


def test_sessions() -> None:
    assert timedelta(minutes=10) == ACCESS_LIFE
    assert Lifetime(HOUR, 12 * HOUR) == CITIZEN_LIFETIME
    assert Lifetime(QUARTER, 8 * HOUR) == STAFF_LIFETIME
    assert UNDO_LIFE == DAY


def test_an_ended_session_is_known_everywhere_within_five_seconds() -> None:
    asking = revocation.TIMEOUT.total or 5
    assert revocation.FRESH < revocation.STALE
    assert revocation.STALE + asking < 5
