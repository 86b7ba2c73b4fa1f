"""Overrides: an officer lets a request pass that verification held up, and gives a reason.

Officers and heads of the department to which the service's rules would lead may do so. The results of the rules stay
in the history, beside the reason.
"""

from typing import Annotated, Any

from pydantic import Field

from services.requests.catalogue.eligibility import filed_fields
from services.requests.request.models.lifecycle import UNVERIFIED, ActorKind
from services.requests.request.models.request import Request
from services.requests.request.schemas import HeldUps
from services.requests.request.service import views
from services.requests.request.store.requests import RequestStore
from shared import events
from shared.auth import Principal
from shared.clock import utc_now
from shared.errors import NotFoundError, PreconditionFailedError
from shared.jsonbody import Body
from shared.paging import page_of, read_cursor
from shared.seal import KeyRing, SealPurpose
from shared.spelling import AS_TEXT


class Override(Body):
    """Why the rules do not count here; the citizen can read it."""

    reason: Annotated[str, Field(min_length=10, max_length=2000), AS_TEXT]


class Overriding:
    """The use cases of officers for requests held up by verification."""

    def __init__(self, store: RequestStore, keys: KeyRing) -> None:
        self._store = store
        self._keys = keys

    async def waiting(self, department: str, cursor: str | None, limit: int, language: str) -> HeldUps:
        """A page of held-up requests that would go to the department, longest waiting first."""
        found = await self._store.unverified(department, after=read_cursor(cursor), limit=limit + 1)
        page, following = page_of(found, limit, lambda last: (last.submitted_at, last.id))
        return {"requests": [views.held_up(request, language) for request in page], "next": following}

    async def override(self, officer: Principal, number: str, rev: int, body: Override) -> Request:
        """Let a request pass in the revision that the officer saw.

        Raises NotFoundError unless it would go to the officer's department, PreconditionFailedError,
        TransitionRefusedError.
        """
        request = await self._store.get(number)
        if request is None or officer.department is None or officer.department != request.intended:
            raise NotFoundError
        if request.rev != rev:
            raise PreconditionFailedError
        now, reason = utc_now(), self._keys.seal(body.reason, SealPurpose.REQUEST_REASON, owner=number)
        failed = failed_rules(request)
        request.take("override", ActorKind.OFFICER, now, by=officer.id, sealed_words=reason, overridden=failed)
        filed = filed_fields(request)
        request.emit(events.RequestOverridden(**filed, failed_rules=failed, reason=reason, actor=officer.id), now)
        if await self._store.save_many([request]):
            raise PreconditionFailedError
        request.rev += 1
        return request


def failed_rules(request: Request) -> list[str]:
    """The codes of the failed rules that hold up a request."""
    if request.state not in UNVERIFIED:
        return []
    results: list[dict[str, Any]] = next(
        (entry["results"] for entry in reversed(request.history) if "results" in entry), []
    )
    return [result["code"] for result in results if not result["passed"]]
