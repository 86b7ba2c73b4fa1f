"""Duplicates: following another citizen's request instead of filing again, and merging requests about one thing.

Merging has one level: the request that others were merged into (their primary) is never merged itself."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.request.models.lifecycle import AT_DEPARTMENT, State, Who
from services.requests.request.models.request import Request
from services.requests.request.models.words import words_of
from shared import events
from shared.errors import ConflictError

MAX_FOLLOWERS = 2000
MAX_MERGED = 100
"""How many requests can be merged into one: the officer who works on it reads each of them."""
FOLLOWABLE = AT_DEPARTMENT | {State.VERIFYING, State.TRANSFERRED, State.RESOLVED}


class TooManyFollowersError(ConflictError):
    """The request has as many followers as it can have."""

    code = "too-many-followers"


class TooManyMergedError(ConflictError):
    """As many requests were merged into the primary as its department can read."""

    code = "too-many-merged"


class MergeRefusedError(ConflictError):
    """The request waits for a decision of its own, or nobody may learn who filed it."""

    code = "merge-refused"


class MergedIntoError(ConflictError):
    """Other requests were merged into this one."""

    code = "others-merged-into-it"


class MergedAlreadyError(ConflictError):
    """The request that was named as the primary was itself merged."""

    code = "merged-already"


def is_private(request: Request) -> bool:
    """Whether it is its citizen's alone: appeals are, and what was filed confidentially or without a name."""
    return request.hides_citizen or request.appeal_of is not None


def follows(request: Request, citizen_id: str) -> bool:
    """Whether the citizen is told of every step of a request that somebody else filed."""
    return any(follower["citizen_id"] == citizen_id for follower in request.followers)


def follow(
    request: Request, citizen_id: str, at: datetime, *, through: str | None = None, by: str | None = None
) -> bool:
    """Have a citizen told of every step; False when nothing changes. `by` is the clerk who did it for them.

    Somebody can follow by their own wish and through merged requests at once, and is told once.
    Raises TooManyFollowersError where the citizen asks; a merge checks the room for its followers before.
    """
    ways = [one.get("through") for one in request.followers if one["citizen_id"] == citizen_id]
    if through in ways or request.citizen_id == citizen_id:
        return False
    if through is None and len(request.followers) >= MAX_FOLLOWERS:
        raise TooManyFollowersError
    clerk = {"by": by} if by is not None else {}
    request.followers = [*request.followers, {"citizen_id": citizen_id, "since": at, "through": through, **clerk}]
    if not ways:
        request.emit(events.RequestFollowed(citizen_id=citizen_id, duplicate=through), at)
    return True


def unfollow(request: Request, citizen_id: str, at: datetime) -> bool:
    """End what a citizen follows; False when they do not follow."""
    if not follows(request, citizen_id):
        return False
    request.followers = [follower for follower in request.followers if follower["citizen_id"] != citizen_id]
    request.emit(events.RequestUnfollowed(citizen_id=citizen_id), at)
    return True


def leave(primary: Request, through: str, at: datetime, *, only: str | None = None) -> bool:
    """End what citizens follow through a merged request, or `only` one citizen; whether anybody followed through it."""
    gone = [one for one in primary.followers if one.get("through") == through and only in (None, one["citizen_id"])]
    primary.followers = [one for one in primary.followers if one not in gone]
    for follower in gone:
        if not follows(primary, follower["citizen_id"]):
            primary.emit(events.RequestUnfollowed(citizen_id=follower["citizen_id"]), at)
    return bool(gone)


def has_room(primary: Request, merged: Request) -> bool:
    """Whether the primary has room for the citizen and all followers of the merged request."""
    return len(primary.followers) + 1 + len(merged.followers) <= MAX_FOLLOWERS


def merge(request: Request, primary: Request, at: datetime, *, by: str, words: str) -> None:
    """Merge a request into `primary`: its citizen and followers follow that one. `words` is the sealed reason.

    Raises MergeRefusedError where only the head or an authority may end the request, or where the merge would reveal
    who filed it; TransitionRefusedError.
    """
    if request.disputed or is_private(request):
        raise MergeRefusedError
    request.take("mark_duplicate", Who.OFFICER, at, by=by, duplicate_of=primary.id, sealed_words=words)
    request.duplicate_of = primary.id
    request.emit(events.RequestMerged(citizen_id=request.citizen_id, into=primary.id), at)
    for citizen_id in (request.citizen_id, *dict.fromkeys(one["citizen_id"] for one in request.followers)):
        follow(primary, citizen_id, at, through=request.id)


def separate(request: Request, primary: Request | None, who: Who, at: datetime, *, by: str, words: str) -> None:
    """Take a request out of its primary: its department gets it back. Raises TransitionRefusedError."""
    action = "unmark_duplicate" if who is Who.OFFICER else "separate"
    request.take(action, who, at, by=by, duplicate_of=request.duplicate_of, sealed_words=words)
    request.duplicate_of = None
    request.emit(events.RequestSeparated(citizen_id=request.citizen_id, actor=str(who)), at)
    if primary is not None:
        leave(primary, request.id, at)


def go_on(request: Request, at: datetime) -> None:
    """Let a merged request go on by itself, since its primary ended undone: its department gets it back."""
    ended = request.duplicate_of or ""
    request.take("revive", Who.RULES, at, ended=ended)
    request.duplicate_of = None
    request.emit(events.RequestRevived(citizen_id=request.citizen_id, ended=ended), at)


EARTH_METRES = 6_371_000.0
MAX_TEXT = 2000
FEW_WORDS = 4
"""Fewer different words are compared as a whole: that a long text holds them does not make it alike."""


def free_text(entry: CatalogueEntry, answers: Mapping[str, Any]) -> str:
    """What somebody wrote in their own words: every text that is not a choice."""
    properties: dict[str, Any] = entry.form.get("properties", {})
    written = [
        value for name, value in answers.items() if isinstance(value, str) and "enum" not in properties.get(name, {})
    ]
    return " ".join(written)[:MAX_TEXT]


def alike_to(one: str) -> Callable[[str], float]:
    """How alike others are to a text: from 0 (nothing in common) to 1 (the same words, in whatever order).

    Trying out a name tells nothing about the complaints that contain it.
    """
    words = words_of(one)

    def alike(other: str) -> float:
        theirs = words_of(other)
        ratio = token_sort_ratio if min(len(words), len(theirs)) < FEW_WORDS else token_set_ratio
        return ratio(" ".join(words), " ".join(theirs)) / 100

    return alike


def metres_between(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The distance of two points {"latitude", "longitude"} over the ground (haversine formula)."""
    a, b = math.radians(one["latitude"]), math.radians(other["latitude"])
    across = math.radians(other["longitude"] - one["longitude"])
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(h)))
