"""Wiring of attachments: their stores, checking processes, antivirus, and sweep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.files.checking.pool import Checkers
from services.requests.files.service.attachment_sweep import AttachmentSweep
from services.requests.files.service.attachments import Attachments
from services.requests.files.service.documents import Documents
from services.requests.files.service.keeping import FileKeeper, FileLimits
from services.requests.files.service.upload_budget import UploadBudget
from services.requests.files.store.attachments import AttachmentStore
from services.requests.files.store.contents import ContentStore
from services.requests.files.store.quotas import QuotaStore
from services.requests.request.service.access_log import AccessLog
from services.requests.settings import RequestsSettings
from services.requests.stores import Stores
from shared.mongo import Database, ServerClock

CHECK_SECONDS = 30.0
"""Limit for checking one file."""
KEEP_UNNAMED = timedelta(days=1)
"""How long a file without a request is kept."""


@dataclass(frozen=True)
class FileServices:
    """What the application uses."""

    store: AttachmentStore
    attachments: Attachments
    sweep: AttachmentSweep
    budget: UploadBudget


@asynccontextmanager
async def file_keeping(
    database: Database, clock: ServerClock, stores: Stores, catalogue: Catalogue, settings: RequestsSettings
) -> AsyncIterator[FileServices]:
    """The file services while the context is open."""
    marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
    store, contents = AttachmentStore(database["attachments"], clock, **marks), ContentStore(database)
    await store.create_indexes()
    scanner = settings.file_scanner
    limits = FileLimits(
        quota=settings.attachment_quota,
        anonymous_quota=settings.anonymous_quota,
        keep=KEEP_UNNAMED,
        rescan=timedelta(seconds=settings.scan_again_every),
    )
    async with Checkers.running(settings.check_processes, CHECK_SECONDS) as checkers:
        keeping = FileKeeper(store, contents, QuotaStore(database), checkers, scanner, settings.keys, limits)
        documents = Documents(catalogue, stores.citizens, settings.keys)
        accesses = AccessLog(stores.accesses)
        attachments = Attachments(keeping, store, contents, stores.requests, settings.keys, accesses, documents)
        sweep = AttachmentSweep(keeping, store, contents, stores.requests, scanner, settings.keys, limits)
        yield FileServices(store, attachments, sweep, UploadBudget(settings.upload_memory))
