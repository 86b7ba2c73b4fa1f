"""`python -m services.requests.resealing` seals this service's database anew with the present data key.

Words in a history are vouched for by its chain, which is told of their new text.
"""

import re
from collections.abc import Mapping
from typing import Any

from services.requests.request.models import chain
from shared.mongo.resealing import Besides, main
from shared.seal import KeyRing
from shared.settings import Settings

WORDS = re.compile(r"history\.([0-9]+)\.sealed_words")


def chained(keys: KeyRing) -> Besides:
    """What vouches for new words of a history entry."""

    def besides(collection: str, document: dict[str, Any], path: str, sealed: str) -> Mapping[str, Any]:
        match = WORDS.fullmatch(path)
        if collection != "requests" or match is None:
            return {}
        entry = dict(document["history"][int(match[1])])
        chain.reseal(keys, document["_id"], entry, sealed)
        return {f"history.{match[1]}.{chain.RESEALED}": entry[chain.RESEALED]}

    return besides


if __name__ == "__main__":
    main("requests", chained(Settings().keys))
