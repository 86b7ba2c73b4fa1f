"""All stores of the service, on one database."""

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
from services.requests.request.store.replicas import CitizenReplicaStore, ColleagueStore, DepartmentReplicaStore
from services.requests.request.store.requests import RequestStore
from shared.mongo import Database, ServerClock
from shared.settings import Settings


class Stores:
    """One store of each kind."""

    def __init__(self, database: Database, clock: ServerClock, settings: Settings) -> None:
        marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
        self.requests = RequestStore(database["requests"], clock, keys=settings.keys, **marks)
        self.duplicates = DuplicateStore(database["requests"])
        self.at_department = DepartmentRequestStore(database["requests"])
        self.catalogue = CatalogueStore(database["catalogue"], clock, **marks)
        self.versions = VersionStore(database)
        self.citizens = CitizenReplicaStore(database["citizens"], clock, **marks)
        self.colleagues = ColleagueStore(database["colleagues"], clock, **marks)
        self.departments = DepartmentReplicaStore(database["departments"], clock, **marks)
        self.accesses = AccessLogStore(database["accesses"], clock, **marks)
        self.drafts = DraftStore(database)
        self.partners = PartnerStore(database)
        self.public = PublicRequestStore(database["requests"])
        self.guesses = GuessStore(database)
        self.days = DayStore(database)
        self.retention = RetentionStore(database)
        self.receipt_keys = ReceiptKeyStore(database)
        self.attachments = AttachmentStore(database["attachments"], clock, **marks)
        self.contents = ContentStore(database)

    async def create_indexes(self) -> None:
        """Create the indexes of all stores."""
        for store in vars(self).values():
            if hasattr(store, "create_indexes"):
                await store.create_indexes()
