"""Live streams as server-sent events: woken by a message, told from the services that know.

A wake-up only names the accounts and requests that may have news. What happened is read with the client's own token, so
that the service decides what the client may see, and a lost wake-up costs seconds and never a step.
"""

from gateway.live.streams import LiveStreams
from gateway.live.watchers import Watchers

__all__ = ["LiveStreams", "Watchers"]
