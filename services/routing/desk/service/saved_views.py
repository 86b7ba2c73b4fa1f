"""Saves lists under a name: for one officer, or by the head for all officers of a department."""

from typing import Any

from services.routing.desk.models.saved_views import SavedViews, shared_id
from services.routing.service.deciding import Actor
from shared.changing import change
from shared.records import Records


class OfficerViews:
    """The saved views of officers and departments."""

    def __init__(self, store: Records[SavedViews]) -> None:
        self._store = store

    async def of(self, actor: Actor) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The views of the officer, and those of the department."""
        shared = shared_id(actor.department)
        found = await self._store.load_many([actor.id, shared])
        return tuple(found[one].views if one in found else [] for one in (actor.id, shared))  # type: ignore[return-value]

    async def put(self, actor: Actor, view: dict[str, Any], *, shared: bool) -> None:
        """Add a view, or replace the one with its id. Raises TooManyViewsError, ContendedError."""
        owner = shared_id(actor.department) if shared else actor.id

        await change(self._store, owner, lambda views: views.put(view), lambda: SavedViews(id=owner))

    async def remove(self, actor: Actor, view_id: str, *, shared: bool) -> None:
        """Remove a view. Raises NotFoundError, ContendedError."""
        owner = shared_id(actor.department) if shared else actor.id
        await change(self._store, owner, lambda views: views.remove(view_id))
