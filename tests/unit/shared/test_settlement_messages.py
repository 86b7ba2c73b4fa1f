"""Questions and answers of settlement: earlier versions, malformed ones, and those in a batch with events."""

from collections.abc import Sequence

import pytest

from shared.bus import DONE, Delivery, Outcome
from shared.settlement import ANSWER, QUESTION, DeliveryAnswer, DeliveryQuestion
from tests.builders import a_delivery
from tests.unit.shared.town import STREAM, Town, no_events


def told_by_earlier_version() -> bytes:
    """An answer without a range."""
    return (
        DeliveryAnswer(consumer="routing", stream=STREAM, records={"RB-1": 0})
        .model_dump_json(exclude_none=True)
        .encode()
    )


async def test_an_answer_of_an_earlier_version_moves_nothing() -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    headers = {"ce-type": ANSWER}
    assert await town.asking.filter(no_events)([a_delivery(told_by_earlier_version(), headers=headers)]) == [DONE]
    assert (town.open(), town.asking.driven_again) == (1, 0)


async def test_a_question_of_an_earlier_version_is_answered_for_every_record() -> None:
    town = Town()
    await town.write("RB-1", 1)
    await town.relay()
    await town.arrive()
    asked = DeliveryQuestion(
        source="requests", stream=STREAM, records={"RB-1": (0, ["request.answered.v1"]), "RB-2": (0, [])}
    )
    body = asked.model_dump_json(exclude_none=True).encode()
    assert await town.routing.filter(no_events)([a_delivery(body, headers={"ce-type": QUESTION})]) == [DONE]
    [answer] = town.bus.to("requests")
    assert DeliveryAnswer.model_validate_json(answer.body).records == {"RB-1": 1, "RB-2": 0}


BAD = {
    "not JSON": (QUESTION, b"x"),
    "wrong question": (QUESTION, b'{"source": "requests"}'),
    "wrong answer": (ANSWER, b"{}"),
    "answer to nobody": (ANSWER, b'{"consumer": "routing", "stream": "department", "records": {}}'),
}


@pytest.mark.parametrize(("kind", "body"), BAD.values(), ids=BAD.keys())
async def test_malformed_message_is_dead(kind: str, body: bytes) -> None:
    outcomes = await Town().asking.filter(no_events)([a_delivery(body, headers={"ce-type": kind})])
    assert [outcome.verdict for outcome in outcomes] == ["dead"]


async def test_question_about_an_unconsumed_stream_gets_an_empty_answer() -> None:
    town = Town()
    question = DeliveryQuestion(
        source="routing", stream="department", records={"power": (0, ["department.created.v1"])}
    )
    body = question.model_dump_json().encode()
    assert await town.routing.filter(no_events)([a_delivery(body, headers={"ce-type": QUESTION})]) == [DONE]
    assert b'"power":0' in town.bus.to("routing")[0].body


async def test_events_and_questions_of_a_batch_keep_their_places() -> None:
    town = Town()
    seen: list[str] = []

    async def handle(deliveries: Sequence[Delivery]) -> list[Outcome]:
        seen.extend(delivery.message_id for delivery in deliveries)
        return [Outcome("retry", delivery.message_id) for delivery in deliveries]

    question = DeliveryQuestion(source="requests", stream=STREAM, records={}).model_dump_json().encode()
    batch = [
        a_delivery(message_id="a"),
        a_delivery(question, headers={"ce-type": QUESTION}),
        a_delivery(message_id="b"),
        a_delivery(b"x", headers={"ce-type": ANSWER}),
    ]
    outcomes = await town.routing.filter(handle)(batch)
    assert seen == ["a", "b"]
    assert [outcome.verdict for outcome in outcomes] == ["retry", "done", "retry", "dead"]
    assert [outcomes[0].error, outcomes[2].error] == ["a", "b"]
