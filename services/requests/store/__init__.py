"""The only part of this service that knows MongoDB: one file for each collection."""

from services.requests.store.accesses import AccessStore
from services.requests.store.attachments import AttachmentStore
from services.requests.store.catalogue import CatalogueStore, VersionStore
from services.requests.store.citizens import CitizenStore
from services.requests.store.contents import ContentStore, MissingFileError
from services.requests.store.days import DayStore
from services.requests.store.departments import DepartmentStore
from services.requests.store.drafts import DraftStore
from services.requests.store.guesses import GuessStore
from services.requests.store.quotas import QuotaStore
from services.requests.store.receipt_keys import ReceiptKeyStore
from services.requests.store.requests import (
    ACTIVE_INDEX,
    ATTACHMENT_INDEX,
    CLERK_INDEX,
    IDEMPOTENCY_INDEX,
    OVERLAP,
    RequestStore,
)
from services.requests.store.retention import RetentionStore
from services.requests.store.stores import Stores

__all__ = [
    "ACTIVE_INDEX",
    "ATTACHMENT_INDEX",
    "CLERK_INDEX",
    "IDEMPOTENCY_INDEX",
    "OVERLAP",
    "AccessStore",
    "AttachmentStore",
    "CatalogueStore",
    "CitizenStore",
    "ContentStore",
    "DayStore",
    "DepartmentStore",
    "DraftStore",
    "GuessStore",
    "MissingFileError",
    "QuotaStore",
    "ReceiptKeyStore",
    "RequestStore",
    "RetentionStore",
    "Stores",
    "VersionStore",
]
