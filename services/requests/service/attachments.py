"""Attachments: taken in, added to a request, handed out. Who may is part of each query here, not of the route.

A file is checked, scanned and sealed before anything names it. What a crash leaves half done carries a due time, and
the sweep (`attachment_sweep.py`) finishes or removes it.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from services.requests.checking import CheckedFile, Checkers
from services.requests.checking.kinds import EXTENSIONS
from services.requests.models import pieces
from services.requests.models.attachment import MOST_OF_A_SIDE, Attachment, Kind, State, clean_name, disposition
from services.requests.models.files import add_file, may_add, names, place_of
from services.requests.models.request import Request
from services.requests.scanning import Scanner, Verdict
from services.requests.service.accesses import Accesses
from services.requests.service.intake import KeyReusedError
from services.requests.store import AttachmentStore, ContentStore, MissingFileError, QuotaStore, RequestStore
from shared.auth import Principal
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, NotFoundError, Problem
from shared.rights import WORKERS, Role
from shared.seal import KeyRing

TURNS = 5


class InfectedError(InvalidError):
    """The antivirus found something."""

    code = "file-infected"


class QuotaError(ConflictError):
    """The account has as many bytes of files as it may."""

    code = "file-quota"


class TooManyFilesError(ConflictError):
    """The request has as many files of this side as it may."""

    code = "too-many-files"


class QuarantinedError(ConflictError):
    """The antivirus has not seen the file yet."""

    code = "file-quarantined"


class StillRunningError(ConflictError):
    """An upload with this key is being written, or was broken off a moment ago."""

    code = "idempotency-running"


@dataclass(frozen=True)
class FileLimits:
    """`quota` bytes an account; a file that no request names is kept for `keep`; scanned again every `rescan`."""

    quota: int = 100_000_000
    keep: timedelta = timedelta(hours=24)
    rescan: timedelta = timedelta(minutes=1)
    writing: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Kept:
    """An attachment that is safe; `replayed` when an earlier upload with the same key is meant."""

    attachment: Attachment
    replayed: bool


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
        store: AttachmentStore,
        contents: ContentStore,
        quotas: QuotaStore,
        requests: RequestStore,
        checkers: Checkers,
        scanner: Scanner,
        keys: KeyRing,
        limits: FileLimits,
        accesses: Accesses,
    ) -> None:
        self._accesses = accesses
        self._store = store
        self._contents = contents
        self._quotas = quotas
        self._requests = requests
        self._checkers = checkers
        self._scanner = scanner
        self._keys = keys
        self._limits = limits

    async def upload(self, principal: Principal, key: str, body: bytes, name: str | None) -> Kept:
        """Keep a file for a filing to come. Raises what checking raises, InfectedError, QuotaError, KeyReusedError."""
        return await self._keep(principal, key, body, name, "attachment", "")

    async def addable(self, principal: Principal, number: str, key: str) -> None:
        """Refuse early, before the file is read. Raises NotFoundError, TransitionRefusedError, TooManyFilesError.

        A retry of what was added is not refused: its answer is the first one's.
        """
        request = await self._seen(principal, number)
        if await self._store.by_key(principal.id, key) is None:
            _check_room(request, side_of(principal))

    async def add(self, principal: Principal, number: str, key: str, body: bytes, name: str | None) -> Kept:
        """Keep a file and add it to a request: the citizen's own, or as evidence of its present department."""
        kept = await self._keep(principal, key, body, name, side_of(principal), number)
        try:
            await self._name(principal, number, kept.attachment)
        except Problem:
            if not kept.replayed:
                await self.remove(kept.attachment)
            raise
        await self._store.bind(number, [kept.attachment.id])
        return kept

    async def open(self, principal: Principal, number: str, attachment_id: str) -> Download:
        """A file of a request that the principal may see; that staff had it is written down before.

        Raises NotFoundError, QuarantinedError, UnavailableError.
        """
        request = await self._requests.seen(number, attachment_id, **sight(principal))
        request = request or await self._before_appeal(principal, number, attachment_id)
        attachment = await self._store.get(attachment_id) if request else None
        if request is None or attachment is None or attachment.state in (State.INFECTED, State.STORING):
            raise NotFoundError
        if attachment.state != State.CLEAN:
            raise QuarantinedError(headers={"Retry-After": "30"})
        key = self._keys.unseal(attachment.sealed_key, pieces.KEY_PLACE)
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

    async def _before_appeal(self, principal: Principal, number: str, attachment_id: str) -> Request | None:
        """The request with that file, if the principal's department has the appeal against it."""
        request = await self._requests.seen(number, attachment_id) if principal.role in WORKERS else None
        if request is None or request.appeal is None:
            return None
        return request if await self._requests.seen(request.appeal, **sight(principal)) else None

    async def remove(self, attachment: Attachment) -> None:
        """Remove a file and what is known of it."""
        await self._contents.delete(attachment.id)
        if await self._store.delete(attachment.id) and attachment.counted:
            await self._quotas.give_back(attachment.owner, attachment.bytes)

    def _name_for(self, principal: Principal, request: Request, attachment: Attachment) -> str:
        """The file's name as its sender has it; not for a department that must not learn who that is."""
        if request.hides_citizen and attachment.kind == "attachment" and principal.role in WORKERS:
            return f"attachment-{place_of(request, attachment.id)}"
        if attachment.sealed_name:
            return self._keys.unseal(attachment.sealed_name, pieces.NAME_PLACE)
        return f"{request.id}-{attachment.id[:8]}"

    async def _keep(
        self, principal: Principal, key: str, body: bytes, name: str | None, kind: Kind, number: str
    ) -> Kept:
        body_hash = hashlib.sha256(number.encode() + b"\0" + body).hexdigest()
        if earlier := await self._store.by_key(principal.id, key):
            return _replay(earlier, body_hash)
        checked = await self._checkers.check(body)
        verdict = await self._scanner.scan(checked.content)
        if verdict is Verdict.INFECTED:
            raise InfectedError
        attachment = self._attachment(principal, checked, name, kind)
        attachment.idempotency_key, attachment.body_hash = key, body_hash
        [clash] = await self._store.insert_many([attachment])
        if clash is not None:
            earlier = await self._store.by_key(principal.id, key)
            return _replay(earlier or attachment, body_hash)
        if attachment.counted and not await self._count(attachment):
            await self._store.delete(attachment.id)
            raise QuotaError(megabytes=self._limits.quota // 1_000_000)
        file_key = self._keys.unseal(attachment.sealed_key, pieces.KEY_PLACE)
        await self._contents.write(attachment.id, file_key, checked.content)
        return Kept(await self._written(attachment.id, verdict), replayed=False)

    def _attachment(self, principal: Principal, checked: CheckedFile, name: str | None, kind: Kind) -> Attachment:
        now, shown = utc_now(), clean_name(name)
        return Attachment(
            id=secrets.token_hex(16),
            owner=principal.id,
            kind=kind,
            type=checked.type,
            bytes=len(checked.content),
            width=checked.width,
            height=checked.height,
            sha256=hashlib.sha256(checked.content).hexdigest(),
            sealed_name=self._keys.seal(shown, pieces.NAME_PLACE) if shown else None,
            sealed_key=self._keys.seal(pieces.new_key(), pieces.KEY_PLACE),
            counted=principal.role not in WORKERS,
            created_at=now,
            due_at=now + self._limits.writing,
        )

    async def _count(self, attachment: Attachment) -> bool:
        """Count its bytes against the owner's quota; where that seems full, count what is really there first."""
        owner, size, most = attachment.owner, attachment.bytes, self._limits.quota
        if await self._quotas.take(owner, size, most):
            return True
        held = await self._quotas.held(owner)
        await self._quotas.correct(owner, held, await self._store.bytes_of(owner) - size)
        return await self._quotas.take(owner, size, most)

    async def _written(self, attachment_id: str, verdict: Verdict) -> Attachment:
        attachment = await self._store.get(attachment_id)
        if attachment is None:  # it took so long that the sweep removed it
            raise StillRunningError
        clean = verdict is Verdict.CLEAN
        attachment.state = State.CLEAN if clean else State.QUARANTINED
        attachment.due_at = utc_now() + (self._limits.keep if clean else self._limits.rescan)
        if await self._store.save_many([attachment]):
            raise StillRunningError
        return attachment

    async def _seen(self, principal: Principal, number: str) -> Request:
        request = await self._requests.seen(number, **sight(principal))
        if request is None:
            raise NotFoundError
        return request

    async def _name(self, principal: Principal, number: str, attachment: Attachment) -> None:
        for _ in range(TURNS):
            request = await self._seen(principal, number)
            if names(request, attachment.id):
                return
            _check_room(request, attachment.kind)
            add_file(request, attachment, principal.id)
            if not await self._requests.save_many([request]):
                return
        raise ConflictError


def sight(principal: Principal) -> dict[str, str]:
    """The part of a query that leaves only what the principal may see. Raises NotFoundError for who sees none."""
    if principal.role is Role.CITIZEN:
        return {"citizen_id": principal.id}
    if principal.role in WORKERS and principal.department:
        return {"department": principal.department}
    raise NotFoundError


def side_of(principal: Principal) -> Kind:
    """Whether the principal adds attachments of a citizen, or a department's evidence."""
    return "evidence" if principal.role in WORKERS else "attachment"


def _check_room(request: Request, kind: Kind) -> None:
    may_add(request, kind)
    if sum(entry["kind"] == kind for entry in request.attachments) >= MOST_OF_A_SIDE:
        raise TooManyFilesError(most=MOST_OF_A_SIDE)


def _replay(earlier: Attachment, body_hash: str) -> Kept:
    if earlier.body_hash != body_hash:
        raise KeyReusedError
    if earlier.state == State.STORING:
        raise StillRunningError(headers={"Retry-After": "2"})
    return Kept(earlier, replayed=True)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
