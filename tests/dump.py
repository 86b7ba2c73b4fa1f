"""Everything that the suite's databases hold, as text: as it is stored, and as whoever had the keys could read it."""

from collections.abc import Iterable, Iterator
from typing import Any

from bson import json_util
from pymongo import MongoClient

from services.identity import resealing as identity
from services.notifier import resealing as notifier
from services.requests import resealing as requests
from services.routing import resealing as routing
from shared.mongo.resealing import ids_in
from shared.seal import SEALED, KeyRing, SealBrokenError

OURS = "rabta_"
PLACES = tuple(sorted({*identity.PLACES, *requests.PLACES, *routing.PLACES, *notifier.PLACES}))


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
    """Every sealed value in a text that these keys open: the place it was sealed for, and what it says."""
    owners = list(ids_in(text))
    for sealed in {match[0] for match in SEALED.finditer(text)}:
        if found := opened_as(sealed, owners, keys):
            yield found[0], found[2]


def opened_as(sealed: str, owners: Iterable[str], keys: KeyRing) -> tuple[str, str, str] | None:
    """For which place and owner it was sealed, and what it says; None when these keys do not open it."""
    for of in owners:
        for place in PLACES:
            try:
                return place, of, keys.unseal(sealed, place, of=of)
            except SealBrokenError:
                continue
    return None


def found(mongo_url: str, secrets: list[str], keys: KeyRing | None = None) -> list[str]:
    """Where any of the secrets stands: in the clear, or (with keys) behind a seal."""
    hits = []
    for name, text in documents(mongo_url):
        hits += [f"{name}: {secret!r} in the clear" for secret in secrets if secret in text]
        for place, plain in opened(text, keys) if keys else ():
            hits += [f"{name}: {secret!r} sealed as {place}" for secret in secrets if secret in plain]
    return hits
