"""Finds personal data in databases and bytes: in the clear, sealed, in every spelling, and compressed."""

import base64
import hashlib
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import product
from urllib.parse import quote, quote_plus

import bson
from bson import json_util
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from shared.mongo.resealing import ids_in
from shared.seal import SEALED, KeyRing, SealBrokenError, SealPurpose

OURS = "rabta_"


def documents(mongo_url: str) -> Iterator[tuple[str, str]]:
    """Every document of every collection: `database.collection/_id` and its text."""
    return ((name, text_of(stored)) for name, stored in stored_documents(mongo_url))


def stored_documents(mongo_url: str) -> Iterator[tuple[str, bytes]]:
    """Every document as it is stored, which is much quicker to search than its text."""
    client: MongoClient[RawBSONDocument] = MongoClient(mongo_url, document_class=RawBSONDocument)
    with client:
        for database in client.list_database_names():
            if not database.startswith(OURS):
                continue
            for collection in client[database].list_collection_names():
                for document in client[database][collection].find({}):
                    yield f"{database}.{collection}/{document['_id']}", bytes(document.raw)


@cache
def text_of(stored: bytes) -> str:
    """The text of a document. Most documents are looked at again."""
    return json_util.dumps(bson.decode(stored), ensure_ascii=False)


@cache
def opened(stored: bytes, keys: KeyRing) -> Sequence[tuple[str, str]]:
    """Every sealed value in a document that these keys open: its purpose and its text."""
    text = text_of(stored) if SEALED_BYTES.search(stored) else ""
    owners = list(ids_in(text))
    found = [opened_as(match, owners, keys) for match in {match[0] for match in SEALED.finditer(text)}]
    return [(one[0], one[2]) for one in found if one]


SEALED_BYTES = re.compile(SEALED.pattern.encode())
_likely = list(SealPurpose)
"""All purposes, the last one found first: neighbours are alike."""


def opened_as(sealed: str, owners: Iterable[str], keys: KeyRing) -> tuple[str, str, str] | None:
    """Purpose, owner and text of a sealed value; None when these keys do not open it."""
    for purpose, owner in product(tuple(_likely), owners):
        with suppress(SealBrokenError):
            text = keys.unseal(sealed, purpose, owner=owner)
            _likely.remove(purpose)
            _likely.insert(0, purpose)
            return purpose, owner, text
    return None


def found(mongo_url: str, secrets: list[str], keys: KeyRing | None = None, older: Collection[bytes] = ()) -> list[str]:
    """The documents that contain any of the secrets, in the clear or, with keys, sealed.

    Those in `older` are not looked at: they were stored like this before there were any secrets.
    """
    hits = []
    for name, stored in stored_documents(mongo_url):
        if stored in older:
            continue
        hits += [f"{name}: {secret!r} in the clear" for secret in secrets if secret.encode() in stored]
        for purpose, plain in opened(stored, keys) if keys else ():
            hits += [f"{name}: {secret!r} sealed as {purpose}" for secret in secrets if secret in plain]
    return hits


URDU, ARABIC = (str.maketrans("0123456789", digits) for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"))
PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
MAX_UNPACKED = 1_000_000


def spellings(value: str) -> dict[str, bytes]:
    """The spellings of a value to search for in lower-case bytes, by name."""
    raw = value.encode()
    plain = {
        "plain": value,
        "escaped": value.encode("unicode_escape").decode(),
        "in an address": quote(value, safe=""),
        "in a query": quote_plus(value),
        "in Urdu digits": value.translate(URDU),
        "in Arabic digits": value.translate(ARABIC),
        "in hex": raw.hex(),
        **{f"its {kind}": hashlib.new(kind, raw).hexdigest() for kind in ("md5", "sha1", "sha256", "sha512")},
        "its SHA-256 in base64": base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("="),
        "its SHA-256 in base64url": base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("="),
    }
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        plain[f"in base64, {shift}"] = coded[(0, 2, 3)[shift] : len(coded) - (0, 4, 4)[-(shift + len(raw)) % 3]]
    written = {how: text.encode().lower() for how, text in plain.items()}
    return written | {"in UTF-16": value.lower().encode("utf-16-le")}


def unpacked(blob: bytes) -> Iterator[bytes]:
    """The bytes, and the decompressed content of any gzip or zlib data in them."""
    yield blob
    rest = memoryview(blob)  # a copy for each match took seconds
    for match in PACKED.finditer(blob):
        try:
            if inside := zlib.decompressobj(47).decompress(rest[match.start() :], MAX_UNPACKED):
                yield inside
        except zlib.error:
            continue
