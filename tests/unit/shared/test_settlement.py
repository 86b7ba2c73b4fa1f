"""Settlement: events that were confirmed and never arrived are published again and applied once."""

import asyncio
from copy import deepcopy
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import DONE
from shared.records import BEGINNING
from shared.settlement import ANSWER, QUESTION, DeliveryQuestion
from tests.fakes import AwayError, until
from tests.unit.shared.town import STREAM, Town


async def test_arrived_records_are_settled_and_not_asked_for_again() -> None:
    town = Town()
    await town.write("RB-1", 2)
    await town.relay()
    await town.arrive()
    assert await town.settle() == [DONE]
    assert town.open() == 0
    assert town.asking.driven_again == 0
    assert await town.ask() == []


async def test_settling_writes_nothing_to_records_that_arrived() -> None:
    town = Town()
    await town.write("RB-1", 2)
    await town.relay()
    await town.arrive()
    before = deepcopy(town.requests.documents)
    await town.settle()
    assert town.requests.documents == before


async def test_lost_events_are_sent_again_with_the_same_ids() -> None:
    town = Town()
    for number, count in (("RB-1", 3), ("RB-2", 1)):
        await town.write(number, count)
    town.bus.lose = lambda message: message.message_id in ("requests/RB-1/2", "requests/RB-1/3", "requests/RB-2/1")
    await town.relay()
    await town.arrive()
    assert town.effects("RB-1") == [1]
    town.bus.lose = lambda _: False
    assert await town.settle() == [DONE]
    assert town.asking.driven_again == 2
    town.bus.taken.clear()
    await town.relay()
    assert town.bus.events == ["requests/RB-1/2", "requests/RB-1/3", "requests/RB-2/1"]
    assert town.open() == 2, "what was sent again is asked for again"
    await town.arrive()
    assert (town.effects("RB-1"), town.effects("RB-2")) == ([1, 2, 3], [1])
    await town.settle()
    assert town.open() == 0


async def test_gap_is_sent_again_and_counted_once() -> None:
    town = Town()
    await town.write("RB-1", 4)
    town.bus.lose = lambda message: message.message_id == "requests/RB-1/2"
    await town.relay()
    await town.arrive()
    assert town.effects("RB-1") == [1]
    town.bus.lose = lambda _: False
    await town.settle()
    await town.relay()
    await town.arrive()
    assert town.effects("RB-1") == [1, 2, 3, 4]


@pytest.mark.parametrize("lost", [QUESTION, ANSWER])
async def test_a_question_or_answer_that_is_lost_is_asked_again(lost: str) -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    await town.arrive()
    town.bus.lose = lambda message: message.headers["ce-type"] == lost
    await town.settle()
    assert town.open() == 1
    town.bus.lose = lambda _: False
    assert await town.settle() == [DONE]
    assert town.open() == 0


async def test_unreachable_consumer_delays_no_other_and_is_asked_with_backoff() -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    await town.arrive()
    questions = []
    for _ in range(40):
        for question in await town.ask():
            await town.answer(question)
        questions.append(len(town.bus.to("notifier")))
    assert town.open() == 0
    assert questions[:5] == [1, 1, 0, 1, 0]
    assert 5 <= sum(questions) <= 9
    assert town.lag("notifier") > 100
    assert town.lag("routing") == 0


async def test_crash_before_moving_the_watermark_sends_again() -> None:
    town = Town()
    await town.write("RB-1", 1)
    town.bus.lose = lambda _: True
    await town.relay()
    town.bus.lose = lambda _: False
    [question] = await town.ask()
    writes = iter([None, AwayError()])

    def fall() -> None:
        if (error := next(writes, None)) is not None:
            raise error

    town.requests.before = fall
    with pytest.raises(AwayError):
        await town.answer(question)
    assert town.open() == 1
    await town.answer(question)
    assert town.requests.documents["RB-1"]["resent"] == 1


async def test_an_answer_to_an_earlier_question_moves_the_watermark_only_once() -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    await town.arrive()
    [first] = await town.ask()
    await town.write("RB-2", 1)
    await town.relay()
    await town.arrive()
    [second] = await town.ask()
    await town.answer(first)
    assert town.open() == 1
    await town.answer(second)
    assert town.open() == 1, "it begins where the first began, and is asked again from there"
    assert await town.settle() == [DONE]
    assert town.open() == 0


