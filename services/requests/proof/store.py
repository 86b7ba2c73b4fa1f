"""`requests.receipt_keys`, `requests.day_roots` and `requests.day_tiles`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.requests.proof.models import DayRoot, ReceiptKey
from services.requests.request.store.requests import BY_CHANGE
from shared.mongo import Database, drop_indexes
from shared.proof.merkle import TILE, root_of
from shared.proof.roots import Leaf
from shared.records import known_fields

RECEIPTS = "receipts"
MAX_SIGNING = 2
"""Number of newest keys that keep their private half; older ones only verify."""


class ReceiptKeyStore:
    """Stores the keys of receipts."""

    def __init__(self, database: Database) -> None:
        self.collection = database["receipt_keys"]

    async def all(self) -> list[ReceiptKey]:
        """The keys; none before the first start."""
        found = await self.collection.find_one({"_id": RECEIPTS})
        return [ReceiptKey(**key) for key in found["keys"]] if found else []

    async def add(self, key: ReceiptKey, known: list[ReceiptKey]) -> None:
        """Add a key before the known ones; do nothing if another process has just added one."""
        if not known:
            with suppress(DuplicateKeyError):
                await self.collection.insert_one({"_id": RECEIPTS, "keys": [asdict(key)]})
            return
        keys = [asdict(kept) for kept in (key, *known)]
        for old in keys[MAX_SIGNING:]:
            old["sealed"] = ""
        await self.collection.update_one({"_id": RECEIPTS, "keys.0.kid": known[0].kid}, {"$set": {"keys": keys}})


PAGE = 1000
CLOSING = "closing"
Grown = tuple[str, list[dict[str, Any]]]
"""A number, with time and hash of each step of its history."""


class DayStore:
    """Stores closed days. A tile is one document with its leaves, ordered by number, and their root."""

    def __init__(self, database: Database) -> None:
        self.requests = database["requests"]
        self.roots = database["day_roots"]
        self.tiles = database["day_tiles"]
        self.work = database["day_work"]

    async def create_indexes(self) -> None:
        """Find the tile of a number, and requests changed since a time."""
        await self.tiles.create_index([("tiles", ASCENDING), ("first", ASCENDING)])
        await self.requests.create_index(BY_CHANGE)
        await drop_indexes(self.requests, "changed_at_1__id_1")
        long_ago = datetime.fromtimestamp(0, UTC)
        with suppress(DuplicateKeyError):  # two processes made it at once
            await self.work.update_one({"_id": CLOSING}, {"$setOnInsert": {"until": long_ago}}, upsert=True)

    async def claim(self, seconds: float) -> bool:
        """Claim the work of closing days for some seconds, by the server's clock; whether it was free."""
        until = {"$add": ["$$NOW", int(seconds * 1000)]}
        free = {"_id": CLOSING, "$expr": {"$lt": ["$until", "$$NOW"]}}
        done = await self.work.update_one(free, [{"$set": {"until": until}}])
        return bool(done.modified_count)

    async def release(self) -> None:
        """Release the claim."""
        await self.work.update_one({"_id": CLOSING}, [{"$set": {"until": "$$NOW"}}])

    async def newest(self) -> DayRoot | None:
        """The day that was closed last."""
        found = await self.page(None, 1)
        return found[0] if found else None

    async def page(self, before: str | None, limit: int) -> list[DayRoot]:
        """Closed days before a date, newest first."""
        query = {"_id": {"$lt": str(before)}} if before else {}
        found = await self.roots.find(query).sort("_id", DESCENDING).limit(limit).to_list(None)
        return [_root(document) for document in found]

    async def between(self, first: str, limit: int) -> list[DayRoot]:
        """Closed days from a date on, oldest first."""
        found = await self.roots.find({"_id": {"$gte": str(first)}}).sort("_id", ASCENDING).limit(limit).to_list(None)
        return [_root(document) for document in found]

    async def grown(self, since: datetime | None) -> AsyncIterator[Grown]:
        """Every request that changed since then."""
        query: dict[str, Any] = {"changed_at": {"$gte": since}} if since else {}
        fields = {"changed_at": 1, "history.noted_at": 1, "history.hash": 1}
        while True:
            order = [("changed_at", ASCENDING), ("_id", ASCENDING)]
            page = await self.requests.find(query, fields).sort(order).limit(PAGE).to_list(None)
            for document in page:
                yield document["_id"], document.get("history", [])
            if len(page) < PAGE:
                return
            at, number = page[-1]["changed_at"], page[-1]["_id"]
            query = {"$or": [{"changed_at": {"$gt": at}}, {"changed_at": at, "_id": {"$gt": number}}]}

    async def add_tiles(self, tiles: str, leaves: Sequence[Leaf]) -> list[str]:
        """Store the leaves (in order) as a set of tiles; the roots of the tiles."""
        roots = []
        for start in range(0, len(leaves), TILE):
            inside = leaves[start : start + TILE]
            root = root_of([leaf.hash for leaf in inside])
            kept = [[leaf.number, leaf.count, leaf.head] for leaf in inside]
            index = start // TILE
            await self.tiles.insert_one(
                {
                    "_id": f"{tiles}/{index:06d}",
                    "tiles": tiles,
                    "index": index,
                    "first": inside[0].number,
                    "root": root,
                    "leaves": kept,
                }
            )
            roots.append(root)
        return roots

    async def add_root(self, root: DayRoot) -> bool:
        """Close the day; False if another process has."""
        document = asdict(root)
        try:
            await self.roots.insert_one({"_id": document.pop("date"), **document})
        except DuplicateKeyError:
            return False
        return True

    async def tile_of(self, tiles: str, number: str) -> tuple[int, list[Leaf]] | None:
        """The index and leaves of the tile that may contain a number, or None."""
        query = {"tiles": tiles, "first": {"$lte": str(number)}}
        found = await self.tiles.find(query).sort("first", DESCENDING).limit(1).to_list(None)
        return (found[0]["index"], _leaves(found[0])) if found else None

    async def tile_roots(self, tiles: str) -> list[str]:
        """The roots of a set of tiles, in order."""
        found = await self.tiles.find({"tiles": tiles}, {"root": 1}).sort("first", ASCENDING).to_list(None)
        return [document["root"] for document in found]

    async def histories(self) -> AsyncIterator[list[dict[str, Any]]]:
        """The history of every request with its seal, in pages by number."""
        fields = {"history": 1, "history_seal": 1}
        after = ""
        while True:
            query = {"_id": {"$gt": after}}
            page = await self.requests.find(query, fields).sort("_id", ASCENDING).limit(PAGE).to_list(None)
            if not page:
                return
            yield page
            after = page[-1]["_id"]

    async def hashes_of(self, numbers: Sequence[str]) -> dict[str, list[str]]:
        """The hashes of the histories of existing requests."""
        found = await self.requests.find({"_id": {"$in": list(numbers)}}, {"history.hash": 1}).to_list(None)
        return {document["_id"]: [str(entry.get("hash", "")) for entry in document["history"]] for document in found}

    async def leaves_of(self, tiles: str) -> AsyncIterator[list[Leaf]]:
        """The leaves of a set of tiles, tile by tile, in order."""
        async for document in self.tiles.find({"tiles": tiles}).sort("first", ASCENDING):
            yield _leaves(document)


def _leaves(document: dict[str, Any]) -> list[Leaf]:
    return [Leaf(*leaf) for leaf in document["leaves"]]


def _root(document: dict[str, Any]) -> DayRoot:
    return DayRoot(date=document["_id"], **known_fields(DayRoot, document))
