"""Headers that routes declare: `If-Match` for the revision that the caller read, `Idempotency-Key` for safe retries.

`shared.errors.install` answers malformed ones.
"""

import re
from typing import Annotated

from fastapi import Header
from pydantic import BeforeValidator, WithJsonSchema

from shared.errors import LANGUAGES

TAG = re.compile(rf'"([0-9]{{1,9}})(?:-(?:{"|".join(LANGUAGES)})(?:-[0-9]{{1,12}})?)?"')
"""A strong ETag of ours: a revision, for some records followed by a language and a number."""


def revision_of(tag: object) -> int:
    """The revision in an ETag. Raises ValueError."""
    found = TAG.fullmatch(str(tag).strip())
    if found is None:
        raise ValueError("not an ETag of ours")
    return int(found[1])


def client_has(if_none_match: str, tag: str) -> bool:
    """Whether the client names the tag, alone or among others, strong or weak (RFC 9110, section 13.1.2)."""
    named = {part.strip().removeprefix("W/") for part in if_none_match.split(",")[:20]}
    return tag in named or "*" in named


Revision = Annotated[
    int,
    BeforeValidator(revision_of),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 40}),
    Header(alias="If-Match", description="The ETag of the answer that the caller read"),
]
"""The revision that the caller read."""
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,100}$",
        description="Chosen by the caller; a repeated key gets the same answer (with `Idempotent-Replayed: true`)",
    ),
]
OptionalKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,100}$",
        description="Optional; a repeated key gets the same answer, so a retry is safe",
    ),
]