async def test_record_with_newer_events_is_asked_for_again() -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    await town.arrive()
    [question] = await town.ask()
    await town.say("RB-1")
    town.bus.lose = lambda message: message.exchange != ""
    await town.relay()
    town.bus.lose = lambda _: False
    await town.answer(question)
    assert town.open() == 1
    await town.settle()
    assert town.asking.driven_again == 1


async def test_event_that_a_consumer_never_applies_is_sent_with_backoff() -> None:
    town = Town()
    await town.write("RB-1", 1)
    sent = []
    for _ in range(40):
        await town.relay()
        sent.append(len(town.bus.events))
        town.bus.taken.clear()
        await town.settle()
    assert 4 <= sum(sent) <= 7
    await town.say("RB-1")
    assert "resent" not in town.requests.documents["RB-1"]


async def test_unconfirmed_record_is_not_asked_for() -> None:
    town = Town()
    await town.write("RB-1", 1)
    assert await town.ask() == []


async def test_the_question_names_the_range_and_the_types_of_what_is_not_settled() -> None:
    town = Town()
    await town.write("RB-1", 2)
    town.requests.documents["RB-1"]["settled_to"] = 1
    await town.relay()
    stamp = town.requests.documents["RB-1"]["sent_at"]
    [question] = await town.ask()
    assert DeliveryQuestion.model_validate_json(question.body) == DeliveryQuestion(
        source="requests",
        stream=STREAM,
        records={"RB-1": (1, ["request.answered.v1"])},
        since=BEGINNING,
        upto=stamp,
    )


async def test_many_records_share_one_message_and_what_is_left_is_asked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.settlement.ASK_BATCH", 100)
    town = Town()
    for n in range(250):
        await town.write(f"RB-{n:03}", 1)
        town.clock.advance(seconds=9)
        await town.relay()
    await town.arrive()
    town.clock.advance(seconds=121)
    asked: list[int] = []
    task = asyncio.create_task(town.asking.run())
    while town.open():
        await until(lambda: any(message.key == "routing" for message in town.bus.taken))
        [question] = town.bus.to("routing")
        asked.append(len(DeliveryQuestion.model_validate_json(question.body).records))
        await town.answer(question)
    task.cancel()
    assert asked == [100, 100, 50]


async def test_records_with_one_stamp_are_asked_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.settlement.ASK_BATCH", 10)
    town = Town()
    for n in range(25):
        await town.write(f"RB-{n}", 1)
    await town.relay()
    [question] = await town.ask()
    assert len(DeliveryQuestion.model_validate_json(question.body).records) == 25


@given(st.data())
async def test_every_event_is_applied_once_after_any_loss(data: st.DataObject) -> None:
    """Events come at any time; deliveries, questions and answers are lost at random; in the end nothing is missing."""
    town = Town()
    with patch("shared.settlement.ASK_BATCH", 2):
        await live(town, data)


async def live(town: Town, data: st.DataObject) -> None:
    lost = data.draw(st.sets(st.integers(0, 60)), label="lost messages")
    count = iter(range(1_000_000))
    town.bus.lose = lambda _: next(count) in lost
    written: dict[str, int] = {}
    for step in data.draw(st.lists(st.sampled_from(["file", "say", "relay", "arrive", "ask"]), max_size=25)):
        town.clock.advance(seconds=data.draw(st.sampled_from([0, 0.001, 1, 130]), label="seconds"))
        if step == "file":
            number = f"RB-{len(written)}"
            written[number] = 1
            await town.write(number, 1)
        elif step == "say" and written:
            number = data.draw(st.sampled_from(sorted(written)))
            written[number] += 1
            await town.say(number)
        elif step == "relay":
            await town.relay()
        elif step == "arrive":
            await town.arrive()
        else:
            await town.settle()
    town.bus.lose = lambda _: False
    for _ in range(12):
        town.clock.advance(seconds=3600 * 9)
        await town.relay()
        await town.arrive()
        for _ in range(len(written) + 1):
            await town.settle()
    assert {number: town.effects(number) for number in written} == {n: [*range(1, c + 1)] for n, c in written.items()}
    assert town.open() == 0


async def test_store_error_does_not_end_settlement() -> None:
    town, errors = Town(), iter([AwayError(), RuntimeError("odd")])

    def trouble() -> None:
        if (error := next(errors, None)) is not None:
            raise error

    await town.write("RB-1", 1)
    await town.relay()
    town.clock.advance(seconds=121)
    town.requests.before = trouble
    task = asyncio.create_task(town.asking.run())
    await until(lambda: any(message.key == "routing" for message in town.bus.taken))
    task.cancel()
