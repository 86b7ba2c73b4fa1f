"""Files a request: it is checked, verified, and stored in one write with its history and event before the 201.

Filings that arrive during a write share the next one. The request's document holds the Idempotency-Key under a unique
index, so a retry always finds the first filing.
"""

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from services.requests.catalogue.eligibility import UNVERIFIED, Checks, filed_event, identity_of, verify
from services.requests.catalogue.location import district_of
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.files.service.documents import document_errors
from services.requests.files.store.attachments import AttachmentStore
from services.requests.filing.service.filing import (
    FiledBy,
    Filing,
    filing_errors,
    is_confidential,
    read_filing,
    registered,
)
from services.requests.filing.store import DraftStore
from services.requests.request.models.attachment import Attachment
from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.models.waiting import Waits
from services.requests.request.service.sealed_texts import seal_answers
from services.requests.request.store.requests import (
    ACTIVE_INDEX,
    ATTACHMENT_INDEX,
    CLERK_INDEX,
    IDEMPOTENCY_INDEX,
    RequestStore,
)
from shared import events
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, KeyReusedError, UnavailableError, field_error
from shared.groupcommit import GroupCommit, OverloadedError
from shared.mongo import OUTAGES
from shared.records import Records
from shared.seal import KeyRing, SealPurpose
from shared.tracking_number import new_number, new_public_id

log = structlog.get_logger(__name__)
MAX_NUMBERS = 5
FLUSH_SPACING = 0.01
"""Minimum seconds between the starts of two inserts, so that more filings, and all that follows them, share one."""


@dataclass(frozen=True)
class FilingResult:
    """A stored request; `replayed` if it is an earlier filing with the same key."""

    request: Request
    replayed: bool


