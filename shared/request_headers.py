"""Headers that routes declare: `If-Match` for the revision that the caller saw, `Idempotency-Key` for safe retries.

What is wrong with them is answered by `shared.errors.install`.
"""

import re
from typing import Annotated

from fastapi import Header
from pydantic import BeforeValidator, WithJsonSchema

from shared.errors import LANGUAGES

TAG = re.compile(rf'"([0-9]{{1,9}})(?:-(?:{"|".join(LANGUAGES)})(?:-[0-9]{{1,12}})?)?"')
"""A strong ETag that a service gave out: a revision, for some records followed by what the answer depended on."""


def revision_of(tag: object) -> int:
    """The revision in an ETag. Raises ValueError."""
    found = TAG.fullmatch(str(tag).strip())
    if found is None:
        raise ValueError("not an ETag of ours")
    return int(found[1])


Revision = Annotated[
    int,
    BeforeValidator(revision_of),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 40}),
    Header(alias="If-Match", description="The ETag of what was seen"),
]
"""The revision that the caller saw."""
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,100}$",
        description="Chosen by the caller; the same key again gives the same answer (with `Idempotent-Replayed: true`)",
    ),
]
OptionalKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,100}$",
        description="Optional; the same key again gives the same answer, so that retrying is safe",
    ),
]
