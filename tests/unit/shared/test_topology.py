"""The topology as data: quorum queues that dead-letter safely, a ladder back, and nothing that 3.10 or 4.x refuses."""

import pytest

from shared.bus.topology import (
    EXCHANGES,
    NO_LIMIT,
    consumer_topology,
    dead_queue,
    delay_queue,
    department_queue,
    work_queues,
)
from shared.settings import Settings

DELAYS = Settings.model_fields["retry_delays"].default
QUEUES = [*work_queues("routing", DELAYS), department_queue("power")]


def test_delay_queues_are_named_by_their_seconds() -> None:
    assert [delay_queue("q", delay) for delay in (0.5, 5.0, 300.0)] == ["q.retry.0.5s", "q.retry.5s", "q.retry.300s"]


def test_a_service_has_its_queue_its_ladder_and_its_dead_letters() -> None:
    names = {queue.name: queue.arguments for queue in work_queues("routing", DELAYS)}
    assert list(names) == ["routing.dead", "routing", "routing.retry.5s", "routing.retry.30s", "routing.retry.300s"]
    for delay in DELAYS:
        rung = names[delay_queue("routing", delay)]
        assert rung["x-message-ttl"] == delay * 1000
        assert rung["x-dead-letter-routing-key"] == "routing"
    assert names["routing"]["x-dead-letter-routing-key"] == dead_queue("routing")


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: str(queue.name))
def test_every_queue_is_a_quorum_queue_that_loses_nothing(queue: object) -> None:
    arguments = queue.arguments  # type: ignore[attr-defined]  # a Queue
    assert arguments["x-queue-type"] == "quorum"
    if "x-dead-letter-exchange" in arguments:
        assert arguments["x-dead-letter-strategy"] == "at-least-once"
        assert arguments["x-overflow"] == "reject-publish"


def test_bindings_are_the_types_that_are_handled() -> None:
    topology = consumer_topology("routing", ["a.v1", "b.v1"], DELAYS)
    assert [(b.queue, b.exchange, b.key) for b in topology.bindings] == [
        ("routing", "rabta.events", "a.v1"),
        ("routing", "rabta.events", "b.v1"),
    ]
    assert "rabta.events" in EXCHANGES


def test_a_department_may_return_a_message_as_often_as_it_likes() -> None:
    """A limit that RabbitMQ 3.10 and 4.x both accept: 4.x has a default of 20, and 3.10 refuses -1."""
    assert department_queue("power").arguments["x-delivery-limit"] == NO_LIMIT > 10**8
