"""Following somebody's request instead of filing the same again, and merging requests that are about one thing.

A merge changes two documents. The one that was merged says it first and keeps in `owes` whose followers are still
to be changed; whoever finds that mark finishes it, and doing so twice changes nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from services.requests.models.lifecycle import AT_DEPARTMENT, State, Who
from services.requests.models.request import Request
from shared import events
from shared.errors import ConflictError

MOST_FOLLOWERS = 2000
FOLLOWABLE = AT_DEPARTMENT | {State.VERIFYING, State.TRANSFERRED, State.RESOLVED}


class TooManyFollowersError(ConflictError):
    """Everybody who can be told of each step already is."""

    code = "too-many-followers"


class MergeRefusedError(ConflictError):
    """It waits for a decision of its own, or nobody may learn who filed it."""

    code = "merge-refused"


def closed_to_others(request: Request) -> bool:
    """Whether it is its citizen's alone: appeals are, and what was filed confidentially or without a name."""
    return request.hides_citizen or request.appeal_of is not None


def follows(request: Request, citizen_id: str) -> bool:
    """Whether the citizen is told of every step of a request that somebody else filed."""
    return any(follower["citizen_id"] == citizen_id for follower in request.followers)


def follow(
    request: Request, citizen_id: str, at: datetime, *, through: str | None = None, by: str | None = None
) -> bool:
    """Have a citizen told of every step; False when that is so already. `by` is the clerk who did it for them.

    Raises TooManyFollowersError for one who asks for it; who comes by a merge was there before.
    """
    if follows(request, citizen_id) or request.citizen_id == citizen_id:
        return False
    if through is None and len(request.followers) >= MOST_FOLLOWERS:
        raise TooManyFollowersError
    clerk = {"by": by} if by is not None else {}
    request.followers = [*request.followers, {"citizen_id": citizen_id, "since": at, "through": through, **clerk}]
    request.emit(events.RequestFollowed(citizen_id=citizen_id, duplicate=through), at)
    return True


def unfollow(request: Request, citizen_id: str, at: datetime) -> bool:
    """Tell a citizen no more; False when they do not follow."""
    if not follows(request, citizen_id):
        return False
    request.followers = [follower for follower in request.followers if follower["citizen_id"] != citizen_id]
    request.emit(events.RequestUnfollowed(citizen_id=citizen_id), at)
    return True


def has_room(primary: Request, merged: Request) -> bool:
    """Whether everybody who is told of a request can be told of the one that it is merged into."""
    return len(primary.followers) + 1 + len(merged.followers) <= MOST_FOLLOWERS


def merge(request: Request, into: str, at: datetime, *, by: str, words: str) -> None:
    """Say that it is about the same thing as `into`. `words` is the sealed reason.

    Raises MergeRefusedError for what only the head or an authority may end, and where the merge would tell others
    who filed it; TransitionRefusedError; ConflictError while it still owes something to what it was taken out of.
    """
    if request.owes is not None:
        raise ConflictError
    if request.disputed or closed_to_others(request):
        raise MergeRefusedError
    request.take("mark_duplicate", Who.OFFICER, at, by=by, duplicate_of=into, sealed_words=words)
    request.duplicate_of = request.owes = into
    request.emit(events.RequestMerged(citizen_id=request.citizen_id, into=into), at)


def separate(request: Request, who: Who, at: datetime, *, by: str, words: str) -> None:
    """Take it out again: it is a thing of its own, and its department gets it back. Raises TransitionRefusedError."""
    action = "unmark_duplicate" if who is Who.OFFICER else "separate"
    request.take(action, who, at, by=by, duplicate_of=request.duplicate_of, sealed_words=words)
    request.owes, request.duplicate_of = request.duplicate_of, None
    request.emit(events.RequestSeparated(citizen_id=request.citizen_id, actor=str(who)), at)


def join(request: Request, primary: Request, at: datetime, *, through: str) -> bool:
    """Have all who hear of a merged request hear of `primary`; whether any did not yet.

    `through` is what stands merged into `primary`: the request itself, or what it was merged into in its turn.
    """
    told = [request.citizen_id, *(follower["citizen_id"] for follower in request.followers)]
    changed = [follow(primary, citizen_id, at, through=through) for citizen_id in told]
    return any(changed)


def stay_beside(request: Request, primary: Request) -> set[str]:
    """Who goes on hearing of what a request was merged into, now that its citizen has taken it back.

    Who followed it did so for the thing that goes on there. Of an erased citizen's request nobody knows who did.
    """
    if request.state != State.WITHDRAWN:
        return set()
    if request.anonymised_at is not None:
        return {one["citizen_id"] for one in primary.followers}
    return {one["citizen_id"] for one in request.followers if not one.get("through")}


def leave(
    primary: Request, through: str, merged: Sequence[Request], at: datetime, *, stay: Collection[str] = ()
) -> bool:
    """Tell those no more who hear of `primary` through a request, unless one that is `merged` into it brings them too,
    or they `stay` by their own wish. Whether anything changed.
    """
    before = primary.followers
    for follower in [one for one in before if one.get("through") == through]:
        citizen_id = follower["citizen_id"]
        still = [one.id for one in merged if one.citizen_id == citizen_id or follows(one, citizen_id)]
        if not still and citizen_id not in stay:
            unfollow(primary, citizen_id, at)
        elif through not in still:
            brought = {**follower, "through": still[0] if still else None}
            primary.followers = [brought if one is follower else one for one in primary.followers]
    return primary.followers is not before
