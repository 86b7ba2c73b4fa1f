"""The catalogue in memory: compiled checks of current and older versions."""

from collections import OrderedDict

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.finding import Finder
from services.requests.catalogue.models.versions import ServiceEntry, Version, entry_of
from services.requests.catalogue.store import CatalogueStore, VersionStore

MAX_OLD = 200
"""How many older versions are kept compiled."""


class Catalogue:
    """Entries by code. Changes by other replicas are loaded within seconds."""

    def __init__(self, store: CatalogueStore, archive: VersionStore) -> None:
        self._store = store
        self._archive = archive
        self._checks: dict[str, Checks] = {}
        self._versions: dict[str, int] = {}
        self._revisions: dict[str, int] = {}
        self._retired: set[str] = set()
        self._old: OrderedDict[tuple[str, int], Checks] = OrderedDict()
        self._finder: Finder | None = None

    async def find(self, code: str) -> tuple[Checks, int] | None:
        """The checks and version of a published service, even if retired."""
        if code not in self._checks:
            stored = await self._store.get(code)
            if stored is None or not stored.version:
                return None
            self.remember(stored)
        return self._checks[code], self._versions[code]

    async def find_version(self, code: str, number: int) -> Checks | None:
        """The checks of the version that a request was filed under."""
        if self._versions.get(code) == number:
            return self._checks[code]
        key = (code, number)
        if key not in self._old:
            version = await self.version(code, number)
            if version is None:
                return None
            self._old[key] = Checks(entry_of(version.text))
            if len(self._old) > MAX_OLD:
                self._old.popitem(last=False)
        self._old.move_to_end(key)
        return self._old[key]

    async def version(self, code: str, number: int) -> Version | None:
        """A published version, current or older."""
        stored = await self._store.get(code)
        if stored is not None and stored.in_force is not None and stored.version == number:
            return stored.in_force
        return await self._archive.get(code, number)

    def in_force(self, code: str) -> Checks | None:
        """The checks of a service that accepts filings, as far as this process knows it."""
        return None if code in self._retired else self._checks.get(code)

    def is_retired(self, code: str) -> bool:
        """Whether the service is retired."""
        return code in self._retired

    def all(self) -> list[tuple[CatalogueEntry, int]]:
        """All entries that accept filings, with their versions, ordered by code."""
        return [
            (self._checks[code].entry, self._versions[code])
            for code in sorted(self._checks)
            if code not in self._retired
        ]

    def found(self, text: str) -> list[tuple[CatalogueEntry, int]]:
        """Entries that match a text, best first; all if the text has only ignored words."""
        offered = self.all()
        if self._finder is None:
            self._finder = Finder(entry for entry, _ in offered)
        codes = self._finder.find(text)
        if codes is None:
            return offered
        by_code = {entry.code: (entry, version) for entry, version in offered}
        return [by_code[code] for code in codes]

    def names_of(self, code: str) -> tuple[str, ...]:
        """The names of a service in each language; empty for an unknown service."""
        checks = self._checks.get(code)
        return tuple(checks.entry.name.model_dump().values()) if checks else ()

    def public(self) -> dict[str, CatalogueEntry]:
        """The services whose requests are published, retired ones among them, by code."""
        return {code: checks.entry for code, checks in sorted(self._checks.items()) if checks.entry.public}

    def departments(self) -> set[str]:
        """The departments named by current rules."""
        return {rule.to for checks in self._checks.values() for rule in checks.entry.department}

    def remember(self, stored: ServiceEntry) -> None:
        """Take over the content of a record."""
        if not stored.version or stored.rev < self._revisions.get(stored.id, 0):
            return
        if self._versions.get(stored.id) != stored.version:
            self._checks[stored.id] = Checks(entry_of(stored.entry["json"]))
            self._versions[stored.id] = stored.version
        self._revisions[stored.id] = stored.rev
        (self._retired.add if stored.retired_at else self._retired.discard)(stored.id)
        self._finder = None

    async def refresh(self) -> None:
        """Load changes by other replicas."""
        revisions = await self._store.revisions()
        changed = [code for code, revision in revisions.items() if self._revisions.get(code) != revision]
        for stored in (await self._store.load_many(changed)).values() if changed else ():
            self.remember(stored)
