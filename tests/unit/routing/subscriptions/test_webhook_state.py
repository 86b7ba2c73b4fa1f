"""The progress of a webhook: pauses, stopping, secrets."""

from datetime import UTC, datetime, timedelta

from services.routing.subscriptions.models.sending import RetryRule, Sending
from services.routing.subscriptions.models.subscription import Secret, Subscription, new_id
from shared.mongo.resealing import owners_in

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
RULE = RetryRule((5 * SECOND, HOUR, 12 * HOUR), 3 * DAY)


def test_pauses_grow_and_the_last_one_repeats() -> None:
    sending = Sending("sub")
    for pause in (5 * SECOND, HOUR, 12 * HOUR, 12 * HOUR):
        sending.failed("500", NOW, RULE)
        assert sending.next_at == NOW + pause
        assert not sending.is_due(NOW)
        assert sending.is_due(NOW + pause)
    assert (sending.failures, sending.failing_since, sending.error) == (4, NOW, "500")


def test_a_receiver_may_ask_for_a_longer_pause_within_bounds() -> None:
    for asked, pause in ((SECOND, 5 * SECOND), (HOUR, HOUR), (30 * DAY, 12 * HOUR)):
        sending = Sending("sub")
        sending.failed("503", NOW, RULE, asked)
        assert sending.next_at == NOW + pause


def test_it_is_stopped_when_it_has_failed_for_three_days_and_a_person_resumes_it() -> None:
    sending = Sending("sub", acked_up_to=7)
    sending.failed("timeout", NOW, RULE)
    sending.failed("timeout", NOW + 3 * DAY - SECOND, RULE)
    assert sending.is_due(NOW + 4 * DAY)
    sending.failed("timeout", NOW + 3 * DAY, RULE)
    assert (sending.stopped_at, sending.is_due(NOW + 9 * DAY)) == (NOW + 3 * DAY, False)
    sending.resume()
    assert (sending.is_due(NOW + 3 * DAY), sending.failures, sending.acked_up_to) == (True, 0, 7)


def test_a_delivery_ends_the_failures() -> None:
    sending = Sending("sub")
    sending.failed("500", NOW, RULE)
    sending.delivered(3, NOW + HOUR)
    assert (sending.failing_since, sending.error, sending.acked_up_to) == (None, None, 3)


def test_one_replica_sends_until_its_lease_ends() -> None:
    sending = Sending("sub")
    sending.claim("a", NOW + HOUR)
    assert not sending.is_due(NOW)
    assert Sending.of(sending.document()).is_due(NOW + HOUR)
    sending.release()
    assert sending.is_due(NOW)


def test_a_replay_sends_again_what_follows_a_number_even_when_stopped() -> None:
    sending = Sending("sub", acked_up_to=9, stopped_at=NOW)
    sending.replay(4)
    assert (sending.acked_up_to, sending.is_due(NOW)) == (4, True)


def test_two_secrets_are_good_at_most() -> None:
    made = Subscription("sub_1", "water", "ours", "webhook", "production", NOW, "https://a.example/")
    first = made.with_secret("one", None)
    both = first.with_secret("two", NOW + DAY)
    assert both.live_secrets(NOW) == ["two", "one"]
    assert both.live_secrets(NOW + DAY) == ["two"]
    assert both.with_secret("three", NOW + DAY).live_secrets(NOW) == ["three", "two"]
    assert both.with_secret("three", None).secrets == (Secret("three"),)
    assert Subscription.of("water", both.document()) == both


def test_the_owner_of_a_secret_is_found_when_it_is_sealed_again() -> None:
    made = Subscription(new_id(), "water", "ours", "webhook", "production", NOW, "https://a.example/")
    assert made.id in set(owners_in({"_id": "water", "subscriptions": [made.with_secret("one", None).document()]}))
