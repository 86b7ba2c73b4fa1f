"""Attachments of requests: adding, listing, downloading and removing. Each query checks what the caller may see.

The holder of an anonymous request's key is a citizen with the id of that request (`AnonymousFiling.principal`), so the
same rules apply.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.requests.catalogue.eligibility import documents_of
from services.requests.files.checking.kinds import EXTENSIONS
from services.requests.files.service.documents import Documents
from services.requests.files.service.keeping import FileKeeper, Kept, Label
from services.requests.files.store.contents import MissingFileError
from services.requests.request.models.attachment import MAX_OF_A_SIDE, Attachment, FileState, Kind, disposition
from services.requests.request.models.files import (
    add_file,
    has_file,
    has_own_file,
    ordinal_of,
    remove_file,
    require_open_for,
)
from services.requests.request.models.request import Request
from services.requests.request.service.access_log import AccessLog
from services.requests.request.service.merged import is_hidden, primary_of
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from shared.changing import change_loaded
from shared.errors import ConflictError, NotFoundError, Problem
from shared.rights import WORKERS, Role
from shared.seal import SealPurpose


@dataclass(frozen=True)
class Download:
    """A file to be downloaded."""

    type: str
    size: int
    disposition: str
    pieces: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Attachments:
    """The use cases of attachments."""

    keeping: FileKeeper
    requests: RequestStore
    accesses: AccessLog
    documents: Documents

    async def upload(self, principal: Principal, key: str, body: bytes, label: Label) -> Kept:
        """Store a file for a later filing. Raises what `FileKeeper.keep` raises."""
        return await self.keeping.keep(principal, key, body, label, "attachment", "")

    async def addable(self, principal: Principal, number: str, key: str) -> None:
        """Check before the file is read. Raises NotFoundError, TransitionRefusedError, ConflictError.

        A retry is not refused: it gets the first answer again.
        """
        request = await self._seen(principal, number)
        if await self.keeping.store.by_key(principal.id, key) is None:
            _check_room(request, side_of(principal))
            await self._require_open_primary(request)

    async def add(self, principal: Principal, number: str, key: str, body: bytes, label: Label, language: str) -> Kept:
        """Store a file and add it to a request: as the citizen's, or as evidence of its present department."""
        kept = await self.keeping.keep(principal, key, body, label, side_of(principal), number)
        try:
            request = await self._seen(principal, number)
            await self.documents.require_fit(request, label.document, kept.attachment.type, language)
            await self._name(principal, number, kept.attachment)
        except Problem:
            if not kept.replayed:
                await self.keeping.remove(kept.attachment)
            raise
        await self.keeping.store.bind(number, [kept.attachment.id])
        return kept

    async def open(self, principal: Principal, number: str, attachment_id: str) -> Download:
        """A file of a request that the principal may see; an access by staff is recorded first.

        Raises NotFoundError, ConflictError, UnavailableError.
        """
        request = await self._readable(principal, number, attachment_id)
        attachment = await self.keeping.store.get(attachment_id)
        if attachment is None or attachment.state in (FileState.INFECTED, FileState.STORING):
            raise NotFoundError
        if attachment.state != FileState.CLEAN:
            raise ConflictError("file-quarantined", headers={"Retry-After": "30"})
        content, name = self.keeping.read(attachment), self._name_for(principal, request, attachment)
        try:
            first = await anext(content)  # before the answer begins
        except MissingFileError:
            raise NotFoundError from None
        if principal.role in WORKERS:
            await self.accesses.note(principal, request)
        header = disposition(name, EXTENSIONS[attachment.type])
        return Download(attachment.type, attachment.bytes, header, _from(first, content))

    async def of(self, principal: Principal, number: str) -> Request:
        """The request whose files the principal may list; an access by staff is recorded. Raises NotFoundError."""
        request = await self._readable(principal, number)
        if principal.role in WORKERS:
            await self.accesses.note(principal, request)
        return request

    async def remove(self, principal: Principal, number: str, attachment_id: str) -> None:
        """Delete a file that the request's citizen added.

        Raises NotFoundError, and TransitionRefusedError if the request's files can no longer change.
        """

        async def without(request: Request) -> None:
            if principal.role is not Role.CITIZEN or not has_own_file(request, attachment_id):
                raise NotFoundError
            await self._require_open_primary(request)
            left = [entry.get("document") for entry in request.attachments if entry["id"] != attachment_id]
            again = await self.documents.rerun(request, left)
            remove_file(request, attachment_id, principal.id, again.recorded if again else None)

        await change_loaded(self.requests, lambda: self._seen(principal, number), without)
        if attachment := await self.keeping.store.get(attachment_id):  # after a crash the sweep does it
            await self.keeping.remove(attachment)

    async def _readable(self, principal: Principal, number: str, attachment_id: str | None = None) -> Request:
        """The request (with that file, if given) if the principal may read its files. Raises NotFoundError.

        Besides its citizen and department these are the department that may override its verification, the one that
        hears the appeal against it, and the one that has its primary.
        """
        request = await self.requests.seen(number, attachment_id, **sight(principal))
        if request is None and principal.role in WORKERS:
            other = await self.requests.seen(number, attachment_id)
            request = other if other is not None and await self._is_concerned(principal, other) else None
        if request is None or await is_hidden(self.requests, request, principal.id):
            raise NotFoundError
        return request

    async def _is_concerned(self, principal: Principal, request: Request) -> bool:
        if request.intended == principal.department:
            return True
        primary = await primary_of(self.requests, request)
        others = [number for number in (request.appeal, primary.id if primary else None) if number]
        return any([await self.requests.seen(number, **sight(principal)) for number in others])

    def _name_for(self, principal: Principal, request: Request, attachment: Attachment) -> str:
        """The sender's name for the file; a neutral one for a department that must not know the citizen."""
        if request.hides_citizen and attachment.kind == "attachment" and principal.role in WORKERS:
            return f"attachment-{ordinal_of(request, attachment.id)}"
        if attachment.sealed_name:
            return self.keeping.keys.unseal(attachment.sealed_name, SealPurpose.ATTACHMENT_NAME, owner=attachment.id)
        return f"{request.id}-{attachment.id[:8]}"

    async def _require_open_primary(self, request: Request) -> None:
        """Raise TransitionRefusedError if the request was merged and its primary has ended."""
        if (primary := await primary_of(self.requests, request)) is not None:
            require_open_for(primary, "attachment")

    async def _seen(self, principal: Principal, number: str) -> Request:
        request = await self.requests.seen(number, **sight(principal))
        if request is None:
            raise NotFoundError
        return request

    async def _name(self, principal: Principal, number: str, attachment: Attachment) -> None:
        async def add(request: Request) -> bool:
            if has_file(request, attachment.id):
                return False
            if attachment.id in request.discarded:  # a retry of a file that was removed since
                raise NotFoundError
            _check_room(request, attachment.kind)
            again = None
            if attachment.kind == "attachment":
                again = await self.documents.rerun(request, [*documents_of(request), attachment.document])
            add_file(request, attachment, principal.id, again.recorded if again else None)
            if again:
                again.proceed(request, principal.id)
            return True

        await change_loaded(self.requests, lambda: self._seen(principal, number), add)


def sight(principal: Principal) -> dict[str, str]:
    """The query conditions for what the principal may see. Raises NotFoundError if that is nothing."""
    if principal.role is Role.CITIZEN:
        return {"citizen_id": principal.id}
    if principal.role in WORKERS and principal.department:
        return {"department": principal.department, "reader": principal.id}
    raise NotFoundError


def side_of(principal: Principal) -> Kind:
    """Whether the principal adds a citizen's attachments or a department's evidence."""
    return "evidence" if principal.role in WORKERS else "attachment"


def _check_room(request: Request, kind: Kind) -> None:
    require_open_for(request, kind)
    if kind == "attachment":  # evidence may be needed to end the request
        request.require_steps_left()
    if sum(entry["kind"] == kind for entry in request.attachments) >= MAX_OF_A_SIDE:
        raise ConflictError("too-many-files", most=MAX_OF_A_SIDE)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
