"""Duplicates: following another citizen's request instead of filing again, and merging requests.

Merging has one level: a primary, into which others were merged, is never merged itself.
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.request.models.lifecycle import AT_DEPARTMENT, ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.models.words import words_of
from shared import events
from shared.errors import ConflictError

MAX_FOLLOWERS = 2000
MAX_MERGED = 100
"""How many requests can be merged into one; the officer reads each of them."""
FOLLOWABLE = AT_DEPARTMENT | {State.VERIFYING, State.TRANSFERRED, State.RESOLVED}


def is_private(request: Request) -> bool:
    """Whether only its citizen may see it: appeals, confidential and anonymous requests."""
    return request.hides_citizen or request.appeal_of is not None


def is_at(request: Request, department: str | None, officer: str) -> bool:
    """Whether the request is at the officer's department, and not hidden from the officer."""
    return request.department == department and officer not in request.hidden_from


def follows(request: Request, citizen_id: str) -> bool:
    """Whether the citizen follows the request."""
    return any(follower["citizen_id"] == citizen_id for follower in request.followers)


def follow(
    request: Request, citizen_id: str, at: datetime, *, through: str | None = None, by: str | None = None
) -> bool:
    """Add a follower; False if nothing changes. `by` is the clerk who did it for the citizen.

    A citizen can follow directly and `through` merged requests at the same time, and gets each message once. Raises
    ConflictError for direct followers; a merge checks the limit before.
    """
    reasons = [one.get("through") for one in request.followers if one["citizen_id"] == citizen_id]
    if through in reasons or request.citizen_id == citizen_id:
        return False
    if through is None and len(request.followers) >= MAX_FOLLOWERS:
        raise ConflictError("too-many-followers")
    clerk = {"by": by} if by is not None else {}
    request.followers = [*request.followers, {"citizen_id": citizen_id, "since": at, "through": through, **clerk}]
    if not reasons:
        request.emit(events.RequestFollowed(citizen_id=citizen_id, duplicate=through), at)
    return True


def unfollow(request: Request, citizen_id: str, at: datetime) -> bool:
    """Remove a follower; False if the citizen does not follow."""
    if not follows(request, citizen_id):
        return False
    request.followers = [follower for follower in request.followers if follower["citizen_id"] != citizen_id]
    request.emit(events.RequestUnfollowed(citizen_id=citizen_id), at)
    return True


def leave(primary: Request, through: str, at: datetime, *, only: str | None = None) -> bool:
    """Remove followers that came through a merged request, or `only` one of them; False if there was none."""
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

    Raises ConflictError where only the head or an authority may end the request, or where the merge would reveal
    who filed it; TransitionRefusedError.
    """
    if request.disputed or is_private(request):
        raise ConflictError("merge-refused")
    request.take("mark_duplicate", ActorKind.OFFICER, at, by=by, duplicate_of=primary.id, sealed_words=words)
    request.duplicate_of = primary.id
    hidden_from = share_interests(request, primary)
    request.emit(events.RequestMerged(citizen_id=request.citizen_id, into=primary.id, hidden_from=hidden_from), at)
    joined = events.RequestDuplicateJoined(citizen_id=primary.citizen_id, duplicate=request.id, hidden_from=hidden_from)
    primary.emit(joined, at)
    for citizen_id in (request.citizen_id, *dict.fromkeys(one["citizen_id"] for one in request.followers)):
        follow(primary, citizen_id, at, through=request.id)


def share_interests(request: Request, primary: Request) -> list[str] | None:
    """Hide both from every officer who has an interest in one of them; these officers, if any."""
    officers = list(dict.fromkeys([*request.hidden_from, *primary.hidden_from]))
    request.hidden_from, primary.hidden_from = officers, list(officers)
    return officers or None


def separate(request: Request, primary: Request | None, who: ActorKind, at: datetime, *, by: str, words: str) -> None:
    """Take a request out of its primary; it goes back to its department. Raises TransitionRefusedError."""
    action = "unmark_duplicate" if who is ActorKind.OFFICER else "separate"
    request.take(action, who, at, by=by, duplicate_of=request.duplicate_of, sealed_words=words)
    request.duplicate_of = None
    request.emit(events.RequestSeparated(citizen_id=request.citizen_id, actor=str(who)), at)
    if primary is not None:
        leave(primary, request.id, at)


def revive(request: Request, at: datetime) -> None:
    """Revive a merged request whose primary ended without an outcome; it goes back to its department."""
    ended = request.duplicate_of or ""
    request.take("revive", ActorKind.RULES, at, ended=ended)
    request.duplicate_of = None
    request.emit(events.RequestRevived(citizen_id=request.citizen_id, ended=ended), at)


EARTH_METRES = 6_371_000.0
MAX_TEXT = 2000
FEW_WORDS = 4
"""Shorter texts are compared in full; else every long text that contains them would be similar."""


def free_text(entry: CatalogueEntry, answers: Mapping[str, Any]) -> str:
    """The free text in answers: every text that is not a choice."""
    properties: dict[str, Any] = entry.form.get("properties", {})
    written = [
        value for name, value in answers.items() if isinstance(value, str) and "enum" not in properties.get(name, {})
    ]
    return " ".join(written)[:MAX_TEXT]


def similarity_to(one: str) -> Callable[[str], float]:
    """A function from other texts to their similarity: from 0 (nothing in common) to 1 (the same words in any order).

    Searching for a name does not reveal the complaints that contain it.
    """
    words = words_of(one)

    def similarity(other: str) -> float:
        theirs = words_of(other)
        ratio = token_sort_ratio if min(len(words), len(theirs)) < FEW_WORDS else token_set_ratio
        return ratio(" ".join(words), " ".join(theirs)) / 100

    return similarity


def metres_between(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The distance between two points {"latitude", "longitude"} (haversine formula)."""
    a, b = math.radians(one["latitude"]), math.radians(other["latitude"])
    across = math.radians(other["longitude"] - one["longitude"])
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(h)))
