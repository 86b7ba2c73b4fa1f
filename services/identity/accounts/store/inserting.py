"""Inserting where something is unique."""

from typing import Any

from pymongo.errors import DuplicateKeyError


async def inserted(collection: Any, document: dict[str, Any]) -> bool:
    """Insert a document; False when something unique is taken."""
    try:
        await collection.insert_one(document)
    except DuplicateKeyError:
        return False
    return True
