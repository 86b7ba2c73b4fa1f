"""Duplicates: possible ones are offered before filing; requests are followed, merged and separated."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.requests.duplicates.models import is_at
from services.requests.duplicates.schemas import DuplicateCandidates
from services.requests.duplicates.service.candidates import DuplicateFinder
from services.requests.duplicates.service.counter import Behalf, Counter, QuestionFor
from services.requests.duplicates.service.following import Following, Merge, Separation
from services.requests.request.dependencies import Filer, Holder, Number, Owner, to_response, with_etag
from services.requests.request.schemas import OwnRequest, RequestLines, Tracked
from services.requests.request.service import views
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal, needs, require_right
from shared.errors import ForbiddenError, NotFoundError, language_of
from shared.openapi import ETAG, answering
from shared.request_headers import Revision
from shared.rights import Right, Role
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["following and merging"])
Merger = Annotated[Principal, Depends(needs(Right.MERGE))]
OWN_BEHALF = Behalf()


UsesFinder = Annotated[DuplicateFinder, use("duplicate_finder")]
UsesFollowing = Annotated[Following, use("following")]


def is_clerk(request: Request, principal: Principal, on_behalf_of: str | None) -> bool:
    """Whether a clerk acts for a citizen. Raises ForbiddenError if a citizen names another citizen."""
    if principal.role is Role.CITIZEN:
        if on_behalf_of is not None:
            raise ForbiddenError
        return False
    require_right(principal, Right.FILE_FOR_CITIZEN, request)
    return True


@router.post("/requests/similar")
async def similar_requests(
    request: Request,
    principal: Filer,
    finder: UsesFinder,
    counter: Annotated[Counter, use("counter")],
    question: QuestionFor,
) -> DuplicateCandidates:
    """Possible duplicates of a complaint about to be filed: follow one of them, or file your own.

    Clerks ask for a citizen with `on_behalf_of`; then `yours` and `following` are about that citizen, and the answer
    enters the citizen's access trail.
    """
    language = language_of(request.headers)
    if is_clerk(request, principal, question.on_behalf_of):
        return {"similar": await counter.offer(principal, question, language)}
    return {"similar": await finder.offer(principal.id, question, language)}


@router.get("/requests/followed")
async def followed_requests(
    principal: Owner,
    follows: UsesFollowing,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> RequestLines:
    """Requests of other citizens that the caller follows, newest first."""
    return await follows.followed(principal.id, cursor, limit)


@router.put("/requests/{number}/follow")
async def follow(
    request: Request,
    number: Number,
    principal: Filer,
    follows: UsesFollowing,
    counter: Annotated[Counter, use("counter")],
    behalf: Behalf = OWN_BEHALF,
) -> Tracked:
    """Follow another citizen's complaint: hear of every step. Repeating it changes nothing.

    Citizens send no body. Clerks follow for a citizen with `on_behalf_of`; only the citizen can unfollow.
    """
    language = language_of(request.headers)
    if is_clerk(request, principal, behalf.on_behalf_of):
        followed = await counter.follow(principal, number, behalf, language)
    else:
        followed = await follows.follow(principal.id, number)
    return views.tracking(followed, language)


@router.delete("/requests/{number}/follow", status_code=204)
async def unfollow(number: Number, principal: Owner, follows: UsesFollowing) -> Response:
    """Stop following a request. Repeating it changes nothing."""
    await follows.unfollow(principal.id, number)
    return Response(status_code=204)


@router.get("/requests/{number}/similar")
async def similar_at_department(
    number: Number, principal: Merger, finder: UsesFinder, requests: Annotated[RequestStore, use("requests")]
) -> DuplicateCandidates:
    """Other requests at the department that may be duplicates of this one."""
    found = await requests.get(number)
    if found is None or not principal.department or not is_at(found, principal.department, principal.id):
        raise NotFoundError
    return {"similar": await finder.beside(found, principal.id)}


@router.post("/requests/{number}/merge", responses=answering(Tracked, 200, ETAG))
async def merge(
    request: Request, number: Number, principal: Merger, follows: UsesFollowing, revision: Revision, body: Merge
) -> Response:
    """Merge the request into another one at the department; its citizen and followers then follow that one.

    `If-Match` names the revision that the officer saw.
    """
    language = language_of(request.headers)
    merged = await follows.merge(principal, number, revision, body, language)
    return with_etag(request, views.tracking(merged, language), merged.rev)


@router.post("/requests/{number}/unmerge", responses=answering(Tracked, 200, ETAG))
async def unmerge(
    request: Request, number: Number, principal: Merger, follows: UsesFollowing, revision: Revision, body: Separation
) -> Response:
    """Take a merged request out of its primary; it goes back to its department."""
    separated = await follows.unmerge(principal, number, revision, body)
    return with_etag(request, views.tracking(separated, language_of(request.headers)), separated.rev)


@router.post("/requests/{number}/separate")
async def separate(
    request: Request, number: Number, principal: Holder, follows: UsesFollowing, body: Separation
) -> OwnRequest:
    """Take the caller's own request out of its primary, since it was merged wrongly; it goes back to its department."""
    return to_response(request, await follows.separate(principal.id, number, body))
