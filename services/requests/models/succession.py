"""What becomes of merged requests when the one that they went into ends undone: the oldest takes its place.

The others are merged into that one, and everybody hears of it. The request that ended carries the mark of what is
still to do (`passes_on`, and `heir` once one was chosen), so that whoever finds it can go on from there.
"""

from contextlib import suppress
from datetime import datetime

from services.requests.models.following import TooManyFollowersError, follow
from services.requests.models.lifecycle import State, Who
from services.requests.models.request import Request
from shared import events


def ended_undone(request: Request) -> bool:
    """Whether it is over and nobody has done what it asked for: taken back, or closed for want of an answer."""
    return request.state == State.WITHDRAWN or (request.state == State.CLOSED and request.outcome is None)


def waits_on(request: Request, ended: Request) -> bool:
    """Whether it stands merged into `ended`, and somebody is there to go on with it."""
    merged = request.state == State.DUPLICATE and request.duplicate_of == ended.id
    return merged and request.anonymised_at is None


def took_over(request: Request, ended: Request) -> bool:
    """Whether it took the place of `ended` at some time."""
    return any(entry["action"] == "revive" and entry.get("ended") == ended.id for entry in request.history)


def revive(request: Request, ended: Request, at: datetime) -> None:
    """Let it take the place of `ended`: its department gets it back, and who followed that one follows it."""
    request.take("revive", Who.RULES, at, ended=ended.id)
    request.duplicate_of = request.owes = None
    request.emit(events.RequestRevived(citizen_id=request.citizen_id, ended=ended.id), at)
    for follower in ended.followers:
        if not follower.get("through"):  # the others come with their own requests
            with suppress(TooManyFollowersError):
                follow(request, follower["citizen_id"], at)


def move(request: Request, into: Request, ended: Request, at: datetime) -> None:
    """Merge it into what goes on in place of `ended`."""
    request.note("move_duplicate", Who.RULES, at, duplicate_of=into.id, ended=ended.id)
    request.duplicate_of = request.owes = into.id
    request.emit(events.RequestMerged(citizen_id=request.citizen_id, into=into.id), at)
