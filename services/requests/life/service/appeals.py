"""An appeal: a request of its own, linked to the first, at an authority that did not handle it.

Filing and deciding an appeal change two documents. One is written first, and its clock says what is left to do (set in
`Request._wind`): the first request holds the appeal's number and text before the appeal exists, and the appeal ends
before the first request changes. Any process that finds the clock due finishes the rest.
"""

import hashlib
from typing import Annotated, Any

import structlog
from pydantic import Field

from services.requests.filing.service.intake import FilingResult
from services.requests.request.models.lifecycle import ENDED, ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.service.sealed_texts import seal_answers
from services.requests.request.store.requests import RequestStore
from shared import events
from shared.changing import change
from shared.clock import utc_now
from shared.errors import ConflictError, KeyReusedError, NotFoundError
from shared.jsonbody import Body
from shared.seal import KeyRing, SealBrokenError, SealPurpose
from shared.spelling import AS_TEXT
from shared.tracking_number import new_number

log = structlog.get_logger(__name__)
GRANTED = ("granted", "partly_granted")


class Grounds(Body):
    """Why the head's decision is wrong."""

    grounds: Annotated[str, Field(min_length=10, max_length=4000), AS_TEXT]


class Appeals:
    """Files appeals and passes decisions to the first request."""

    def __init__(self, store: RequestStore, keys: KeyRing) -> None:
        self._store = store
        self._keys = keys
        self.errands = {
            "file_appeal": self._finish_filing,
            "pass_decision": self._pass_decision,
            "withdraw_appeal": self._withdraw_appeal,
        }
        """What clocks finish, by name."""

    async def appeal(self, citizen_id: str, number: str, key: str, body: Grounds) -> FilingResult:
        """Appeal against the head's decision; returns the appeal, a request of its own.

        Raises NotFoundError, ConflictError, KeyReusedError.
        """
        filing = {"key": key, "hash": hashlib.sha256(body.grounds.encode()).hexdigest()}
        new = new_number()

        def begin(first: Request) -> bool:
            if first.citizen_id != citizen_id:
                raise NotFoundError
            if first.appeal is not None:
                return False
            self._begin(first, new, filing, body)
            self._appeal_of(first)  # fails here, before anything is stored, if a value cannot be unsealed
            return True

        first = await change(self._store, number, begin)
        if first.appeal != new:
            return await self._again(first, filing)
        return FilingResult(await self._file(first), replayed=False)

    def _begin(self, first: Request, appeal: str, filing: dict[str, str], body: Grounds) -> None:
        now = utc_now()
        if first.state == State.RESOLVED and not first.disputed:
            raise ConflictError("dispute-first")
        if first.waits_until is not None and now > first.waits_until:
            raise ConflictError("appeal-too-late")
        first.appeal, first.appeal_filing = appeal, filing
        words = self._keys.seal(body.grounds, SealPurpose.REQUEST_NOTE, owner=first.id)
        first.take("appeal", ActorKind.CITIZEN, now, by=first.citizen_id, sealed_words=words, appeal=appeal)
        first.emit(events.RequestAppealed(citizen_id=first.citizen_id, appeal=appeal), now)

    async def _again(self, first: Request, filing: dict[str, str]) -> FilingResult:
        assert first.appeal is not None
        if first.appeal_filing.get("key") != filing["key"]:
            raise ConflictError("appealed-before", number=first.appeal)
        if first.appeal_filing != filing:
            raise KeyReusedError
        return FilingResult(await self._file(first), replayed=True)

    async def _file(self, first: Request) -> Request:
        """The appeal, which is written if it does not exist yet."""
        assert first.appeal is not None
        appeal = self._appeal_of(first)
        if (await self._store.insert_many([appeal]))[0] is None:
            return appeal
        found = await self._store.get(first.appeal)
        if found is None or found.appeal_of != first.id:
            raise ConflictError
        return found

    def _appeal_of(self, first: Request) -> Request:
        """The appeal as the first request describes it, with values sealed for it; the same each time."""
        [step] = [entry for entry in first.history if entry["action"] == "appeal"]
        words, at, number = step.get("sealed_words"), step["at"], str(first.appeal)
        grounds = {"grounds": self._keys.unseal(words, SealPurpose.REQUEST_NOTE, owner=first.id)} if words else {}
        appeal = Request(
            id=number,
            citizen_id=first.citizen_id,
            confidential=first.confidential,
            channel=first.channel,
            sealed_track_code=self._copied(first.sealed_track_code, SealPurpose.REQUEST_TRACK_CODE, first.id, number),
            act_key_index=first.act_key_index,
            kind="appeal",
            appeal_of=first.id,
            service=first.service,
            service_version=first.service_version,
            district=first.district,
            district_by=first.district_by,
            point=first.point,
            sealed_address=self._copied(first.sealed_address, SealPurpose.REQUEST_ADDRESS, first.id, number),
            sealed_answers=seal_answers(self._keys, grounds, of=number),
            submitted_at=at,
            waits=first.waits,
            hidden_from=list(first.hidden_from),
            body_hash=first.appeal_filing["hash"],
            idempotency_key=f"appeal of {first.id}",  # no client's key contains spaces
        )
        if first.sealed_citizen is not None:
            sealed = self._keys.seal(first.citizen_id, SealPurpose.REQUEST_CITIZEN, owner=number)
            appeal.sealed_citizen = events.CONFIDENTIAL + sealed
        appeal.note("submit", ActorKind.CITIZEN, at, by=first.citizen_id, appeal_of=first.id)
        appeal.take("pass", ActorKind.RULES, at, results=[])
        appeal.emit(events.RequestAppealFiled(**self._event_fields(first, appeal)), at)
        return appeal

    def _copied(self, sealed: str | None, purpose: SealPurpose, number: str, to: str) -> str | None:
        """A value of one request sealed for another. Raises SealBrokenError."""
        return self._keys.seal(self._keys.unseal(sealed, purpose, owner=number), purpose, owner=to) if sealed else None

    @staticmethod
    def _event_fields(first: Request, appeal: Request) -> dict[str, Any]:
        acted = [entry for entry in first.history if entry["who"] in (ActorKind.DEPARTMENT, ActorKind.OFFICER)]
        involved = [entry["department"] for entry in first.history if entry.get("department")]
        return {
            "citizen_id": appeal.citizen_id,
            "appeal_of": first.id,
            "service": first.service,
            "service_version": first.service_version,
            "district": first.district,
            "department": first.department or "",
            "departments": sorted({*involved, first.department or ""} - {""}),
            "actors": sorted({entry["by"] for entry in acted if entry.get("by")}),
            "hidden_from": first.hidden_from or None,
        }

    async def _finish_filing(self, first: Request) -> None:
        await self._file(first)
        await self._done(first)

    async def _pass_decision(self, appeal: Request) -> None:
        """Pass the outcome of an appeal to the first request."""
        first = await self._store.get(str(appeal.appeal_of))
        if first is not None and first.state == State.UNDER_APPEAL:
            now = utc_now()
            decided = appeal.outcome if appeal.state == State.CLOSED else None  # a withdrawn appeal decides nothing
            if decided in GRANTED:
                self._remit(first, appeal)
            else:
                ended = decided or str(appeal.history[-1]["action"])
                first.take("decide_appeal", ActorKind.AUTHORITY, now, appeal=appeal.id, reason=ended)
                first.emit(
                    events.RequestAppealDecided(citizen_id=first.citizen_id, appeal=appeal.id, reason=ended), now
                )
            if await self._store.save_many([first]):
                return  # another writer was faster: the clock is due again after the lease
        await self._done(appeal)

    def _remit(self, first: Request, appeal: Request) -> None:
        now = utc_now()
        reply = next((e.get("sealed_words") for e in reversed(appeal.history) if e["action"] == "resolve"), None)
        try:
            words = self._copied(reply, SealPurpose.REQUEST_REPLY, appeal.id, first.id)
        except SealBrokenError as error:  # remit without the reply
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            words = None
        first.take(
            "remit", ActorKind.AUTHORITY, now, by=appeal.department, sealed_words=words, outcome=appeal.outcome,
            appeal=appeal.id,
        )  # fmt: skip
        first.outcome = None
        first.emit(events.RequestRemitted(citizen_id=first.citizen_id, appeal=appeal.id, words=words or ""), now)

    async def _withdraw_appeal(self, first: Request) -> None:
        """Withdrawing the first request withdraws its appeal."""
        appeal = await self._store.get(str(first.appeal))
        if appeal is None and first.anonymised_at is None:
            await self._file(first)  # else a retry of the appeal would file it later
            appeal = await self._store.get(str(first.appeal))
        if appeal is not None and appeal.state not in ENDED:
            appeal.take("withdraw", ActorKind.CITIZEN, utc_now(), by=first.citizen_id)
            appeal.emit(events.RequestWithdrawn(citizen_id=appeal.citizen_id), utc_now())
            if await self._store.save_many([appeal]):
                return
        await self._done(first)

    async def _done(self, request: Request) -> None:
        request.clock = request.clock_at = None
        await self._store.save_many([request])
