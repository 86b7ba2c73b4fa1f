"""The states of a message after any reports in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.models.delivery import (
    FAILED,
    MAX_PAUSE,
    MAX_UNSURE,
    PATIENCE,
    attempted,
    channels_tried,
    move,
    pause_after,
    settle,
)
from services.notifier.models.notification import GONE, DeliveryState, Notification

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SAID = [DeliveryState.SENDING, DeliveryState.DELIVERED, *FAILED]


def a_message(*, urgent: bool = False, state: DeliveryState = DeliveryState.SENDING) -> Notification:
    """A message for which the provider `sms` is being called."""
    return Notification(
        id="requests/RB-1/1:sms",
        citizen_id="c",
        subject="RB-1",
        template="request.routed",
        channel="sms",
        created_at=NOW,
        state=state,
        to="sealed",
        words="sealed",
        urgent=urgent,
        calling={"provider": "sms", "at": NOW},
    )


def taken() -> Notification:
    """A message that `sms` has accepted as SM1."""
    message = a_message()
    attempted(message, DeliveryState.SENDING, NOW, by="sms", reference="SM1")
    return message


def after(reported: list[DeliveryState]) -> DeliveryState:
    """The state of an accepted message after these reports."""
    message = taken()
    for state in reported:
        settle(message, state, NOW, by="sms", reference="SM1")
    return message.state


@given(st.lists(st.sampled_from(SAID), max_size=6).flatmap(lambda s: st.tuples(st.just(s), st.permutations(s + s))))
def test_reports_in_any_order_and_number_lead_to_the_same_state(
    orders: tuple[list[DeliveryState], list[DeliveryState]],
) -> None:
    once, shuffled = orders
    assert after(once) is after(shuffled)


@given(st.lists(st.sampled_from(SAID)))
def test_a_delivered_message_stays_delivered(reported: list[DeliveryState]) -> None:
    assert after([DeliveryState.DELIVERED, *reported]) is DeliveryState.DELIVERED
    assert after([*reported, DeliveryState.DELIVERED]) is DeliveryState.DELIVERED


@given(st.lists(st.tuples(st.sampled_from(SAID), st.sampled_from(["sms", "sms-backup"])), max_size=8))
def test_delivery_by_any_provider_counts(reported: list[tuple[DeliveryState, str]]) -> None:
    message = taken()
    for state, by in reported:
        settle(message, state, NOW, by=by)
    assert (message.state is DeliveryState.DELIVERED) == any(state is DeliveryState.DELIVERED for state, _ in reported)


def test_a_late_report_of_acceptance_changes_nothing() -> None:
    message = taken()
    settle(message, DeliveryState.PERMANENT_FAILURE, NOW, by="sms", reference="SM1")
    assert not settle(message, DeliveryState.SENDING, NOW, by="sms", reference="SM1")
    assert message.state is DeliveryState.PERMANENT_FAILURE


def test_failures_of_other_providers_or_earlier_attempts_do_not_count() -> None:
    message = taken()
    assert not settle(message, DeliveryState.PERMANENT_FAILURE, NOW, by="sms-backup", reference="B7")
    assert not settle(message, DeliveryState.PERMANENT_FAILURE, NOW, by="sms", reference="SM0")
    assert settle(message, DeliveryState.PERMANENT_FAILURE, NOW, by="sms", reference="SM1")


def test_a_moved_message_is_not_affected_by_its_first_channel() -> None:
    message = taken()
    settle(message, DeliveryState.PERMANENT_FAILURE, NOW, by="sms", reference="SM1")
    move(message, "email", "mailbox", NOW)
    assert not settle(message, DeliveryState.PERMANENT_FAILURE, NOW, by="sms", reference="SM1")
    assert (message.state, message.channel, message.due_at) == (DeliveryState.CREATED, "email", NOW)
    assert channels_tried(message) == {"sms"}
    assert settle(message, DeliveryState.DELIVERED, NOW, by="sms", reference="SM1")
    assert message.due_at is None


def test_a_receipt_before_the_recorded_answer_counts() -> None:
    message = a_message()
    assert settle(message, DeliveryState.DELIVERED, NOW, by="sms", reference="SM1")
    assert (message.provider, message.reference, message.calling) == ("sms", "SM1", None)
    assert message.delivered_at == NOW


def test_a_late_acceptance_stops_the_next_attempt() -> None:
    message = a_message()
    attempted(message, DeliveryState.TEMPORARY_FAILURE, NOW, by="sms", unsure=True)
    assert settle(message, DeliveryState.SENDING, NOW, by="sms", reference="SM1")
    assert (message.state, message.due_at) == (DeliveryState.SENDING, None)


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.DELIVERED, DeliveryState.PERMANENT_FAILURE])
def test_the_text_of_a_code_is_deleted_once_it_is_sent(state: DeliveryState) -> None:
    message = a_message(urgent=True)
    attempted(message, DeliveryState.TEMPORARY_FAILURE, NOW, by="sms")
    assert message.words == "sealed"
    attempted(message, state, NOW, by="sms")
    assert message.words == GONE


def test_other_provider_is_tried_at_once_then_a_pause() -> None:
    message = a_message()
    for by in ("sms", "sms-backup", "sms", "sms-backup"):
        attempted(message, DeliveryState.TEMPORARY_FAILURE, NOW, by=by, providers=2, spread=lambda: 1.0)
        at_once = by == "sms"
        assert (message.due_at == NOW) == at_once
    assert message.due_at == NOW + timedelta(seconds=10)


def test_attempts_end_after_hours_or_after_three_uncertain_ones() -> None:
    patient, unsure = a_message(), a_message()
    for at in (NOW, NOW + PATIENCE / 2, NOW + PATIENCE):
        attempted(patient, DeliveryState.TEMPORARY_FAILURE, at, by="sms")
        assert (patient.state is DeliveryState.CREATED) == (at < NOW + PATIENCE)
        patient.state = DeliveryState.SENDING if patient.state is DeliveryState.CREATED else patient.state
    for turn in range(1, MAX_UNSURE + 1):
        unsure.state = DeliveryState.SENDING
        attempted(unsure, DeliveryState.TEMPORARY_FAILURE, NOW, by="sms", unsure=True)
        assert (unsure.state is DeliveryState.CREATED) == (turn < MAX_UNSURE)
    assert (patient.state, unsure.state) == (DeliveryState.TEMPORARY_FAILURE, DeliveryState.TEMPORARY_FAILURE)


@pytest.mark.parametrize("urgent", [False, True])
def test_pauses_grow_up_to_a_bound(urgent: bool) -> None:
    pauses = [pause_after(attempts, urgent=urgent) for attempts in range(1, 20)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (
        (timedelta(seconds=1), timedelta(seconds=15)) if urgent else (timedelta(seconds=5), MAX_PAUSE)
    )


def test_documents_from_before_these_states_can_be_read() -> None:
    stored = {"_id": "x:sms", "citizen_id": "c", "subject": "s", "template": "t", "channel": "sms", "created_at": NOW}
    assert Notification.of({**stored, "state": "failed", "attempts": []}).state is DeliveryState.TEMPORARY_FAILURE
    old = Notification.of({**stored, "state": "sending", "reference": "SM1", "attempts": []})
    assert settle(old, DeliveryState.DELIVERED, NOW, by="sms", reference="SM1")
