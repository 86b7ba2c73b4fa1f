"""Lists saved under a name: by an officer, and by the head for the whole department."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import Field

from services.routing.api.assignments import Worker, department_of
from services.routing.api.worklist import Overseer, WorklistQuery
from services.routing.desk import schemas
from services.routing.desk.models.named import SavedViews, shared_id
from services.routing.desk.store.desk import SavedViewStore
from shared.changing import change
from shared.jsonbody import Body
from shared.routes import Router, use
from shared.spelling import AS_TEXT

router = Router(prefix="/api/v1/desk/views", tags=["assignments"])
UsesViews = Annotated[SavedViewStore, use("saved_views")]
ChosenId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="chosen by the client")]


class ViewToSave(Body):
    """A name, and parameters of `GET /api/v1/assignments` without `limit` and `cursor`."""

    name: Annotated[str, Field(min_length=1, max_length=60), AS_TEXT]
    query: WorklistQuery


@router.get("")
async def list_views(principal: Worker, store: UsesViews) -> schemas.SavedViewList:
    """The caller's saved views, and those of the department."""
    own, shared = principal.id, shared_id(department_of(principal))
    found = await store.load_many([own, shared])
    views = {owner: [_view(one) for one in record.views] for owner, record in found.items()}
    return {"own": views.get(own, []), "shared": views.get(shared, [])}


@router.put("/shared/{view_id}")
async def share_view(principal: Overseer, store: UsesViews, view_id: ChosenId, body: ViewToSave) -> schemas.SavedView:
    """Save a list for everybody at the department; one with the same id is replaced."""
    return await _put(store, shared_id(department_of(principal)), view_id, body)


@router.delete("/shared/{view_id}", status_code=204)
async def remove_shared_view(principal: Overseer, store: UsesViews, view_id: ChosenId) -> Response:
    """Remove a saved view of the department."""
    return await _remove(store, shared_id(department_of(principal)), view_id)


@router.put("/{view_id}")
async def save_view(principal: Worker, store: UsesViews, view_id: ChosenId, body: ViewToSave) -> schemas.SavedView:
    """Save a list under a name; one with the same id is replaced."""
    return await _put(store, principal.id, view_id, body)


@router.delete("/{view_id}", status_code=204)
async def remove_view(principal: Worker, store: UsesViews, view_id: ChosenId) -> Response:
    """Remove one of the caller's saved views."""
    return await _remove(store, principal.id, view_id)


async def _put(store: SavedViewStore, owner: str, view_id: str, body: ViewToSave) -> schemas.SavedView:
    view = {"id": view_id, "name": body.name, "query": body.query.model_dump(mode="json", exclude_defaults=True)}
    await change(store, owner, lambda views: views.put(view), lambda: SavedViews(id=owner))
    return _view(view)


async def _remove(store: SavedViewStore, owner: str, view_id: str) -> Response:
    await change(store, owner, lambda views: views.remove(view_id))
    return Response(status_code=204)


def _view(view: Mapping[str, Any]) -> schemas.SavedView:
    return {"id": view["id"], "name": view["name"], "query": view["query"]}
