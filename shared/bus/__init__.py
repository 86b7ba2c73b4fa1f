"""RabbitMQ: topology, confirmed publishing, batched consuming. Only this package imports the client library."""

from shared.bus.consumer import DONE, Consumer, Delivery, Outcome, outcome_of, short_id
from shared.bus.frames import Message
from shared.bus.publisher import Publisher, PublishError
from shared.bus.stream import IncomingMessage
from shared.bus.topology import ACTIONS, EVENTS, Topology, consumer_topology

__all__ = [
    "ACTIONS",
    "DONE",
    "EVENTS",
    "Consumer",
    "Delivery",
    "IncomingMessage",
    "Message",
    "Outcome",
    "PublishError",
    "Publisher",
    "Topology",
    "consumer_topology",
    "outcome_of",
    "short_id",
]
