"""The export of a citizen's requests and drafts."""

from services.requests.filing.schemas import ExportedRequests
from services.requests.filing.service.drafts import Drafts
from services.requests.request.models.listing import RequestFilter
from services.requests.request.service import views
from services.requests.request.store.requests import TEXTS, RequestStore
from shared.clock import utc_now
from shared.paging import page_of, read_cursor, time_text
from shared.seal import KeyRing

PAGE = 500


class Export:
    """Makes the export."""

    def __init__(self, store: RequestStore, drafts: Drafts, keys: KeyRing) -> None:
        self._store = store
        self._drafts = drafts
        self._keys = keys

    async def requests(self, citizen_id: str, cursor: str | None, language: str) -> ExportedRequests:
        """A page of full requests, newest first; the first page also has the drafts. Raises CursorInvalidError."""
        found = await self._store.own(
            citizen_id, RequestFilter(), before=read_cursor(cursor), limit=PAGE + 1, fields=TEXTS
        )
        page, following = page_of(found, PAGE, lambda last: (last.submitted_at, last.id))
        drafts = [] if cursor else await self._drafts.own(citizen_id, language)
        return {
            "exported_at": time_text(utc_now()),
            "requests": [views.own_detail(request, self._keys, language) for request in page],
            "drafts": [
                {"id": one.draft.id, "changed_at": time_text(one.draft.changed_at), **one.filing} for one in drafts
            ],
            "next": following,
        }
