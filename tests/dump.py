"""Everything that the suite's databases hold, as text: as it is stored, and as whoever had the keys could read it."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from bson import json_util
from pymongo import MongoClient

from deploy.local.home import ROOT
from shared.seal import KeyRing, SealBrokenError

OURS = "rabta_"
SEALED = re.compile(r"\b[0-9a-f]{8}\.[A-Za-z0-9_-]{38,}={0,2}")
PLACE = re.compile(r'"([a-z]+\.[a-z_]+)"')


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
    for sealed in set(SEALED.findall(text)):
        for place in places():
            try:
                yield place, keys.unseal(sealed, place)
            except SealBrokenError:
                continue


@cache
def places() -> frozenset[str]:
    """Every text in the services' code that could name a place of sealing."""
    files = (ROOT / "services").rglob("*.py")
    return frozenset(place for file in files for place in PLACE.findall(file.read_text(encoding="utf-8")))


def found(mongo_url: str, secrets: list[str], keys: KeyRing | None = None) -> list[str]:
    """Where any of the secrets stands: in the clear, or (with keys) behind a seal."""
    hits = []
    for name, text in documents(mongo_url):
        hits += [f"{name}: {secret!r} in the clear" for secret in secrets if secret in text]
        for place, plain in opened(text, keys) if keys else ():
            hits += [f"{name}: {secret!r} sealed as {place}" for secret in secrets if secret in plain]
    return hits
