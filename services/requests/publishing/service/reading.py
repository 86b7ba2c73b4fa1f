"""Reads published requests and their steps: open data, and the source of Open311."""

from collections.abc import Sequence
from datetime import datetime

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.publishing import schemas
from services.requests.publishing.models import PublicQuery
from services.requests.publishing.service import views
from services.requests.publishing.service.phrases import public_actions
from services.requests.publishing.store import PublicRequestStore
from services.requests.request.models.request import Request
from shared.errors import NotFoundError
from shared.paging import page_of, read_cursor
from shared.seal import KeyRing
from shared.tracking_number import read_public_id


class PublicReading:
    """Reads what is published. A service that is no longer public takes its requests out at once."""

    def __init__(self, store: PublicRequestStore, catalogue: Catalogue, keys: KeyRing) -> None:
        self._store = store
        self._catalogue = catalogue
        self._keys = keys

    async def page(self, query: PublicQuery, language: str) -> schemas.PublicRequests:
        """A page of published requests, newest first, or those with the ids asked for. Raises CursorInvalidError."""
        if query.id:
            return {"requests": await self.named(query.id, steps=query.updates, language=language), "next": None}
        found = await self._store.page(query, self._services(query.service), read_cursor(query.cursor))
        page, following = page_of(found, query.limit, lambda last: (last.submitted_at, str(last.public_id)))
        return {"requests": [self._view(one, language, steps=query.updates) for one in page], "next": following}

    async def named(self, ids: Sequence[str], *, steps: bool, language: str) -> list[schemas.PublicRequest]:
        """Those of the requests that are published, in the order of the ids."""
        wanted = [public_id for public_id in map(read_public_id, ids) if public_id]
        found = {one.public_id: one for one in await self._store.named(wanted, self._services(()))}
        return [self._view(found[one], language, steps=steps) for one in dict.fromkeys(wanted) if one in found]

    async def one(self, public_id: str, language: str) -> schemas.PublicRequest:
        """A published request with its steps. Raises NotFoundError."""
        found = await self.named([public_id], steps=True, language=language)
        if not found:
            raise NotFoundError
        return found[0]

    async def updates(self, since: datetime, until: datetime, limit: int, language: str) -> schemas.PublicUpdates:
        """The steps of all published requests in a time, oldest first."""
        found = await self._store.steps(self._services(()), public_actions(), since, until, limit + 1)
        shown = [views.step(one, language) for one in found[:limit]]
        return {"updates": shown, "more": len(found) > limit}

    def _services(self, wanted: Sequence[str]) -> list[str]:
        public = self._catalogue.public()
        return [code for code in wanted if code in public] if wanted else list(public)

    def _view(self, request: Request, language: str, *, steps: bool) -> schemas.PublicRequest:
        name = self._catalogue.public()[request.service].name.model_dump()[language]
        view = views.published(request, name, self._keys, language)
        return {**view, "updates": views.steps_of(request, language)} if steps else view
