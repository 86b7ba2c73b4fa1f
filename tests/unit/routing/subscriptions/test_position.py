"""Leases of a subscription: competing consumers, returned messages, replay."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.routing.subscriptions.models.position import MAX_OPEN, MAX_TRIES, Position

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def leased(position: Position, newest: int, limit: int = 10, at: datetime = NOW, token: str = "a") -> list[int]:
    """The numbers that a lease of one minute gets."""
    return position.lease((1, newest), limit, at, at + MINUTE, token)


def test_two_consumers_get_different_messages() -> None:
    position = Position("sub")
    assert leased(position, 3, 2, token="a") == [1, 2]
    assert leased(position, 3, 2, token="b") == [3]
    assert leased(position, 3, 2, token="c") == []
    assert (position.ack("b", None), position.acked_up_to) == ([], 0)  # 1 and 2 are still open
    assert (position.ack("a", None), position.acked_up_to) == ([], 3)


def test_messages_of_an_ended_lease_go_to_the_next_consumer() -> None:
    position = Position("sub")
    leased(position, 2, token="a")
    later = NOW + MINUTE
    assert leased(position, 2, at=later, token="b") == [1, 2]
    assert position.ack("a", [1, 2]) == [1, 2]  # lost to the other
    assert position.ack("b", [1]) == []
    assert position.ack("b", [1, 2]) == []  # acknowledging twice is the same as once
    assert position.acked_up_to == 2


def test_a_lease_that_has_ended_still_counts_until_another_consumer_has_it() -> None:
    position = Position("sub")
    leased(position, 1)
    assert position.ack("a", None) == []
    assert position.acked_up_to == 1


def test_an_extended_lease_ends_later() -> None:
    position = Position("sub")
    leased(position, 2)
    position.ack("a", [1])
    assert position.extend("a", NOW + 3 * MINUTE) == [2]
    assert leased(position, 2, at=NOW + 2 * MINUTE, token="b") == []


def test_a_returned_message_comes_again_after_its_pause_and_before_new_ones() -> None:
    position = Position("sub")
    leased(position, 1)
    assert position.nack("a", [1], NOW, MINUTE) == []
    assert leased(position, 2, token="b") == [2]
    assert leased(position, 3, at=NOW + MINUTE, token="c") == [1, 2, 3]


def test_a_message_returned_too_often_is_given_up_and_comes_again_by_replay() -> None:
    position = Position("sub")
    for turn in range(MAX_TRIES):
        assert leased(position, 1, token=str(turn)) == [1]
        position.nack(str(turn), None, NOW, timedelta())
    assert leased(position, 2) == [2]
    assert [(one.number, one.why) for one in position.given_up] == [(1, "tries")]
    position.ack("a", None)
    assert position.acked_up_to == 2
    position.replay(0)
    assert (position.given_up, leased(position, 2, token="b")) == ([], [1, 2])


def test_a_message_that_no_consumer_finishes_is_given_up_too() -> None:
    position = Position("sub")
    for turn in range(MAX_TRIES):
        assert leased(position, 1, at=NOW + turn * MINUTE, token=str(turn)) == [1]
    assert leased(position, 1, at=NOW + MAX_TRIES * MINUTE) == []
    assert [(one.number, one.why) for one in position.given_up] == [(1, "tries")]


def test_messages_that_are_no_longer_kept_are_skipped_and_named() -> None:
    position = Position("sub")
    leased(position, 2)
    assert position.lease((5, 6), 10, NOW, NOW + MINUTE, "b") == [5, 6]
    assert [(one.number, one.why) for one in position.given_up] == [(1, "expired"), (2, "expired")]


def test_a_message_that_nobody_was_given_cannot_be_acknowledged() -> None:
    position = Position("sub")
    leased(position, 1)
    assert position.ack("a", [1, 2]) == [2]
    assert leased(position, 2, token="b") == [2]


def test_after_a_replay_old_leases_acknowledge_nothing() -> None:
    position = Position("sub")
    leased(position, 3)
    position.replay(1)
    assert position.ack("a", [2, 3]) == [2, 3]
    assert leased(position, 3, token="b") == [2, 3]


def test_the_open_messages_are_bounded() -> None:
    position = Position("sub")
    assert len(leased(position, 5000, 5000)) == MAX_OPEN
    assert leased(position, 5000, token="b") == []
    position.ack("a", [1])
    assert leased(position, 5000, token="c") == [MAX_OPEN + 1]


STEPS = st.lists(st.tuples(st.sampled_from(["lease", "ack", "nack", "wait", "new"]), st.integers(0, 7)), max_size=60)


@given(STEPS)
def test_each_message_is_held_once_and_ends_acknowledged_or_given_up(steps: list[tuple[str, int]]) -> None:
    position, now, newest, tokens = Position("sub"), NOW, 3, 0
    acked: set[int] = set()
    held: dict[str, list[int]] = {}
    for step, n in steps:
        if step == "new":
            newest += n
        elif step == "wait":
            now += n * MINUTE / 4
        elif step == "lease":
            tokens += 1
            held[str(tokens)] = leased(position, newest, n + 1, now, str(tokens))
            assert not acked & set(held[str(tokens)])
        elif held:
            token = list(held)[n % len(held)]
            if step == "ack":
                acked |= set(held[token]) - set(position.ack(token, held[token]))
            else:
                position.nack(token, held[token], now, n * MINUTE)
        position = Position.of(position.document())
        gone = {one.number for one in position.given_up}
        assert set(range(1, position.handed_up_to + 1)) == set(position.open) | acked | gone
        assert set(range(1, position.acked_up_to + 1)) <= acked | gone
        assert position.acked_up_to + 1 not in acked | gone
