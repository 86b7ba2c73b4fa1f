"""Pages for clerks, who file for citizens at a counter or on the phone."""

from gateway.web.counter import choosing, filing, finding, registering, sent
from gateway.web.counter.room import room

__all__ = ["choosing", "filing", "finding", "registering", "room", "sent"]
