"""Attachments of requests: added, listed, downloaded, removed. Each query checks what the caller may do.

Somebody without an account comes with the key of an anonymous request and is then a citizen whose id that request
has (`AnonymousFiling.principal`): there is one rule for both.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.requests.catalogue.eligibility import documents_of
from services.requests.files import pieces
from services.requests.files.checking.kinds import EXTENSIONS
from services.requests.files.service.documents import Documents
from services.requests.files.service.keeping import FileKeeper, Kept, Label
from services.requests.files.store.attachments import AttachmentStore
from services.requests.files.store.contents import ContentStore, MissingFileError
from services.requests.request.models.attachment import MAX_OF_A_SIDE, Attachment, FileState, Kind, disposition
from services.requests.request.models.files import (
    add_file,
    has_file,
    has_own_file,
    ordinal_of,
    require_open_for,
    take_out,
)
from services.requests.request.models.request import Request
from services.requests.request.service.access_log import AccessLog
from services.requests.request.service.merged import primary_of
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from shared.changing import change_loaded
from shared.errors import ConflictError, NotFoundError, Problem
from shared.rights import WORKERS, Role
from shared.seal import KeyRing


class TooManyFilesError(ConflictError):
    """The request has as many files of this side as it may."""

    code = "too-many-files"


class QuarantinedError(ConflictError):
    """The antivirus has not seen the file yet."""

    code = "file-quarantined"


@dataclass(frozen=True)
class Download:
    """A file on its way out."""

    type: str
    size: int
    disposition: str
    pieces: AsyncIterator[bytes]


class Attachments:
    """The use cases of attachments."""

    def __init__(
        self,
        keeping: FileKeeper,
        store: AttachmentStore,
        contents: ContentStore,
        requests: RequestStore,
        keys: KeyRing,
        accesses: AccessLog,
        documents: Documents,
    ) -> None:
        self._keeping = keeping
        self._documents = documents
        self._accesses = accesses
        self._store = store
        self._contents = contents
        self._requests = requests
        self._keys = keys

    async def upload(self, principal: Principal, key: str, body: bytes, label: Label) -> Kept:
        """Keep a file for a filing to come. Raises what keeping raises."""
        return await self._keeping.keep(principal, key, body, label, "attachment", "")

    async def addable(self, principal: Principal, number: str, key: str) -> None:
        """Refuse early, before the file is read. Raises NotFoundError, TransitionRefusedError, TooManyFilesError.

        A retry of what was added is not refused: its answer is the first one's.
        """
        request = await self._seen(principal, number)
        if await self._store.by_key(principal.id, key) is None:
            _check_room(request, side_of(principal))
            await self._require_open_primary(request)

    async def add(self, principal: Principal, number: str, key: str, body: bytes, label: Label, language: str) -> Kept:
        """Keep a file and add it to a request: the citizen's own, or as evidence of its present department."""
        kept = await self._keeping.keep(principal, key, body, label, side_of(principal), number)
        try:
            request = await self._seen(principal, number)
            await self._documents.require_fit(request, label.document, kept.attachment.type, language)
            await self._name(principal, number, kept.attachment)
        except Problem:
            if not kept.replayed:
                await self._keeping.remove(kept.attachment)
            raise
        await self._store.bind(number, [kept.attachment.id])
        return kept

    async def open(self, principal: Principal, number: str, attachment_id: str) -> Download:
        """A file of a request that the principal may see; that staff had it is written down before.

        Raises NotFoundError, QuarantinedError, UnavailableError.
        """
        request = await self._readable(principal, number, attachment_id)
        attachment = await self._store.get(attachment_id)
        if attachment is None or attachment.state in (FileState.INFECTED, FileState.STORING):
            raise NotFoundError
        if attachment.state != FileState.CLEAN:
            raise QuarantinedError(headers={"Retry-After": "30"})
        key = self._keys.unseal(attachment.sealed_key, pieces.KEY_PLACE, owner=attachment.id)
        name = self._name_for(principal, request, attachment)
        content = self._contents.read(attachment.id, key, attachment.bytes)
        try:
            first = await anext(content)  # before anything is promised
        except MissingFileError:
            raise NotFoundError from None
        if principal.role in WORKERS:
            await self._accesses.note(principal, request)
        said = disposition(name, EXTENSIONS[attachment.type])
        return Download(attachment.type, attachment.bytes, said, _from(first, content))

    async def of(self, principal: Principal, number: str) -> Request:
        """The request whose files the principal may list; that staff did is written down. Raises NotFoundError."""
        request = await self._readable(principal, number)
        if principal.role in WORKERS:
            await self._accesses.note(principal, request)
        return request

    async def take_out(self, principal: Principal, number: str, attachment_id: str) -> None:
        """Remove a file that the request's citizen added, for good.

        Raises NotFoundError, TransitionRefusedError where nothing can be added any more.
        """

        async def without(request: Request) -> None:
            if principal.role is not Role.CITIZEN or not has_own_file(request, attachment_id):
                raise NotFoundError
            await self._require_open_primary(request)
            left = [entry.get("document") for entry in request.attachments if entry["id"] != attachment_id]
            again = await self._documents.rerun(request, left)
            take_out(request, attachment_id, principal.id, again.recorded if again else None)

        await change_loaded(self._requests, lambda: self._seen(principal, number), without)
        if attachment := await self._store.get(attachment_id):  # else the sweep does it: the request says so
            await self._keeping.remove(attachment)

    async def _readable(self, principal: Principal, number: str, attachment_id: str | None = None) -> Request:
        """The request, with that file if one is named, if the principal may read its files. Raises NotFoundError.

        Beside who may see it always, that is the department whose officers may let it pass verification, the one that
        has the appeal against it, and the one that has what it was merged into.
        """
        request = await self._requests.seen(number, attachment_id, **sight(principal))
        if request is None and principal.role in WORKERS:
            other = await self._requests.seen(number, attachment_id)
            request = other if other is not None and await self._looks_on(principal, other) else None
        if request is None:
            raise NotFoundError
        return request

    async def _looks_on(self, principal: Principal, request: Request) -> bool:
        if request.intended == principal.department:
            return True
        primary = await primary_of(self._requests, request)
        others = [number for number in (request.appeal, primary.id if primary else None) if number]
        return any([await self._requests.seen(number, **sight(principal)) for number in others])

    def _name_for(self, principal: Principal, request: Request, attachment: Attachment) -> str:
        """The file's name as its sender has it; not for a department that must not learn who that is."""
        if request.hides_citizen and attachment.kind == "attachment" and principal.role in WORKERS:
            return f"attachment-{ordinal_of(request, attachment.id)}"
        if attachment.sealed_name:
            return self._keys.unseal(attachment.sealed_name, pieces.NAME_PLACE, owner=attachment.id)
        return f"{request.id}-{attachment.id[:8]}"

    async def _require_open_primary(self, request: Request) -> None:
        """Raise TransitionRefusedError where nobody works on what it was merged into any more."""
        if (primary := await primary_of(self._requests, request)) is not None:
            require_open_for(primary, "attachment")

    async def _seen(self, principal: Principal, number: str) -> Request:
        request = await self._requests.seen(number, **sight(principal))
        if request is None:
            raise NotFoundError
        return request

    async def _name(self, principal: Principal, number: str, attachment: Attachment) -> None:
        async def add(request: Request) -> bool:
            if has_file(request, attachment.id):
                return False
            if attachment.id in request.discarded:  # a retry of what was taken out since
                raise NotFoundError
            _check_room(request, attachment.kind)
            again = None
            if attachment.kind == "attachment":
                again = await self._documents.rerun(request, [*documents_of(request), attachment.document])
            add_file(request, attachment, principal.id, again.recorded if again else None)
            if again:
                again.proceed(request, principal.id)
            return True

        await change_loaded(self._requests, lambda: self._seen(principal, number), add)


def sight(principal: Principal) -> dict[str, str]:
    """The part of a query that leaves only what the principal may see. Raises NotFoundError where that is none."""
    if principal.role is Role.CITIZEN:
        return {"citizen_id": principal.id}
    if principal.role in WORKERS and principal.department:
        return {"department": principal.department}
    raise NotFoundError


def side_of(principal: Principal) -> Kind:
    """Whether the principal adds attachments of a citizen, or a department's evidence."""
    return "evidence" if principal.role in WORKERS else "attachment"


def _check_room(request: Request, kind: Kind) -> None:
    require_open_for(request, kind)
    if kind == "attachment":  # evidence is what an end may need, and there is little of it
        request.require_steps_left()
    if sum(entry["kind"] == kind for entry in request.attachments) >= MAX_OF_A_SIDE:
        raise TooManyFilesError(most=MAX_OF_A_SIDE)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
