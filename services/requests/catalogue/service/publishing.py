"""Writing, trying, publishing and retiring services. One write each, guarded by the revision.

The version in force stands in the service's record. Before another takes its place it is put into the archive, where
nothing is ever changed; so a process may die between the two writes and nothing is lost or there twice.
"""

import asyncio
import json
import time
from collections.abc import Collection, Mapping

import structlog

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.versions import ServiceEntry, Stage, Version, hash_of, text_of
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.store import CatalogueStore, VersionStore
from services.requests.request.store.replicas import DepartmentCopyStore
from shared import events
from shared.changing import change_loaded
from shared.clock import utc_now
from shared.errors import ConflictError, MistakesError, NotFoundError, PreconditionFailedError

log = structlog.get_logger(__name__)
BY_FILE = "file"
HEARD_SECONDS, LOOK_EVERY = 5.0, 0.1
"""How long word of a new department is waited for, and how often it is looked for."""


class DraftThereError(ConflictError):
    """The service has a draft already."""

    code = "draft-there"


class Publishing:
    """The administrator's work on the catalogue."""

    def __init__(
        self, store: CatalogueStore, archive: VersionStore, departments: DepartmentCopyStore, catalogue: Catalogue
    ) -> None:
        self._store = store
        self._archive = archive
        self._departments = departments
        self._catalogue = catalogue

    async def publish_at_once(self, entry: CatalogueEntry, by: str) -> ServiceEntry:
        """Put an entry in force without a draft. The same entry again changes nothing.

        Raises MistakesError, ContendedError.
        """
        await self._check_departments(entry)
        text = text_of(entry)

        async def load() -> ServiceEntry:
            return await self._store.get(entry.code) or ServiceEntry(id=entry.code)

        async def put(stored: ServiceEntry) -> bool:
            if self._is_in_force(stored, text):
                return False
            stored.from_file = False
            await self._put_in_force(stored, entry, text, by)
            return True

        return await self._done(await change_loaded(self._store, load, put))

    async def publish_files(self, entries: Mapping[str, CatalogueEntry]) -> None:
        """Put the entries of the files in force, except where an administrator has changed the service since."""
        for entry in entries.values():
            await self._publish_file(entry)
        await self._catalogue.refresh()

    async def _publish_file(self, entry: CatalogueEntry) -> None:
        text = text_of(entry)

        async def load() -> ServiceEntry:
            return await self._store.get(entry.code) or ServiceEntry(id=entry.code, from_file=True)

        async def put(stored: ServiceEntry) -> bool:
            if stored.file_hash == hash_of(text) or self._is_in_force(stored, text):
                return False
            if stored.retired_at or (stored.version and not stored.from_file):
                log.warning("catalogue.file_left", service=entry.code)
                return False
            stored.file_hash = hash_of(text)
            await self._put_in_force(stored, entry, text, BY_FILE)
            return True

        await change_loaded(self._store, load, put)

    async def write_draft(self, entry: CatalogueEntry, by: str, revision: int | None) -> ServiceEntry:
        """Begin or change the draft of a service; `revision` None begins one. Raises MistakesError, DraftThereError."""
        await self._check_departments(entry)
        stored = await self._store.get(entry.code) or ServiceEntry(id=entry.code)
        if revision is None and stored.draft is not None:
            raise DraftThereError
        self._expect(stored, stored.rev if revision is None else revision)
        stored.write_draft(text_of(entry), by, utc_now())
        return await self._saved(stored)

    async def discard_draft(self, code: str, revision: int) -> ServiceEntry:
        """Throw the draft away."""
        stored = await self._known(code, revision)
        stored.move_draft("discard")
        return await self._saved(stored)

    async def tried(self, code: str, text: str) -> ServiceEntry:
        """Note that `text` was tried with answers that its form takes, if it is the draft still; the service then.

        Nothing of the answers is kept.
        """

        def note(stored: ServiceEntry) -> bool:
            if stored.draft is None or stored.draft["json"] != text or stored.draft_stage is Stage.PREVIEW:
                return False
            stored.move_draft("try")
            return True

        await change_loaded(self._store, lambda: self.get(code), note)
        return await self.get(code)

    async def publish(self, code: str, by: str, revision: int) -> ServiceEntry:
        """Put the draft in force, as it was tried.

        Raises VersionRefusedError, MistakesError; ValidationError for one that today's rules do not take any more.
        """
        stored = await self._known(code, revision)
        text = stored.draft["json"] if stored.draft else ""
        stored.move_draft("publish")
        entry = CatalogueEntry.model_validate(json.loads(text))
        await self._check_departments(entry)
        stored.from_file = False
        await self._put_in_force(stored, entry, text, by)
        return await self._saved(stored)

    async def retire(self, code: str, by: str, revision: int) -> ServiceEntry:
        """Take no more filings; requests that were filed go on."""
        stored = await self._known(code, revision)
        stored.retire(by, utc_now())
        return await self._saved(stored)

    async def get(self, code: str) -> ServiceEntry:
        """A service with its draft. Raises NotFoundError."""
        stored = await self._store.get(code)
        if stored is None or not (stored.version or stored.draft):
            raise NotFoundError
        return stored

    async def all(self) -> list[ServiceEntry]:
        """Every service, drafts and retired ones too."""
        return [stored for stored in await self._store.all() if stored.version or stored.draft]

    async def versions(self, code: str, limit: int = 100) -> list[Version]:
        """The published versions of a service, newest first. Raises NotFoundError."""
        stored = await self.get(code)
        newest = [stored.in_force] if stored.in_force else []
        return [*newest, *(v for v in await self._archive.of(code, limit) if v.number != stored.version)][:limit]

    async def _put_in_force(self, stored: ServiceEntry, entry: CatalogueEntry, text: str, by: str) -> None:
        if stored.in_force is not None:
            await self._archive.keep(stored.in_force)
        now = utc_now()
        stored.put_in_force(text, by, now)
        stored.emit(_published(entry, stored.version), now)

    async def _check_departments(self, entry: CatalogueEntry) -> None:
        """Whether each rule leads to a department that was heard of. Raises MistakesError.

        Word of one that was just made may still be on its way, so it is looked for again for some seconds.
        """
        end = time.monotonic() + HEARD_SECONDS
        while mistakes := entry.unknown_departments(await self._known_departments()):
            if time.monotonic() > end:
                raise MistakesError(mistakes)
            await asyncio.sleep(LOOK_EVERY)

    async def _known_departments(self) -> Collection[str]:
        return await self._departments.codes() | self._catalogue.departments()

    async def _known(self, code: str, revision: int) -> ServiceEntry:
        stored = await self.get(code)
        self._expect(stored, revision)
        return stored

    async def _saved(self, stored: ServiceEntry) -> ServiceEntry:
        if await self._store.save_many([stored]):
            raise PreconditionFailedError
        return await self._done(stored)

    async def _done(self, stored: ServiceEntry) -> ServiceEntry:
        """The service as this change has left it, though somebody else may have changed it again since."""
        written = await self._store.get(stored.id)
        assert written is not None
        self._catalogue.remember(written)
        stored.rev += 1
        return stored

    @staticmethod
    def _expect(stored: ServiceEntry, revision: int) -> None:
        if stored.rev != revision:
            raise PreconditionFailedError

    @staticmethod
    def _is_in_force(stored: ServiceEntry, text: str) -> bool:
        return bool(stored.version) and stored.retired_at is None and stored.entry["json"] == text


def _published(entry: CatalogueEntry, version: int) -> events.ServicePublished:
    return events.ServicePublished(
        version=version,
        kind=entry.kind,
        name=entry.name.model_dump(),
        due=entry.due.model_dump(exclude_none=True),
        respond=entry.respond.model_dump(exclude_none=True),
        department=[rule.model_dump(exclude_none=True) for rule in entry.department],
        evidence=entry.evidence or None,
    )
