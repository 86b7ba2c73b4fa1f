"""Writes, previews, publishes and retires services; each is one write guarded by the revision.

The service's record holds the current version. Before it is replaced it is archived, and the archive is never changed:
after a crash between the two writes nothing is lost or duplicated.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.versions import ServiceEntry, Stage, Version, hash_of, text_of
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.store import CatalogueStore, VersionStore
from services.requests.request.store.replicas import DepartmentReplicaStore
from shared import events
from shared.changing import change, change_loaded
from shared.clock import utc_now
from shared.errors import ConflictError, MistakesError, NotFoundError, PreconditionFailedError

log = structlog.get_logger(__name__)
BY_FILE = "file"
MAX_WAIT, WAIT_STEP = 5.0, 0.1
"""Seconds to wait for the event of a new department, and between two checks."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """The use cases of administrators for the catalogue."""

    store: CatalogueStore
    archive: VersionStore
    departments: DepartmentReplicaStore
    catalogue: Catalogue

    async def publish_at_once(self, entry: CatalogueEntry, by: str) -> ServiceEntry:
        """Publish an entry without a draft. The same entry again changes nothing.

        Raises MistakesError, ContendedError.
        """
        await self._check_departments(entry)
        text = text_of(entry)

        async def put(stored: ServiceEntry) -> bool:
            if _is_in_force(stored, text):
                return False
            stored.from_file = False
            await self._put_in_force(stored, entry, text, by)
            return True

        return await self._remember(await change(self.store, entry.code, put, lambda: ServiceEntry(id=entry.code)))

    async def publish_files(self, entries: Mapping[str, CatalogueEntry]) -> None:
        """Publish the entries of the files, unless an administrator has changed the service since."""
        for entry in entries.values():
            await self._publish_file(entry)
        await self.catalogue.refresh()

    async def _publish_file(self, entry: CatalogueEntry) -> None:
        text = text_of(entry)

        async def put(stored: ServiceEntry) -> bool:
            if stored.file_hash == hash_of(text) or _is_in_force(stored, text):
                return False
            if stored.retired_at or (stored.version and not stored.from_file):
                log.warning("catalogue.file_left", service=entry.code)
                return False
            stored.file_hash = hash_of(text)
            await self._put_in_force(stored, entry, text, BY_FILE)
            return True

        await change(self.store, entry.code, put, lambda: ServiceEntry(id=entry.code, from_file=True))

    async def write_draft(self, entry: CatalogueEntry, by: str, revision: int | None) -> ServiceEntry:
        """Start (`revision` None) or change the draft of a service. Raises MistakesError, ConflictError."""
        await self._check_departments(entry)
        stored = await self.store.get(entry.code) or ServiceEntry(id=entry.code)
        if revision is None and stored.draft is not None:
            raise ConflictError("draft-there")
        _require_revision(stored, stored.rev if revision is None else revision)
        stored.write_draft(text_of(entry), by, utc_now())
        return await self._saved(stored)

    async def discard_draft(self, code: str, revision: int) -> ServiceEntry:
        """Discard the draft."""
        stored = await self._known(code, revision)
        stored.move_draft("discard")
        return await self._saved(stored)

    async def tried(self, code: str, text: str) -> ServiceEntry:
        """Note that `text` was previewed with valid answers, if it is still the draft; returns the service."""

        def note(stored: ServiceEntry) -> bool:
            if stored.draft is None or stored.draft["json"] != text or stored.draft_stage is Stage.PREVIEW:
                return False
            stored.move_draft("try")
            return True

        await change_loaded(self.store, lambda: self.get(code), note)
        return await self.get(code)

    async def publish(self, code: str, by: str, revision: int) -> ServiceEntry:
        """Publish the previewed draft.

        Raises ConflictError, MistakesError; ValidationError if it breaks today's rules.
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
        """Accept no more filings; filed requests continue."""
        stored = await self._known(code, revision)
        now = utc_now()
        stored.retire(by, now)
        stored.emit(events.ServiceWithdrawn(version=stored.version, by=by), now)
        return await self._saved(stored)

    async def get(self, code: str) -> ServiceEntry:
        """A service with its draft. Raises NotFoundError."""
        stored = await self.store.get(code)
        if stored is None or not (stored.version or stored.draft):
            raise NotFoundError
        return stored

    async def all(self) -> list[ServiceEntry]:
        """All services, including drafts and retired ones."""
        return [stored for stored in await self.store.all() if stored.version or stored.draft]

    async def versions(self, code: str, limit: int = 100) -> list[Version]:
        """The published versions of a service, newest first. Raises NotFoundError."""
        stored = await self.get(code)
        newest = [stored.in_force] if stored.in_force else []
        return [*newest, *(v for v in await self.archive.of(code, limit) if v.number != stored.version)][:limit]

    async def _put_in_force(self, stored: ServiceEntry, entry: CatalogueEntry, text: str, by: str) -> None:
        if stored.in_force is not None:
            await self.archive.keep(stored.in_force)
        now = utc_now()
        stored.put_in_force(text, by, now)
        stored.emit(_published(entry, stored.version, by), now)

    async def _check_departments(self, entry: CatalogueEntry) -> None:
        """Raise MistakesError if a rule names an unknown department.

        The event of a new department may not have arrived yet, so this waits some seconds for it.
        """
        end = time.monotonic() + MAX_WAIT
        while mistakes := entry.unknown_departments(await self.departments.codes() | self.catalogue.departments()):
            if time.monotonic() > end:
                raise MistakesError(mistakes)
            await asyncio.sleep(WAIT_STEP)

    async def _known(self, code: str, revision: int) -> ServiceEntry:
        stored = await self.get(code)
        _require_revision(stored, revision)
        return stored

    async def _saved(self, stored: ServiceEntry) -> ServiceEntry:
        if await self.store.save_many([stored]):
            raise PreconditionFailedError
        return await self._remember(stored)

    async def _remember(self, stored: ServiceEntry) -> ServiceEntry:
        """The service as of this change, even if another writer has changed it again since."""
        written = await self.store.get(stored.id)
        assert written is not None
        self.catalogue.remember(written)
        stored.rev += 1
        return stored


def _require_revision(stored: ServiceEntry, revision: int) -> None:
    if stored.rev != revision:
        raise PreconditionFailedError


def _is_in_force(stored: ServiceEntry, text: str) -> bool:
    return bool(stored.version) and stored.retired_at is None and stored.entry["json"] == text


def _published(entry: CatalogueEntry, version: int, by: str) -> events.ServicePublished:
    return events.ServicePublished(
        version=version,
        kind=entry.kind,
        name=entry.name.model_dump(),
        due=entry.due.model_dump(exclude_none=True),
        respond=entry.respond.model_dump(exclude_none=True),
        department=[rule.model_dump(exclude_none=True) for rule in entry.department],
        evidence=entry.evidence or None,
        category=entry.category,
        by=None if by == BY_FILE else by,
    )
