"""Many requests at once: copies of real documents with new numbers, citizens and days, inserted in bulk.

A copy is made by replacing bytes of the same length in the encoded template, which takes microseconds. Sealed
values are bound to their owner: a citizen's are sealed again, because tracking opens them; a request's are not.
"""

import secrets
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel, MongoClient, WriteConcern
from pymongo.collection import Collection

from shared.seal import KeyRing, SealPurpose
from shared.tracking_number import PREFIX, PUBLIC_PREFIX, new_number

BATCH = 1000
SAMPLE = 2000
MARKS = ("relay_after", "relay_token", "sent_at", "clock_at", "clock_token")
"""Fields that sweeps search for; copies lack them, so that no sweep works on them."""
DAYS_BACK = 1500
DAY = 86_400_000
PURPOSES = {"sealed_name": SealPurpose.CITIZEN_NAME, "sealed_mobile": SealPurpose.CITIZEN_MOBILE}
"""A citizen's sealed values, and their fields."""
Document = dict[str, Any]
Seals = Mapping[str, Callable[[str], str]]
"""Sealed texts, each with a function that seals the same for another citizen."""
NONE: Seals = {}


class Template:
    """A real document, ready to be copied."""

    def __init__(self, document: Mapping[str, Any], number: str, citizen: str, seals: Seals = NONE) -> None:
        self._seals = {sealed.encode(): anew for sealed, anew in seals.items()}
        kept = {name: value for name, value in document.items() if name not in MARKS}
        self._raw = bson.encode(kept)
        self._number, self._citizen = number.encode(), citizen.encode()
        self._public = str(kept.get("public_id") or "").encode()
        self._key = str(kept.get("idempotency_key") or "").encode()
        self._dates = [(self._place(name, value), value) for name, value in kept.items() if isinstance(value, datetime)]

    def copy(self, number: str, citizen: str, days: int) -> RawBSONDocument:
        """The document as if another citizen had filed it some days earlier."""
        raw = self._raw.replace(self._number, number.encode()).replace(self._citizen, citizen.encode())
        for sealed, anew in self._seals.items():
            raw = raw.replace(sealed, anew(citizen).encode())
        if self._public:
            raw = raw.replace(self._public, f"{PUBLIC_PREFIX}{number.removeprefix(PREFIX)}".encode())
        if self._key:
            raw = raw.replace(self._key, secrets.token_hex(len(self._key))[: len(self._key)].encode())
        patched = bytearray(raw)
        for place, at in self._dates:
            struct.pack_into("<q", patched, place, milliseconds(at) - days * DAY)
        return RawBSONDocument(bytes(patched))

    def _place(self, name: str, at: datetime) -> int:
        """The offset of a time, which stays the same because lengths do."""
        head = b"\t" + name.encode() + b"\0"
        return self._raw.index(head + struct.pack("<q", milliseconds(at))) + len(head)


def seals_of(citizen: Mapping[str, Any], keys: KeyRing) -> Seals:
    """A citizen's sealed values, and how to seal values of the same length for another citizen."""
    opened = [
        (citizen[name], purpose, keys.unseal(citizen[name], purpose, owner=citizen["_id"]))
        for name, purpose in PURPOSES.items()
    ]

    def anew(words: str, purpose: SealPurpose, owner: str) -> str:
        return keys.seal(words, purpose, owner=owner)

    return {sealed: partial(anew, words, purpose) for sealed, purpose, words in opened}


def milliseconds(at: datetime) -> int:
    """A time as BSON encodes it."""
    return round(at.timestamp() * 1000)


class Mass:
    """The collections of a running suite, and the templates to fill them with."""

    def __init__(self, url: str, citizen: str, numbers: Sequence[str], keys: KeyRing) -> None:
        self._used: set[str] = set(numbers)
        client: MongoClient[Document] = MongoClient(url, tz_aware=True)
        unhurried = WriteConcern(w=1, j=False)
        self.requests = client["rabta_requests"].get_collection("requests", write_concern=unhurried)
        self.assignments = client["rabta_routing"].get_collection("assignments", write_concern=unhurried)
        self.citizens = client["rabta_requests"].get_collection("citizens", write_concern=unhurried)
        ids = {"_id": {"$in": list(numbers)}}
        self._requests = [Template(d, d["_id"], citizen) for d in self.requests.find(ids).sort("_id")]
        self._assignments = [Template(d, d["_id"], citizen) for d in self.assignments.find(ids).sort("_id")]
        copy = self.citizens.find_one({"_id": citizen})
        assert copy is not None
        assert len(self._requests) == len(self._assignments) == len(numbers)
        self._citizen = Template(copy, citizen, citizen, seals_of(copy, keys))

    def grow(self, count: int) -> tuple[list[str], float]:
        """Add copies until there are `count` with ours; returns some tracking numbers, and the seconds it took."""
        began = time.perf_counter()
        missing = count - len(self._used)
        people = [secrets.token_hex(16) for _ in range(max(1, missing // 20))]
        numbers: set[str] = set()
        while len(numbers) < missing:
            numbers.add(new_number())
        copies = [
            (number, secrets.choice(people), secrets.randbelow(DAYS_BACK), n % len(self._requests))
            for n, number in enumerate(numbers - self._used)
        ]
        self._used |= numbers
        work = (
            (self.requests, (self._requests[of].copy(n, who, days) for n, who, days, of in copies)),
            (self.assignments, (self._assignments[of].copy(n, who, days) for n, who, days, of in copies)),
            (self.citizens, (self._citizen.copy(who, who, 0) for who in people)),
        )
        with ThreadPoolExecutor() as threads:
            for filled in [threads.submit(fill, *each) for each in work]:
                filled.result()
        sample = [secrets.choice(copies)[0] for _ in range(SAMPLE)]
        return sample, time.perf_counter() - began

    def megabytes(self) -> float:
        """The disk space of requests and assignments, with indexes."""
        sizes = [each.database.command("collstats", each.name) for each in (self.requests, self.assignments)]
        return sum(int(size["storageSize"]) + int(size["totalIndexSize"]) for size in sizes) / 2**20


def fill(collection: Collection[Document], documents: Iterator[RawBSONDocument]) -> None:
    """Insert in bulk; indexes over all documents are created again afterwards, in one pass."""
    whole = {
        name: info
        for name, info in collection.index_information().items()
        if name != "_id_" and "partialFilterExpression" not in info
    }
    for name in whole:
        collection.drop_index(name)
    batch: list[RawBSONDocument] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            collection.insert_many(batch, ordered=False)
            batch = []
    if batch:
        collection.insert_many(batch, ordered=False)
    if whole:
        options = ("unique", "sparse")
        kept = {name: {option: info[option] for option in options if option in info} for name, info in whole.items()}
        collection.create_indexes([IndexModel(info["key"], name=n, **kept[n]) for n, info in whole.items()])
