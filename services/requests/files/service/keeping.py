"""Stores files after checking, scanning, counting and sealing them, and deletes them.

An unfinished record has a due time: after a crash the sweep (`attachment_sweep.py`) finishes or removes it.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from services.requests.files import pieces
from services.requests.files.checking.pool import CheckedFile, Checkers
from services.requests.files.scanning import Scanner, ScanVerdict
from services.requests.files.store.attachments import AttachmentStore
from services.requests.files.store.contents import ContentStore
from services.requests.request.models.attachment import Attachment, FileState, Kind, clean_name
from shared.auth import Principal
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, KeyReusedError
from shared.events import ANONYMOUS
from shared.rights import WORKERS
from shared.seal import KeyRing, SealPurpose


@dataclass(frozen=True)
class Label:
    """The sender's name for a file, and the document of the charter that it is."""

    name: str | None = None
    document: str | None = None


@dataclass(frozen=True)
class FileLimits:
    """`quota` is bytes per account, `anonymous_quota` bytes per anonymous request.

    A file that no request names is kept for `keep`; scanned again every `rescan`.
    """

    quota: int = 100_000_000
    anonymous_quota: int = 25_000_000
    keep: timedelta = timedelta(hours=24)
    rescan: timedelta = timedelta(minutes=1)
    writing: timedelta = timedelta(minutes=10)

    def quota_of(self, owner: str) -> int:
        """The total number of bytes that an owner may have."""
        return self.anonymous_quota if owner.startswith(ANONYMOUS) else self.quota


@dataclass(frozen=True)
class Kept:
    """A stored attachment; `replayed` if it is an earlier upload with the same key."""

    attachment: Attachment
    replayed: bool


@dataclass(frozen=True, slots=True)
class FileKeeper:
    """Stores and deletes files, independently of requests."""

    store: AttachmentStore
    contents: ContentStore
    checkers: Checkers
    scanner: Scanner
    keys: KeyRing
    limits: FileLimits

    async def keep(self, principal: Principal, key: str, body: bytes, label: Label, kind: Kind, number: str) -> Kept:
        """Store a file; the same key and body for the same request (or none) return the first one again.

        Raises what checking raises, InvalidError for an infected file, ConflictError, KeyReusedError.
        """
        purpose = " ".join(filter(None, (number, label.document)))
        body_hash = hashlib.sha256(purpose.encode() + b"\0" + body).hexdigest()
        if earlier := await self.store.by_key(principal.id, key):
            return _replay(earlier, body_hash)
        checked = await self.checkers.check(body)
        verdict = await self.scanner.scan(checked.content)
        if verdict is ScanVerdict.INFECTED:
            raise InvalidError("file-infected")
        attachment = self._attachment(principal, checked, label, kind)
        attachment.idempotency_key, attachment.body_hash = key, body_hash
        [clash] = await self.store.insert_many([attachment])
        if clash is not None:
            earlier = await self.store.by_key(principal.id, key)
            return _replay(earlier or attachment, body_hash)
        await self._require_quota(attachment)
        file_key = self.keys.unseal(attachment.sealed_key, SealPurpose.ATTACHMENT_KEY, owner=attachment.id)
        await self.contents.write(attachment.id, file_key, checked.content)
        return Kept(await self._written(attachment.id, verdict), replayed=False)

    def read(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The file, piece by piece. Raises SealBrokenError, and MissingFileError while it is read."""
        key = self.keys.unseal(attachment.sealed_key, SealPurpose.ATTACHMENT_KEY, owner=attachment.id)
        return self.contents.read(attachment.id, key, attachment.bytes)

    async def remove(self, attachment: Attachment) -> None:
        """Delete a file and its record."""
        await self.contents.delete(attachment.id)
        await self.store.delete(attachment.id)

    def _attachment(self, principal: Principal, checked: CheckedFile, label: Label, kind: Kind) -> Attachment:
        now, name, file_id = utc_now(), clean_name(label.name), secrets.token_hex(16)
        return Attachment(
            id=file_id,
            owner=principal.id,
            kind=kind,
            document=label.document,
            type=checked.type,
            bytes=len(checked.content),
            width=checked.width,
            height=checked.height,
            sha256=hashlib.sha256(checked.content).hexdigest(),
            sealed_name=self.keys.seal(name, SealPurpose.ATTACHMENT_NAME, owner=file_id) if name else None,
            sealed_key=self.keys.seal(pieces.new_key(), SealPurpose.ATTACHMENT_KEY, owner=file_id),
            counted=principal.role not in WORKERS,
            created_at=now,
            due_at=now + self.limits.writing,
        )

    async def _require_quota(self, attachment: Attachment) -> None:
        """Remove a new file and raise ConflictError("file-quota") if its owner's files, with it, are too many bytes.

        Several files that arrive at once can all be refused where each alone would fit.
        """
        most = self.limits.quota_of(attachment.owner)
        if attachment.counted and await self.store.bytes_of(attachment.owner) > most:
            await self.store.delete(attachment.id)
            raise ConflictError("file-quota", megabytes=most // 1_000_000)

    async def _written(self, attachment_id: str, verdict: ScanVerdict) -> Attachment:
        attachment = await self.store.get(attachment_id)
        if attachment is None:  # the sweep removed it because it took so long
            raise ConflictError("idempotency-running")
        clean = verdict is ScanVerdict.CLEAN
        attachment.state = FileState.CLEAN if clean else FileState.QUARANTINED
        attachment.due_at = utc_now() + (self.limits.keep if clean else self.limits.rescan)
        if await self.store.save_many([attachment]):
            raise ConflictError("idempotency-running")
        return attachment


def _replay(earlier: Attachment, body_hash: str) -> Kept:
    if earlier.body_hash != body_hash:
        raise KeyReusedError
    if earlier.state == FileState.STORING:
        raise ConflictError("idempotency-running", headers={"Retry-After": "2"})
    return Kept(earlier, replayed=True)
