"""Queues and what was sent to them, as answers."""

from services.routing.feed import schemas
from services.routing.feed.queues import InventedMessages, QueueReport, QueuesReport
from services.routing.feed.replaying import Replayed
from services.routing.models.access import FurtherQueue
from shared.clock import utc_now
from shared.paging import time_text


def standings(standing: QueuesReport) -> schemas.QueueStandings:
    """All queues of a department."""
    return {
        "department": standing.department.id,
        "queues": [_standing(one) for one in standing.queues],
        "oldest": standing.oldest,
        "newest": standing.newest,
    }


def replayed(done: Replayed) -> schemas.ReplayResult:
    """What was sent again."""
    return {"queue": done.queue, "sent": done.sent, "upto": done.upto, "more": done.more}


def samples(sent: InventedMessages) -> schemas.SampleResult:
    """The invented messages that were sent."""
    numbers = [entry.number for entry in sent.entries]
    return {"sent": len(numbers), "first": numbers[0], "last": numbers[-1], "queues": sent.queues}


def _standing(one: QueueReport) -> schemas.QueueStanding:
    access, state = one.access, one.state
    further = access if isinstance(access, FurtherQueue) else None
    return {
        "name": further.name if further else None,
        "kind": further.kind if further else "production",
        "queue": access.queue,
        "user": access.login.user,
        "password_at": time_text(access.password_at),
        "old_until": time_text(access.old_good_until(utc_now())),
        "messages": state.depth if state else None,
        "consumers": state.consumers if state else None,
        "dead_letters": one.dead_letters,
        "oldest_at": time_text(one.oldest.stored_at) if one.oldest else None,
    }
