"""Everything that the suite's databases hold, as text: as it is stored, and as whoever had the keys could read it."""

from collections.abc import Iterable, Iterator
from typing import Any

from bson import json_util
from pymongo import MongoClient

from shared.mongo.resealing import ids_in
from shared.seal import SEALED, KeyRing, SealBrokenError, SealPurpose

OURS = "rabta_"


def documents(mongo_url: str) -> Iterator[tuple[str, str]]:
    """Every document of every collection of ours: `database.collection/_id` and its text."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    try:
        for database in client.list_database_names():
            if not database.startswith(OURS):
                continue
            for collection in client[database].list_collection_names():
                for document in client[database][collection].find({}):
                    text = json_util.dumps(document, ensure_ascii=False)
                    yield f"{database}.{collection}/{document['_id']}", text
    finally:
        client.close()


def opened(text: str, keys: KeyRing) -> Iterator[tuple[str, str]]:
    """Every sealed value in a text that these keys open: its purpose, and what it says."""
    owners = list(ids_in(text))
    for sealed in {match[0] for match in SEALED.finditer(text)}:
        if found := opened_as(sealed, owners, keys):
            yield found[0], found[2]


def opened_as(sealed: str, owners: Iterable[str], keys: KeyRing) -> tuple[str, str, str] | None:
    """The purpose and the owner it was sealed for, and what it says; None when these keys do not open it."""
    for owner in owners:
        for purpose in SealPurpose:
            try:
                return purpose, owner, keys.unseal(sealed, purpose, owner=owner)
            except SealBrokenError:
                continue
    return None


def found(mongo_url: str, secrets: list[str], keys: KeyRing | None = None) -> list[str]:
    """Where any of the secrets stands: in the clear, or (with keys) behind a seal."""
    hits = []
    for name, text in documents(mongo_url):
        hits += [f"{name}: {secret!r} in the clear" for secret in secrets if secret in text]
        for purpose, plain in opened(text, keys) if keys else ():
            hits += [f"{name}: {secret!r} sealed as {purpose}" for secret in secrets if secret in plain]
    return hits
