"""The catalogue in force: published entries with their compiled checks, kept in memory by each process."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import structlog

from services.requests.models.catalogue import CatalogueEntry, ServiceEntry
from services.requests.store import CatalogueStore
from services.requests.verification import Checks
from shared import events
from shared.clock import utc_now
from shared.mongo import OUTAGES

log = structlog.get_logger(__name__)
TURNS = 10


class Catalogue:
    """Entries by code. Publishing writes a new version with its event; other replicas find it within seconds."""

    def __init__(self, store: CatalogueStore) -> None:
        self._store = store
        self._checks: dict[str, Checks] = {}
        self._versions: dict[str, int] = {}

    async def find(self, code: str) -> tuple[Checks, int] | None:
        """The checks and the version of a published service."""
        if code not in self._checks:
            stored = await self._store.get(code)
            if stored is None:
                return None
            self._remember(stored)
        return self._checks[code], self._versions[code]

    def all(self) -> list[tuple[CatalogueEntry, int]]:
        """Every entry with its version, ordered by code."""
        return [(self._checks[code].entry, self._versions[code]) for code in sorted(self._checks)]

    def names_of(self, code: str) -> tuple[str, ...]:
        """The names of a service in each language; none of one that is not known here."""
        checks = self._checks.get(code)
        return tuple(checks.entry.name.model_dump().values()) if checks else ()

    async def publish(self, entry: CatalogueEntry, *, from_file: bool = False) -> int:
        """Put an entry in force; its version (the old one when nothing changed)."""
        body = entry.model_dump(exclude_none=True)
        for _ in range(TURNS):
            stored = await self._store.get(entry.code) or ServiceEntry(id=entry.code)
            if _digest(stored.entry) == _digest(body):
                break
            stored.version += 1
            # Keys of a JSON Schema may hold dots and dollars, so the entry is kept as text.
            stored.entry = {"json": json.dumps(body, ensure_ascii=False)}
            stored.from_file = from_file
            stored.emit(_published(entry, stored.version), utc_now())
            if not await self._store.save_many([stored]):
                break
        self._remember(stored)
        return stored.version

    async def publish_files(self, entries: Mapping[str, CatalogueEntry]) -> None:
        """Put the entries of the files in force."""
        for entry in entries.values():
            await self.publish(entry, from_file=True)
        await self.refresh()

    async def refresh(self) -> None:
        """Load what another replica published."""
        versions = await self._store.versions()
        if versions != self._versions:
            for stored in await self._store.all():
                self._remember(stored)

    async def refresh_forever(self, every: float) -> None:
        """Look for changes every so many seconds."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.refresh()
            except OUTAGES as error:
                log.warning("catalogue.store_away", error=type(error).__name__)

    def _remember(self, stored: ServiceEntry) -> None:
        if self._versions.get(stored.id) != stored.version:
            body = json.loads(stored.entry["json"])
            self._checks[stored.id] = Checks(CatalogueEntry.model_validate(body))
            self._versions[stored.id] = stored.version


def _digest(body: Mapping[str, Any]) -> str:
    text = body["json"] if "json" in body else json.dumps(body, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _published(entry: CatalogueEntry, version: int) -> events.ServicePublished:
    return events.ServicePublished(
        version=version,
        kind=entry.kind,
        name=entry.name.model_dump(),
        due=entry.due.model_dump(exclude_none=True),
        respond=entry.respond.model_dump(exclude_none=True),
        department=[rule.model_dump(exclude_none=True) for rule in entry.department],
    )
