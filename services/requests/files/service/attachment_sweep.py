"""Finishes work on attachments: scans again, and removes files that are unused or discarded.

Any replica takes what is due. Repeating a step does no harm.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.requests.files.scanning import ScanVerdict
from services.requests.files.service.keeping import FileKeeper
from services.requests.files.store.contents import MissingFileError
from services.requests.request.models.attachment import Attachment, FileState
from services.requests.request.models.files import publish_evidence, remove_infected
from services.requests.request.store.requests import RequestStore
from shared.clock import utc_now
from shared.seal import SealBrokenError

LEASE = timedelta(minutes=2)
MAX_DISCARDED = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AttachmentSweep:
    """Processes due attachments; run it as a task."""

    keeping: FileKeeper
    requests: RequestStore

    async def run(self) -> None:
        """Process everything that is due."""
        while (attachment := await self.keeping.store.claim_due(LEASE)) is not None:
            await self._process(attachment)
        for request in await self.requests.discarding(MAX_DISCARDED):
            for attachment in (await self.keeping.store.load_many(request.discarded)).values():
                await self.keeping.remove(attachment)
            request.discarded = []
            await self.requests.save_many([request])  # one that lost the race is found again

    async def _process(self, attachment: Attachment) -> None:
        old = utc_now() >= attachment.created_at + self.keeping.limits.keep
        number = await self.requests.naming(attachment.id)
        if attachment.state == FileState.QUARANTINED and (number or not old):
            attachment.state = await self._state_after_scan(attachment)
        if attachment.state == FileState.INFECTED:
            await self._remove_infected(attachment, number)
        elif attachment.state == FileState.STORING or (number is None and old):
            log.info("attachments.removed", state=str(attachment.state), age=(utc_now() - attachment.created_at).days)
            await self.keeping.remove(attachment)
        elif attachment.state == FileState.QUARANTINED:
            attachment.request, attachment.due_at = number, utc_now() + self.keeping.limits.rescan
            await self.keeping.store.save_many([attachment])
        elif number is None:
            attachment.due_at = attachment.created_at + self.keeping.limits.keep
            await self.keeping.store.save_many([attachment])
        else:
            await self._finish(attachment, number)

    async def _state_after_scan(self, attachment: Attachment) -> FileState:
        try:
            content = b"".join([piece async for piece in self.keeping.read(attachment)])
        except MissingFileError:
            log.error("attachments.content_missing")
            return FileState.QUARANTINED
        except SealBrokenError as error:  # other files are still processed
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return FileState.QUARANTINED
        verdict = await self.keeping.scanner.scan(content)
        return {ScanVerdict.CLEAN: FileState.CLEAN, ScanVerdict.INFECTED: FileState.INFECTED}.get(
            verdict, FileState.QUARANTINED
        )

    async def _finish(self, attachment: Attachment, number: str) -> None:
        """The file is clean and belongs to a request: publish evidence, and finish."""
        request = await self.requests.get(number)
        if request is not None and attachment.kind == "evidence":
            before = request.seq
            publish_evidence(request, attachment.id)
            if request.seq != before and await self.requests.save_many([request]):
                return  # another writer was faster: due again after the lease
        attachment.request, attachment.due_at = number, None
        await self.keeping.store.save_many([attachment])

    async def _remove_infected(self, attachment: Attachment, number: str | None) -> None:
        log.warning("attachments.infected", bound=number is not None)
        request = await self.requests.get(number) if number else None
        if request is not None:
            remove_infected(request, attachment.id)
            if await self.requests.save_many([request]):
                return
        await self.keeping.remove(attachment)
