"""`python -m shared.mongo.resealing SERVICE` seals a service's database again, with the present data key.

The service may keep running. For requests use `python -m services.requests.resealing`, because of its history hashes.

A document is changed only if it is still as it was read, so no write of the service is lost; a changed one is left
to the next pass. It can be stopped at any time: a new run skips what is done.
"""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.mongo.client import Database, Document, connect
from shared.seal import SEALED, KeyRing, SealBrokenError
from shared.settings import Settings

BATCH = 200
MAX_PASSES = 10
ID = re.compile(r"[A-Za-z0-9_:-]{6,80}")
"""An id anywhere in a text."""
DependentChanges = Callable[[str, Document, str, str], Mapping[str, Any]]
"""The other fields to change when a value gets a new text: by collection, document, path and new text."""


@dataclass
class Resealed:
    """The result of a run: values by key id in the last pass, and how many were resealed."""

    found: Counter[str] = field(default_factory=Counter)
    resealed: int = 0
    unknown: int = 0
    busy: int = 0

    def old(self, present: str) -> int:
        """How many values are sealed with a key other than the present one."""
        return sum(count for key_id, count in self.found.items() if key_id != present)


def no_dependent_changes(_: str, __: Document, ___: str, ____: str) -> Mapping[str, Any]:
    """No other field changes."""
    return {}


@dataclass(frozen=True)
class Resealing:
    """Reseals one database."""

    database: Database
    ring: KeyRing
    dependent_changes: DependentChanges = no_dependent_changes

    async def run(self, *, dry: bool = False) -> Resealed:
        """Reseal until a pass finds nothing to do; with `dry` only count.

        A service that read a document before may write the old text back: only a pass that finds nothing shows that
        the old key is no longer needed.
        """
        resealed = 0
        for _ in range(MAX_PASSES):
            done = await self._pass(dry)
            resealed += done.resealed
            if not (done.busy or done.resealed):
                break
        done.resealed = resealed
        return done

    async def _pass(self, dry: bool) -> Resealed:
        done = Resealed()
        for name in sorted(await self.database.list_collection_names()):
            if name.startswith("system.") or name.endswith(".chunks"):
                continue
            query: Document = {}
            while page := await self.database[name].find(query).sort("_id").limit(BATCH).to_list(None):
                for document in page:
                    await self._document(name, document, done, dry)
                query = {"_id": {"$gt": page[-1]["_id"]}}
        return done

    async def _document(self, collection: str, document: Document, done: Resealed, dry: bool) -> None:
        was: dict[str, Any] = {"_id": document["_id"]}
        new: dict[str, Any] = {}
        for path, text in texts(document):
            done.found.update(SEALED.findall(text))
            resealed = text if dry else self._reseal(text, document, done)
            if resealed != text:
                was[path], new[path] = text, resealed
                new |= self.dependent_changes(collection, document, path, resealed)
        if new:
            result = await self.database[collection].update_one(was, {"$set": new})
            values = sum(len(SEALED.findall(text)) for path, text in was.items() if path in new)
            done.resealed += values * result.matched_count
            done.busy += 1 - result.matched_count

    def _reseal(self, text: str, document: Document, done: Resealed) -> str:
        def resealed_match(match: Any) -> str:
            if match[1] == self.ring.key_id:
                return str(match[0])
            try:
                return self.ring.reseal(match[0], owners_in(document))
            except SealBrokenError:
                done.unknown += 1
                return str(match[0])

        return SEALED.sub(resealed_match, text)


def owners_in(document: Mapping[str, Any]) -> Iterator[str]:
    """The possible owners of a sealed value: the document's own id, and all ids in its texts."""
    yield str(document["_id"])
    tried = set()
    for _, text in all_texts(document):
        for found in ids_in(text):
            if found not in tried:
                tried.add(found)
                yield found


def ids_in(text: str) -> Iterator[str]:
    """All possible ids in a text."""
    return (match[0] for match in ID.finditer(SEALED.sub(" ", text)))


def texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text of a document that has a sealed value, with its path."""
    return ((path, text) for path, text in all_texts(value) if SEALED.search(text))


def all_texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a document, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from all_texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from all_texts(item, f"{path}.{index}")


def main(service: str, dependent_changes: DependentChanges = no_dependent_changes) -> None:
    """Reseal the database of one service by the settings of the environment, and report.

    With --dry-run only count by key id; else exit with 1 where the last pass still found values of an old key.
    """
    settings, dry = Settings(), "--dry-run" in sys.argv[1:]

    async def run() -> Resealed:
        name = f"{settings.mongo_prefix}_{service}"
        async with connect(settings.mongo_url.get_secret_value(), name) as database:
            return await Resealing(database, settings.keys, dependent_changes).run(dry=dry)

    done = asyncio.run(run())
    present = settings.keys.key_id
    old = done.old(present)
    counted = ", ".join(f"{key_id}: {count}" for key_id, count in sorted(done.found.items())) or "none"
    print(f"{service}: sealed values by key id in the last pass: {counted} (present key {present})")
    if dry:
        print(f"{service}: {old} are to be resealed")
    else:
        print(
            f"{service}: {done.resealed} resealed, "
            f"{done.unknown} that no key opens, {done.busy} busy, {old} of old keys"
        )
    raise SystemExit(1 if old and not dry else 0)


if __name__ == "__main__":
    main(sys.argv[1])
