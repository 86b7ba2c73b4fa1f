"""RabbitMQ: topology, confirmed publishing, batched consuming. Nothing outside this folder knows the client."""

from shared.bus.connection import Strangers
from shared.bus.consumer import DONE, Consumer, Delivery, Outcome, outcome_of, short_id
from shared.bus.publisher import Message, Publisher, PublishError
from shared.bus.topology import ACTIONS, EVENTS, Topology, consumer_topology

__all__ = [
    "ACTIONS",
    "DONE",
    "EVENTS",
    "Consumer",
    "Delivery",
    "Message",
    "Outcome",
    "PublishError",
    "Publisher",
    "Strangers",
    "Topology",
    "consumer_topology",
    "outcome_of",
    "short_id",
]
