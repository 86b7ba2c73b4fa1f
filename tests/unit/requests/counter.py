"""The use cases of filing on stores in memory, for tests."""

import json
from collections.abc import Collection, Sequence
from typing import Any, cast

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates.store import DuplicateStore
from services.requests.files.store.attachments import AttachmentStore
from services.requests.filing.service.filing import FiledBy
from services.requests.filing.service.intake import FilingResult, Intake
from services.requests.life.service.citizen import CitizenActs
from services.requests.reading.service.reading import Reading
from services.requests.reading.service.search import TextSearch
from services.requests.request.models.attachment import Attachment
from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from services.requests.request.models.request import Request
from services.requests.request.service.access_log import AccessLog
from services.requests.request.service.colleagues import Colleagues
from services.requests.request.store.requests import RequestStore
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, a_catalogue_entry, words
from tests.fakes import FakeLooks, MemoryStore

UNIQUE = [("citizen_id", "idempotency_key"), ("filed_by", "idempotency_key"), ("citizen_id", "active_service")]
MOBILE = "+923001234567"
NAME = "Amina Khan"
RULE = {
    "code": "described",
    "requires": {"properties": {"answers": {"required": ["description"]}}},
    "otherwise": "information_needed",
    "passed": words("You described it."),
    "failed": words("Describe it."),
}


class MemoryRequests(MemoryStore[Request]):
    """Requests in memory, with the queries of the real store."""

    async def by_key(self, citizen_id: str, key: str) -> Request | None:
        """The request that a citizen filed with a key."""
        return await self._first(citizen_id=citizen_id, idempotency_key=key)

    async def by_clerk_key(self, clerk_id: str, key: str) -> Request | None:
        """The request that a clerk filed with a key."""
        return await self._first(filed_by=clerk_id, idempotency_key=key)

    async def active(self, citizen_id: str, service: str) -> Request | None:
        """The citizen's active request for a service."""
        return await self._first(citizen_id=citizen_id, active_service=service)

    async def _first(self, **fields: str) -> Request | None:
        for key, document in self.documents.items():
            if all(document[name] == value for name, value in fields.items()):
                return await self.get(key)
        return None


class MemoryAttachments(MemoryStore[Attachment]):
    """Attachments in memory, as filing uses them."""

    async def free(self, owner: str, ids: Collection[str]) -> dict[str, Attachment]:
        """Attachments of the account that belong to no request yet."""
        found = await self.load_many(ids)
        return {key: one for key, one in found.items() if one.owner == owner and one.request is None}

    async def bind(self, number: str, ids: Collection[str]) -> None:
        """Bind attachments to a request."""
        for key in ids:
            self.documents[key] |= {"request": number, "due_at": None}


class FixedCatalogue:
    """A catalogue with one service, or none."""

    def __init__(self, checks: Checks | None) -> None:
        self.checks = checks
        self.version = 1
        self.older: dict[int, Checks] = {}
        self.retired = False

    def in_force(self, code: str) -> Checks | None:
        """The checks of a published service."""
        return None if self.retired else self.checks

    def is_retired(self, code: str) -> bool:
        """Whether the service is retired."""
        return self.retired

    async def find_version(self, code: str, number: int) -> Checks | None:
        """The checks of one version."""
        return self.checks if number == self.version else self.older.get(number)

    async def find(self, code: str) -> tuple[Checks, int] | None:
        """The service, if it is that one."""
        return (self.checks, self.version) if self.checks and code == self.checks.entry.code else None


class NothingMerged:
    """A store of duplicates without merged requests, unless a test adds some."""

    def __init__(self) -> None:
        self.into: dict[str, list[Request]] = {}

    async def merged_into(self, number: str, limit: int) -> list[Request]:
        """The requests merged into a request."""
        return self.into.get(number, [])[:limit]


class Counter:
    """The use cases of filing."""

    def __init__(self, *, unique: Sequence[tuple[str, ...]] = UNIQUE, **entry: Any) -> None:
        self.store = MemoryRequests(Request, unique=unique)
        self.catalogue = FixedCatalogue(Checks(a_catalogue_entry(**{"eligibility": [RULE], **entry})))
        store, catalogue = cast(RequestStore, self.store), cast(Catalogue, self.catalogue)
        self.citizens = MemoryStore(CitizenReplica)
        self.attachments = MemoryAttachments(Attachment, unique=[("owner", "idempotency_key")])
        files = cast(AttachmentStore, self.attachments)
        self.intake = Intake(store, catalogue, self.citizens, KEYS, attachments=files)
        self.acts = CitizenActs(store, catalogue, self.citizens, KEYS)
        self.colleagues, self.merged = MemoryStore(Colleague), NothingMerged()
        colleagues = Colleagues(self.colleagues, MemoryStore(DepartmentReplica), KEYS)
        self.looks = FakeLooks()
        search, looks, merged = TextSearch(KEYS, lambda _: ()), AccessLog(self.looks), cast(DuplicateStore, self.merged)
        self.reading = Reading(store, self.citizens, KEYS, search, looks, merged, colleagues)

    async def file(self, key: str = "key", citizen: str = CITIZEN, **changes: Any) -> FilingResult:
        """File a request."""
        return await self.intake.file(FiledBy(citizen), key, a_filing(**changes), "en")

    async def clerk_files(self, key: str = "key", clerk: str = "clerk-1", **changes: Any) -> FilingResult:
        """File as a clerk for a citizen."""
        given = {"on_behalf_of": CITIZEN, "channel": "counter", **changes}
        return await self.intake.file(FiledBy(clerk, "clerk"), key, a_filing(**given), "en")

    async def know(self, citizen: str = CITIZEN, **fields: Any) -> None:
        """Handle the event of a citizen's registration."""
        copy = CitizenReplica(id=citizen, verified=True, **fields)
        copy.sealed_name = KEYS.seal(NAME, SealPurpose.CITIZEN_NAME, owner=citizen)
        copy.sealed_mobile = KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=citizen)
        await self.citizens.insert_many([copy])


def a_filing(**changes: Any) -> bytes:
    """The body of a filing."""
    filing: dict[str, Any] = {
        "service": "street-light-out",
        "place": {"district": "peshawar", "address": "Street 4"},
        "answers": {"lights": "one", "description": "The lamp is dark."},
    }
    return json.dumps(filing | changes).encode()
