"""Drafts: stored sealed for seven days after their last change; answers name missing and wrong fields.

Retries are safe: starting again with the same Idempotency-Key, or writing the same content again, changes nothing.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import Field

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.location import Place
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.files.service.documents import document_errors
from services.requests.files.store.attachments import AttachmentStore
from services.requests.filing.models import KEPT_FOR, MAX_DRAFTS, Draft
from services.requests.filing.schemas import DraftFile
from services.requests.filing.service.filing import FileIds, confidentiality_errors, file_errors, place_errors
from services.requests.filing.store import DraftStore
from services.requests.request.models.attachment import Attachment
from shared.changing import attempts
from shared.clock import Clock, utc_now
from shared.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    KeyReusedError,
    NotFoundError,
    PreconditionFailedError,
    field_error,
)
from shared.jsonbody import Body
from shared.seal import BlindPurpose, KeyRing, SealPurpose


class DraftPlace(Place):
    """A location that may be incomplete."""

    address: Annotated[str, Field(max_length=300)] | None = None


class DraftFiling(Body):
    """A filing in progress; only the service is required."""

    service: Annotated[str, Field(max_length=60)]
    place: DraftPlace = Field(default_factory=DraftPlace)
    answers: dict[str, Any] = Field(default_factory=dict)
    confidential: bool = False
    attachments: FileIds = Field(default_factory=list)
    """Ids of files from `/api/v1/attachments`; deleted ones are reported in `wrong`."""


@dataclass(frozen=True)
class DraftView:
    """A draft with its content and the errors that prevent filing it."""

    draft: Draft
    filing: dict[str, Any]
    errors: list[FieldError]
    files: list[DraftFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DraftService:
    """The use cases of drafts; each belongs to its citizen."""

    store: DraftStore
    catalogue: Catalogue
    keys: KeyRing
    clock: Clock = utc_now
    files: AttachmentStore | None = None

    async def begin(self, citizen_id: str, key: str, filing: DraftFiling, language: str) -> tuple[DraftView, bool]:
        """Store a new draft; the bool is True if it is an earlier one with the same key.

        Raises InvalidError for an unknown service or a key of another draft, ConflictError.
        """
        text, digest = self._encode(filing)
        draft_id = self.keys.blind(f"{citizen_id}\0{key}", BlindPurpose.DRAFT_ID)[:32]
        async for _ in attempts():
            now = self.clock()
            earlier = await self.store.get(citizen_id, draft_id, now)
            if earlier is not None:
                if earlier.begun_as != digest:
                    raise KeyReusedError
                return await self._view(earlier, language), True
            await self._known(filing, language)
            await self.store.remove_expired(citizen_id, now)
            taken = {draft.slot for draft in await self.store.of_citizen(citizen_id, now)}
            free = next((slot for slot in range(MAX_DRAFTS) if slot not in taken), None)
            if free is None:
                raise ConflictError("too-many-drafts", most=MAX_DRAFTS)
            sealed = self.keys.seal(text, SealPurpose.REQUEST_DRAFT, owner=draft_id)
            times = {"begun_at": now, "changed_at": now, "expires_at": now + KEPT_FOR}
            draft = Draft(draft_id, citizen_id, free, filing.service, sealed, digest, digest, 1, **times)
            if await self.store.insert(draft):
                return await self._view(draft, language), False
        raise ConflictError("too-many-drafts", most=MAX_DRAFTS)

    async def write(
        self, citizen_id: str, draft_id: str, revision: int, filing: DraftFiling, language: str
    ) -> DraftView:
        """Replace a draft's content; the same content again is no change. Raises what `begin` raises."""
        draft = await self._own(citizen_id, draft_id)
        text, digest = self._encode(filing)
        if draft.hash == digest:
            return await self._view(draft, language)
        await self._known(filing, language)
        now = self.clock()
        newer = replace(
            draft,
            service=filing.service,
            sealed=self.keys.seal(text, SealPurpose.REQUEST_DRAFT, owner=draft_id),
            hash=digest,
            revision=revision + 1,
            changed_at=now,
            expires_at=now + KEPT_FOR,
        )
        if draft.revision != revision or not await self.store.replace(newer, revision):
            raise PreconditionFailedError
        return await self._view(newer, language)

    async def one(self, citizen_id: str, draft_id: str, language: str) -> DraftView:
        """A draft. Raises NotFoundError."""
        return await self._view(await self._own(citizen_id, draft_id), language)

    async def own(self, citizen_id: str, language: str) -> list[DraftView]:
        """A citizen's drafts, last changed first."""
        found = await self.store.of_citizen(citizen_id, self.clock())
        newest_first = sorted(found, key=lambda draft: draft.changed_at, reverse=True)
        return [await self._view(draft, language) for draft in newest_first]

    async def remove(self, citizen_id: str, draft_id: str) -> None:
        """Delete a draft, if it exists."""
        await self.store.remove(citizen_id, draft_id)

    async def _own(self, citizen_id: str, draft_id: str) -> Draft:
        draft = await self.store.get(citizen_id, draft_id, self.clock())
        if draft is None:
            raise NotFoundError
        return draft

    async def _known(self, filing: DraftFiling, language: str) -> None:
        code = "service" if await self.catalogue.find(filing.service) is None else None
        if code is None and self.catalogue.is_retired(filing.service):
            code = "service_retired"
        if code:
            raise InvalidError(errors=[field_error("/service", code, language)])

    def _encode(self, filing: DraftFiling) -> tuple[str, str]:
        text = json.dumps(filing.model_dump(exclude_none=True), ensure_ascii=False, sort_keys=True)
        return text, self.keys.blind(text, SealPurpose.REQUEST_DRAFT)

    async def _view(self, draft: Draft, language: str) -> DraftView:
        filing: dict[str, Any] = json.loads(self.keys.unseal(draft.sealed, SealPurpose.REQUEST_DRAFT, owner=draft.id))
        ids: list[str] = filing.setdefault("attachments", [])
        existing = await self.files.free(draft.citizen_id, ids) if ids and self.files else {}
        files = [self._file(existing[one]) for one in ids if one in existing]
        checks = self.catalogue.in_force(draft.service)
        if checks is None:
            return DraftView(draft, filing, [field_error("/service", "service_retired", language)], files)
        errors = written_errors(DraftFiling.model_validate(filing), checks, language)
        deleted = [n for n, one in enumerate(ids) if one not in existing]
        errors += [field_error(f"/attachments/{n}", "attachment", language) for n in deleted]
        errors += document_errors([existing.get(one, Attachment(id=one)) for one in ids], checks.entry, language)
        return DraftView(draft, filing, errors, files)

    def _file(self, attachment: Attachment) -> DraftFile:
        sealed = attachment.sealed_name
        name = self.keys.unseal(sealed, SealPurpose.ATTACHMENT_NAME, owner=attachment.id) if sealed else None
        kind, size, document = attachment.type, attachment.bytes, attachment.document
        return {"id": attachment.id, "name": name, "type": kind, "bytes": size, "document": document}


def written_errors(filing: DraftFiling, checks: Checks, language: str) -> list[FieldError]:
    """The errors that prevent filing a draft, by field."""
    return [
        *place_errors(filing.place, checks.entry, language),
        *confidentiality_errors(filing.confidential, checks.entry, language),
        *checks.form_errors(checks.read(filing.answers), language),
        *file_errors(filing.attachments, checks.entry, language),
    ]


def missing_and_wrong(errors: list[FieldError]) -> tuple[list[FieldError], list[FieldError]]:
    """Errors of fields still to be filled in, and all other errors."""
    missing = [error for error in errors if error["code"] == "required"]
    return missing, [error for error in errors if error not in missing]
