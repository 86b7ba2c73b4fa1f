"""`python -m shared.mongo.resealing SERVICE` seals a service's database anew with the present data key.

The service goes on running. That of requests is `python -m services.requests.resealing`, for its history has a chain.

A document is changed only where it still holds what was read, so that no write of the service is undone; what was
busy is found by the next pass. Stopping loses nothing: a new run passes over what is done.
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

AT_ONCE = 200
MAX_PASSES = 10
ID = re.compile(r"[A-Za-z0-9_:-]{6,80}")
"""How an id may look, wherever it stands in a text."""
Besides = Callable[[str, Document, str, str], Mapping[str, Any]]
"""What else must change where a value at a path of a document of a collection gets a new text."""


@dataclass
class Resealed:
    """What a run found and did: values by key id as they were found last, and how many were sealed anew."""

    found: Counter[str] = field(default_factory=Counter)
    anew: int = 0
    unknown: int = 0
    busy: int = 0

    def old(self, present: str) -> int:
        """How many values are sealed with another key than the present one."""
        return sum(count for key_id, count in self.found.items() if key_id != present)


def nothing_besides(_: str, __: Document, ___: str, ____: str) -> Mapping[str, Any]:
    """Nothing else changes."""
    return {}


class Resealing:
    """Walks one database."""

    def __init__(self, database: Database, ring: KeyRing, besides: Besides = nothing_besides) -> None:
        self._database = database
        self._ring = ring
        self._besides = besides

    async def run(self, *, dry: bool = False) -> Resealed:
        """Seal anew until a whole pass had nothing to do; with `dry` only count.

        A service that had read a document before it was sealed anew may write the old text back: only a pass that finds
        nothing shows that the old key is needed no more.
        """
        anew = 0
        for _ in range(MAX_PASSES):
            done = await self._pass(dry)
            anew += done.anew
            if not (done.busy or done.anew):
                break
        done.anew = anew
        return done

    async def _pass(self, dry: bool) -> Resealed:
        done = Resealed()
        for name in sorted(await self._database.list_collection_names()):
            if name.startswith("system.") or name.endswith(".chunks"):
                continue
            query: Document = {}
            while page := await self._database[name].find(query).sort("_id").limit(AT_ONCE).to_list(None):
                for document in page:
                    await self._document(name, document, done, dry)
                query = {"_id": {"$gt": page[-1]["_id"]}}
        return done

    async def _document(self, collection: str, document: Document, done: Resealed, dry: bool) -> None:
        was: dict[str, Any] = {"_id": document["_id"]}
        new: dict[str, Any] = {}
        for path, text in texts(document):
            done.found.update(SEALED.findall(text))
            resealed = text if dry else self._anew(text, document, done)
            if resealed != text:
                was[path], new[path] = text, resealed
                new |= self._besides(collection, document, path, resealed)
        if new:
            result = await self._database[collection].update_one(was, {"$set": new})
            values = sum(len(SEALED.findall(text)) for path, text in was.items() if path in new)
            done.anew += values * result.matched_count
            done.busy += 1 - result.matched_count

    def _anew(self, text: str, document: Document, done: Resealed) -> str:
        def one(match: Any) -> str:
            if match[1] == self._ring.key_id:
                return str(match[0])
            try:
                return self._ring.reseal(match[0], owners_in(document))
            except SealBrokenError:
                done.unknown += 1
                return str(match[0])

        return SEALED.sub(one, text)


def owners_in(document: Mapping[str, Any]) -> Iterator[str]:
    """What a value in a document may belong to: the document itself, or whatever else it names anywhere."""
    yield str(document["_id"])
    tried = set()
    for _, text in all_texts(document):
        for found in ids_in(text):
            if found not in tried:
                tried.add(found)
                yield found


def ids_in(text: str) -> Iterator[str]:
    """What could be an id in a text."""
    return (match[0] for match in ID.finditer(SEALED.sub(" ", text)))


def texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text of a document that holds something sealed, with its path."""
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


def main(service: str, besides: Besides = nothing_besides) -> None:
    """Seal the database of one service anew by the settings of the environment, and report.

    With --dry-run it only counts by key id; else it ends with 1 where the last pass still found values of an old key.
    """
    settings, dry = Settings(), "--dry-run" in sys.argv[1:]

    async def run() -> Resealed:
        name = f"{settings.mongo_prefix}_{service}"
        async with connect(settings.mongo_url.get_secret_value(), name) as database:
            return await Resealing(database, settings.keys, besides).run(dry=dry)

    done = asyncio.run(run())
    present = settings.keys.key_id
    old = done.old(present)
    counted = ", ".join(f"{key_id}: {count}" for key_id, count in sorted(done.found.items())) or "none"
    print(f"{service}: sealed values by key id in the last pass: {counted} (present key {present})")
    if dry:
        print(f"{service}: {old} are to be sealed anew")
    else:
        print(
            f"{service}: {done.anew} sealed anew, {done.unknown} that no key opens, {done.busy} busy, {old} of old keys"
        )
    raise SystemExit(1 if old and not dry else 0)


if __name__ == "__main__":
    main(sys.argv[1])
