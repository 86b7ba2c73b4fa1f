"""Confirms: each message is safe only when the broker has said so."""

from shared.bus.confirms import Confirms


async def test_batches_are_confirmed_separately_in_any_order() -> None:
    confirms = Confirms()
    first, second = confirms.expect(["a", "b"]), confirms.expect(["c"])
    confirms.confirmed(3, multiple=False, safe=True)
    assert (first.settled.done(), second.settled.done(), second.safe) == (False, True, [True])
    confirms.confirmed(2, multiple=True, safe=True)
    assert (first.safe, first.complete) == ([True, True], True)


async def test_duplicate_or_unknown_confirm_changes_nothing() -> None:
    confirms = Confirms()
    batch = confirms.expect(["a", "b"])
    for _ in range(2):
        confirms.confirmed(1, multiple=False, safe=False)
        confirms.confirmed(9, multiple=False, safe=True)
    assert (batch.safe, batch.complete) == ([False, False], False)


async def test_lost_connection_leaves_open_messages_unconfirmed() -> None:
    confirms = Confirms()
    batch = confirms.expect(["a", "b"])
    confirms.confirmed(1, multiple=False, safe=True)
    confirms.lost()
    assert (batch.settled.done(), batch.complete, batch.safe) == (True, False, [True, False])


async def test_a_return_of_a_message_that_is_not_waited_for_is_not_matched() -> None:
    confirms = Confirms()
    batch = confirms.expect(["a"])
    confirms.forget(["a"])
    confirms.returned("a")
    confirms.returned(None)
    confirms.confirmed(1, multiple=False, safe=True)
    assert batch.safe == [True]
