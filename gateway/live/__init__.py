"""Live streams as server-sent events: woken by a message, told from the services that know.

A wake-up only says who may have news; what has happened is read with the client's own token, so that who may see
what is decided where the data is, and a lost wake-up costs seconds and never a step.
"""

from gateway.live.streams import LiveStreams
from gateway.live.watchers import Watchers

__all__ = ["LiveStreams", "Watchers"]
