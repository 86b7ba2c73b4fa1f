"""Lists saved under a name: by an officer, and by the head for the whole department."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Request, Response
from pydantic import Field

from services.routing.api.assignments import Worker, actor_of
from services.routing.api.worklist import Overseer, WorklistQuery
from services.routing.desk import schemas
from services.routing.desk.service.saved_views import OfficerViews
from shared.auth import Principal
from shared.jsonbody import Body
from shared.routes import Router, use
from shared.spelling import AS_TEXT

router = Router(prefix="/api/v1/desk/views", tags=["assignments"])
UsesViews = Annotated[OfficerViews, use("saved_views")]
ChosenId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="chosen by the client")]


class ViewToSave(Body):
    """A name, and parameters of `GET /api/v1/assignments` without `limit` and `cursor`."""

    name: Annotated[str, Field(min_length=1, max_length=60), AS_TEXT]
    query: WorklistQuery


@router.get("")
async def list_views(request: Request, principal: Worker, views: UsesViews) -> schemas.SavedViewList:
    """The caller's saved views, and those of the department."""
    own, shared = await views.of(actor_of(request, principal))
    return {"own": [_view(one) for one in own], "shared": [_view(one) for one in shared]}


@router.put("/shared/{view_id}")
async def share_view(
    request: Request, principal: Overseer, views: UsesViews, view_id: ChosenId, body: ViewToSave
) -> schemas.SavedView:
    """Save a list for everybody at the department; one with the same id is replaced."""
    return await _put(request, principal, views, view_id, body, shared=True)


@router.delete("/shared/{view_id}", status_code=204)
async def remove_shared_view(request: Request, principal: Overseer, views: UsesViews, view_id: ChosenId) -> Response:
    """Remove a saved view of the department."""
    await views.remove(actor_of(request, principal), view_id, shared=True)
    return Response(status_code=204)


@router.put("/{view_id}")
async def save_view(
    request: Request, principal: Worker, views: UsesViews, view_id: ChosenId, body: ViewToSave
) -> schemas.SavedView:
    """Save a list under a name; one with the same id is replaced."""
    return await _put(request, principal, views, view_id, body, shared=False)


@router.delete("/{view_id}", status_code=204)
async def remove_view(request: Request, principal: Worker, views: UsesViews, view_id: ChosenId) -> Response:
    """Remove one of the caller's saved views."""
    await views.remove(actor_of(request, principal), view_id, shared=False)
    return Response(status_code=204)


async def _put(
    request: Request, principal: Principal, views: OfficerViews, view_id: str, body: ViewToSave, *, shared: bool
) -> schemas.SavedView:
    query = body.query.model_dump(mode="json", exclude_defaults=True)
    view = {"id": view_id, "name": body.name, "query": query}
    await views.put(actor_of(request, principal), view, shared=shared)
    return _view(view)


def _view(view: Mapping[str, Any]) -> schemas.SavedView:
    return {"id": view["id"], "name": view["name"], "query": view["query"]}
