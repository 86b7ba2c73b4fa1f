"""What partners' apps do for people: file requests without a name, and pass on what people say about them."""

from typing import Annotated, Literal

from pydantic import Field

from services.requests.filing.service.anonymous import AnonymousFiling, AnonymousFilingResult
from services.requests.life.service.citizen import Answer, CitizenActs, Confirmation, Dispute
from services.requests.publishing import schemas
from services.requests.publishing.models import Partner
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from shared.changing import change
from shared.clock import utc_now
from shared.errors import NotFoundError
from shared.events import RequestToldMore
from shared.jsonbody import Body
from shared.seal import KeyRing, SealPurpose
from shared.spelling import AS_TEXT
from shared.tracking_number import read_number


class PartnerUpdate(Body):
    """What a person says about a request that the partner filed: words, and whether it is done or not."""

    request: Annotated[str, Field(max_length=40)]
    update: Annotated[str, Field(min_length=1, max_length=100)]
    """The partner's own id of the update, which the answer repeats."""
    status: Literal["fixed", "not_fixed"] | None = None
    words: Annotated[str, Field(min_length=1, max_length=2000), AS_TEXT] | None = None


class PartnerFiling:
    """Files and updates requests for partners."""

    def __init__(self, anonymous: AnonymousFiling, acts: CitizenActs, store: RequestStore, keys: KeyRing) -> None:
        self._anonymous = anonymous
        self._acts = acts
        self._store = store
        self._keys = keys

    async def file(self, partner: Partner, key: str, body: bytes, language: str) -> AnonymousFilingResult:
        """File the request in `body`; the same key and body get the same answer. Raises what `Intake.file` raises."""
        return await self._anonymous.file(f"{partner.id} {key}", body, language, partner=partner.id)

    async def update(self, partner: Partner, body: PartnerUpdate) -> schemas.Taken:
        """Take what a person says: an answer, a confirmation, a dispute, or words for the department.

        The same words again change nothing. Raises NotFoundError for a request that the partner did not file.
        """
        request = await self._own(partner, body.request)
        done = self._done_before(request, body.words)
        if done is None:
            done = act_of(request, body)
            request = await self._act(request, done, body) if done else request
        step = next((entry["n"] for entry in reversed(request.history) if entry["action"] == done), None)
        update = f"{request.id}-{step}" if step else body.update
        return {"update": update, "request": request.id, "state": str(request.state), "done": done}

    async def _own(self, partner: Partner, number: str) -> Request:
        read = read_number(number)
        request = await self._store.get(read) if read else None
        if request is None or request.partner != partner.id:
            raise NotFoundError
        return request

    def _done_before(self, request: Request, words: str | None) -> str | None:
        """The step with which these words were taken before."""
        for entry in request.history if words else ():
            sealed = entry.get("sealed_words") if entry["who"] == ActorKind.CITIZEN else None
            if sealed and self._keys.unseal(sealed, SealPurpose.REQUEST_NOTE, owner=request.id) == words:
                return str(entry["action"])
        return None

    async def _act(self, request: Request, action: str, body: PartnerUpdate) -> Request:
        """Take the step; what the life cycle refuses is refused."""
        citizen, number = request.citizen_id, request.id
        match action:
            case "answer":
                return await self._acts.answer(citizen, number, Answer(answer=body.words or ""))
            case "confirm":
                confirmed = await self._acts.confirm(citizen, number, Confirmation())
                return await self._tell(confirmed, body.words) if body.words else confirmed
            case "dispute":
                return await self._acts.dispute(citizen, number, Dispute(reason="not_done", words=body.words))
        return await self._tell(request, body.words or "")

    async def _tell(self, request: Request, words: str) -> Request:
        """Add the person's words to the history; the department is told."""
        if request.merged_into:
            return await self._acts.answer(request.citizen_id, request.id, Answer(answer=words))
        sealed = self._keys.seal(words, SealPurpose.REQUEST_NOTE, owner=request.id)

        def note(loaded: Request) -> None:
            loaded.require_steps_left()
            now, citizen = utc_now(), loaded.citizen_id
            loaded.note("tell_more", ActorKind.CITIZEN, now, by=citizen, sealed_words=sealed)
            loaded.emit(RequestToldMore(citizen_id=citizen, into=loaded.id), now)

        return await change(self._store, request.id, note)


def act_of(request: Request, body: PartnerUpdate) -> str | None:
    """The step that an update means in this state; `tell_more` where it only adds words, None where it adds nothing."""
    if request.state == State.QUESTIONED and body.words:
        return "answer"
    if request.state == State.RESOLVED and body.status == "fixed":
        return "confirm"
    if request.state == State.RESOLVED and body.status == "not_fixed" and not request.disputed:
        return "dispute"
    return "tell_more" if body.words else None
