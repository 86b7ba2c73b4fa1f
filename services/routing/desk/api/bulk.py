"""One action on many requests at once."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field

from services.routing.api.assignments import Worker, actor_of
from services.routing.api.worklist import Number
from services.routing.desk import schemas
from services.routing.desk.service.bulk import BulkableAct, BulkActing, BulkOutcome
from services.routing.service import views
from shared.errors import language_of, say
from shared.jsonbody import Body
from shared.request_headers import revision_of
from shared.routes import Router, use

router = Router(prefix="/api/v1/assignments", tags=["assignments"])
MAX_AT_ONCE = 100
UsesBulkActing = Annotated[BulkActing, use("bulk")]


def _without_discriminator(schema: dict[str, Any]) -> None:
    """Describe the action as any of its types.

    Client generators take a discriminator to mean that `action` is required wherever these types are used.
    """
    schema.pop("discriminator", None)


class ChosenRequest(Body):
    """A request, and its `etag` as the caller saw it in the list."""

    number: Number
    etag: Annotated[str, Field(pattern=r'^"[0-9]{1,9}"$')]


class BulkAct(Body):
    """An action with its texts, and the requests that it is for."""

    act: Annotated[BulkableAct, Field(json_schema_extra=_without_discriminator)]
    requests: Annotated[list[ChosenRequest], Field(min_length=1, max_length=MAX_AT_ONCE)]


@router.post("/bulk")
async def act_on_many(request: Request, principal: Worker, bulk: UsesBulkActing, body: BulkAct) -> schemas.BulkResults:
    """Carry out one action on up to 100 requests; each succeeds or fails by itself.

    Fields of reply templates in the text, such as {number}, are filled for each request. Sent twice, the action is
    carried out once.
    """
    seen = {one.number: revision_of(one.etag) for one in body.requests}
    outcomes = await bulk.carry_out(actor_of(request, principal), body.act, seen)
    results = [_result(outcome, language_of(request.headers)) for outcome in outcomes]
    done = sum(result["done"] for result in results)
    return {"results": results, "done": done, "failed": len(results) - done}


def _result(outcome: BulkOutcome, language: str) -> schemas.BulkResult:
    problem = outcome.problem
    if problem is None:
        return {"number": outcome.number, "done": True, "status": 200, "etag": views.etag(outcome.revision)}
    code = problem.problem_code
    error = problem.errors[0]["message"] if problem.errors else ""
    return {
        "number": outcome.number,
        "done": False,
        "status": problem.status,
        "type": f"/problems/{code}",
        "title": say(code, "title", language, problem.params),
        "detail": error or say(code, "detail", language, problem.params),
    }
