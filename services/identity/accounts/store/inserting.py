"""Inserting into collections with unique indexes."""

from typing import Any

from pymongo.errors import DuplicateKeyError


async def inserted(collection: Any, document: dict[str, Any]) -> bool:
    """Insert a document; False if a unique index refuses it."""
    try:
        await collection.insert_one(document)
    except DuplicateKeyError:
        return False
    return True
