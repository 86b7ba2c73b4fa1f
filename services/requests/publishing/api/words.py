"""Words of requests that an officer releases to the public."""

from typing import Annotated

from fastapi import Depends, Request, Response

from services.requests.publishing import schemas
from services.requests.publishing.service.words import PublicWords, WordPublishing
from services.requests.request.dependencies import Number, with_etag
from shared.auth import Principal, needs
from shared.errors import language_of
from shared.openapi import ETAG, answering, problems
from shared.request_headers import Revision
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["open data"])
Officer = Annotated[Principal, Depends(needs(Right.PUBLISH))]
UsesWords = Annotated[WordPublishing, use("public_words")]


@router.get("/requests/{number}/publication", responses=problems(409) | answering(schemas.Publication, 200, ETAG))
async def proposal(request: Request, number: Number, officer: Officer, words: UsesWords) -> Response:
    """A request's words with placeholders for what seems to be personal data, to be read before they are published."""
    return with_etag(request, *await words.proposal(officer, number))


@router.put("/requests/{number}/publication", responses=answering(schemas.Publication, 200, ETAG))
async def publish(
    request: Request, number: Number, officer: Officer, words: UsesWords, revision: Revision, body: PublicWords
) -> Response:
    """Publish words of a request as the officer has read them; its citizen sees that they are public.

    Numbers of people and email addresses are refused (422). `If-Match` names the revision seen.
    """
    language = language_of(request.headers)
    return with_etag(request, *await words.publish(officer, number, revision, body, language))


@router.delete("/requests/{number}/publication", responses=answering(schemas.Publication, 200, ETAG))
async def take_back(
    request: Request, number: Number, officer: Officer, words: UsesWords, revision: Revision
) -> Response:
    """Take published words back. Status, dates and rough place stay public."""
    return with_etag(request, *await words.take_back(officer, number, revision))
