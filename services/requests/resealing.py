"""`python -m services.requests.resealing` reseals this service's database with the present data key.

Texts of a history are part of its chain, so each resealed text gets a mark.
"""

import re
from collections.abc import Mapping
from typing import Any

from services.requests.request.models import chain
from shared.mongo.resealing import DependentChanges, main
from shared.seal import KeyRing
from shared.settings import Settings

WORDS = re.compile(r"history\.([0-9]+)\.sealed_words")


def chained(keys: KeyRing) -> DependentChanges:
    """The additional change for a resealed text of a history entry: its mark."""

    def dependent_changes(collection: str, document: dict[str, Any], path: str, sealed: str) -> Mapping[str, Any]:
        match = WORDS.fullmatch(path)
        if collection != "requests" or match is None:
            return {}
        entry = dict(document["history"][int(match[1])])
        chain.reseal(keys, document["_id"], entry, sealed)
        return {f"history.{match[1]}.{chain.RESEALED}": entry[chain.RESEALED]}

    return dependent_changes


if __name__ == "__main__":
    main("requests", chained(Settings().keys))