class Intake:
    """Files requests."""

    def __init__(
        self,
        store: RequestStore,
        catalogue: Catalogue,
        citizens: Records[CitizenReplica],
        keys: KeyRing,
        waits: Waits = Waits(),  # noqa: B008  # frozen
        drafts: DraftStore | None = None,
        attachments: AttachmentStore | None = None,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._citizens = citizens
        self._attachments = attachments
        self._keys = keys
        self._waits = waits
        self._drafts = drafts
        self._commit: GroupCommit[Request, str | None] = GroupCommit(self._insert, spacing=FLUSH_SPACING)

    async def file(self, filer: FiledBy, key: str, body: bytes, language: str) -> FilingResult:
        """File the request in `body` (JSON); returns after the durable write.

        Raises InvalidError with field errors, KeyReusedError, ConflictError, ForbiddenError, UnavailableError.
        """
        body_hash = hashlib.sha256(body).hexdigest()
        if filer.kind == "clerk":
            key = f"{filer.id} {key}"  # no citizen's key contains a space
        for _ in range(MAX_NUMBERS):  # its sealed values are bound to its number: a new number needs a new request
            try:
                request, draft = await self._prepare(filer, body, language)
            except InvalidError:
                # A retry gets its first filing even if the catalogue has changed since.
                if earlier := await self._earlier(filer, key):
                    return self._replay(earlier, body_hash)
                raise
            request.idempotency_key, request.body_hash = key, body_hash
            if filed := await self._write(filer, request, language):
                if draft is not None and self._drafts is not None:
                    await self._drop(self._drafts, filer.id, draft)
                return filed
        raise UnavailableError(after=1)

    async def _prepare(self, filer: FiledBy, body: bytes, language: str) -> tuple[Request, str | None]:
        filing = read_filing(body, language)
        found = await self._catalogue.find(filing.service)
        if found is None:
            raise InvalidError(errors=[field_error("/service", "service", language)])
        checks, version = found
        if self._catalogue.is_retired(filing.service):
            raise InvalidError(errors=[field_error("/service", "service_retired", language)])
        filing.answers = checks.read(filing.answers)
        if errors := filing_errors(filer, filing, checks, language):
            raise InvalidError(errors=errors)
        verified = filer.kind == "citizen"  # only verified citizens can log in
        citizen_id = filer.id
        if filing.on_behalf_of is not None:
            citizen = await registered(self._citizens, filing.on_behalf_of, language)
            citizen_id, verified = citizen.id, citizen.verified
        files = await self._files(filer, filing.attachments, language)
        if errors := document_errors(files, checks.entry, language):
            raise InvalidError(errors=errors)
        identity = await identity_of(self._citizens, citizen_id, checks) if verified else UNVERIFIED
        request = self._request(filer, citizen_id, filing, files, checks, version, verified=verified, identity=identity)
        return request, filing.draft

    async def _files(self, filer: FiledBy, ids: list[str], language: str) -> list[Attachment]:
        """The files that the filer uploaded. Raises InvalidError for missing files, and those of others."""
        found = await self._attachments.free(filer.id, ids) if ids and self._attachments else {}
        missing = [n for n, one in enumerate(ids) if one not in found]
        if missing:
            raise InvalidError(errors=[field_error(f"/attachments/{n}", "attachment", language) for n in missing])
        return [found[one] for one in ids]

    def _request(
        self,
        filer: FiledBy,
        citizen_id: str,
        filing: Filing,
        files: list[Attachment],
        checks: Checks,
        version: int,
        *,
        verified: bool,
        identity: str,
    ) -> Request:
        now = utc_now()
        place, number = filing.place, new_number()
        district = district_of(place)
        assert district is not None  # it was among the errors
        one_active = checks.entry.one_active and filer.kind in ("citizen", "clerk")
        request = Request(
            id=number,
            citizen_id=citizen_id,
            kind=checks.entry.kind,
            service=filing.service,
            service_version=version,
            district=district[0],
            district_by=district[1],
            sealed_answers=seal_answers(self._keys, filing.answers, of=number),
            submitted_at=now,
            active_service=filing.service if one_active else None,
            channel=filing.channel or "web",
            act_key_index=filer.act_key_index,
            partner=filer.partner,
            waits=self._waits.kept(),
        )
        if filer.track_code is not None:
            request.sealed_track_code = self._keys.seal(filer.track_code, SealPurpose.REQUEST_TRACK_CODE, owner=number)
        if place.address:
            request.sealed_address = self._keys.seal(place.address, SealPurpose.REQUEST_ADDRESS, owner=number)
        if place.latitude is not None and place.longitude is not None:
            request.point = {"latitude": place.latitude, "longitude": place.longitude}
            request.spot = {"type": "Point", "coordinates": [place.longitude, place.latitude]}  # GeoJSON, RFC 7946
            point = f"{place.latitude},{place.longitude}"
            request.sealed_point = self._keys.seal(point, SealPurpose.REQUEST_POINT, owner=number)
        if is_confidential(filer, filing, checks.entry):
            request.confidential = True
            # The mobile's last digits would let a department identify the citizen.
            code = f"{secrets.randbelow(10_000):04d}"
            request.sealed_track_code = self._keys.seal(code, SealPurpose.REQUEST_TRACK_CODE, owner=number)
            request.sealed_citizen = events.CONFIDENTIAL + self._keys.seal(
                citizen_id, SealPurpose.REQUEST_CITIZEN, owner=number
            )
        elif checks.entry.public:
            # Whoever knows a citizen's mobile could find out by the tracking number whether it is the citizen's.
            request.public_id = number if filer.kind == "partner" else new_public_id()
        who = ActorKind.CITIZEN
        if filer.kind == "clerk":
            request.filed_by, who = filer.id, ActorKind.CLERK
        request.attachments = [file.entry(now, filer.id) for file in files]
        named = [{"id": file.id, "sha256": file.sha256} for file in files]
        request.note("submit", who, now, by=filer.id, version=version, files=named or None)
        results = verify(request, checks, filing.answers, verified=verified, identity=identity)
        request.emit(filed_event(events.RequestSubmitted, request, results), now)
        return request

    async def _write(self, filer: FiledBy, request: Request, language: str) -> FilingResult | None:
        """Write the request; None if its number is taken. Raises InvalidError, ConflictError, UnavailableError."""
        for _ in range(MAX_NUMBERS):
            try:
                clash = await self._commit.submit(request)
            except OverloadedError:
                raise UnavailableError from None
            if clash is None:
                await self._bind(request)
                return FilingResult(request, replayed=False)
            by_key = clash in (IDEMPOTENCY_INDEX, CLERK_INDEX)
            if not by_key and clash not in (ACTIVE_INDEX, ATTACHMENT_INDEX):
                return None
            earlier = await self._earlier(filer, request.idempotency_key)
            if earlier is not None and (by_key or earlier.body_hash == request.body_hash):
                return self._replay(earlier, request.body_hash)  # whichever unique index it violated
            if clash == ATTACHMENT_INDEX:
                raise InvalidError(errors=[field_error("/attachments", "attachment", language)])
            if clash == ACTIVE_INDEX and (active := await self._store.active(request.citizen_id, request.service)):
                raise ConflictError("one-active", number=active.id)  # else that one has ended by now
        raise UnavailableError(after=1)

    @staticmethod
    async def _drop(drafts: DraftStore, citizen_id: str, draft: str) -> None:
        """Delete the draft of a stored request; if that fails, the draft expires by itself."""
        try:
            await drafts.remove(citizen_id, draft)
        except OUTAGES as error:
            log.warning("intake.draft_left", error=type(error).__name__)

    async def _insert(self, requests: Sequence[Request]) -> Sequence[str | None]:
        return await self._store.insert_many(requests)

    async def _earlier(self, filer: FiledBy, key: str) -> Request | None:
        """The filer's request with this key."""
        if filer.kind == "clerk":
            return await self._store.by_clerk_key(filer.id, key)
        return await self._store.by_key(filer.id, key)

    async def _bind(self, request: Request) -> None:
        """Bind its files to it. Not required: the request names them, and the sweep binds them too."""
        if request.attachments and self._attachments:
            with suppress(*OUTAGES):
                await self._attachments.bind(request.id, [entry["id"] for entry in request.attachments])

    @staticmethod
    def _replay(earlier: Request, body_hash: str) -> FilingResult:
        if earlier.body_hash != body_hash:
            raise KeyReusedError
        return FilingResult(earlier, replayed=True)
