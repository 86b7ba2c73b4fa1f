"""All stores of the service, on one database."""

import dataclasses
from dataclasses import dataclass

from services.requests.catalogue.store import CatalogueStore, VersionStore
from services.requests.duplicates.store import DuplicateStore
from services.requests.files.store.attachments import AttachmentStore
from services.requests.files.store.contents import ContentStore
from services.requests.filing.store import DraftStore
from services.requests.life.store import RetentionStore
from services.requests.proof.store import DayStore, ReceiptKeyStore
from services.requests.publishing.store import PartnerStore, PublicRequestStore
from services.requests.reading.store import DepartmentRequestStore, GuessStore
from services.requests.request.store.access_log import AccessLogStore
from services.requests.request.store.replicas import CitizenCopyStore, ColleagueStore, DepartmentCopyStore
from services.requests.request.store.requests import RequestStore
from shared.mongo import Database, ServerClock
from shared.settings import Settings


@dataclass(frozen=True)
class Stores:
    """One store of each kind."""

    requests: RequestStore
    duplicates: DuplicateStore
    at_department: DepartmentRequestStore
    catalogue: CatalogueStore
    versions: VersionStore
    citizens: CitizenCopyStore
    colleagues: ColleagueStore
    departments: DepartmentCopyStore
    accesses: AccessLogStore
    drafts: DraftStore
    partners: PartnerStore
    public: PublicRequestStore
    guesses: GuessStore
    days: DayStore
    retention: RetentionStore
    receipt_keys: ReceiptKeyStore
    attachments: AttachmentStore
    contents: ContentStore

    @classmethod
    def on(cls, database: Database, clock: ServerClock, settings: Settings) -> "Stores":
        """The stores of a database."""
        marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
        return cls(
            requests=RequestStore(database["requests"], clock, keys=settings.keys, **marks),
            duplicates=DuplicateStore(database["requests"]),
            at_department=DepartmentRequestStore(database["requests"]),
            catalogue=CatalogueStore(database["catalogue"], clock, **marks),
            versions=VersionStore(database),
            citizens=CitizenCopyStore(database["citizens"], clock, **marks),
            colleagues=ColleagueStore(database["colleagues"], clock, **marks),
            departments=DepartmentCopyStore(database["departments"], clock, **marks),
            accesses=AccessLogStore(database["accesses"], clock, **marks),
            drafts=DraftStore(database),
            partners=PartnerStore(database),
            public=PublicRequestStore(database["requests"]),
            guesses=GuessStore(database),
            days=DayStore(database),
            retention=RetentionStore(database),
            receipt_keys=ReceiptKeyStore(database),
            attachments=AttachmentStore(database["attachments"], clock, **marks),
            contents=ContentStore(database),
        )

    async def create_indexes(self) -> None:
        """Create the indexes of all stores."""
        for field in dataclasses.fields(self):
            store = getattr(self, field.name)
            if store not in (self.receipt_keys, self.contents):  # one has one document, the other is GridFS
                await store.create_indexes()
