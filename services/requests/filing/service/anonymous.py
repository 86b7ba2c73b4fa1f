"""Anonymous filing: the code and key for the filer, and the check of the key.

The number and a four-digit code show status and dates, like the last four digits of a mobile. Reading texts and acting
needs a key of 80 bits, as four digits could be guessed. Code and key follow from the Idempotency-Key by a keyed hash,
so that a retry gets the same answer. The sealed code and a blind index of the key are stored.
"""

import hmac
from dataclasses import dataclass
from math import inf
from typing import Literal

from services.requests.filing.service.filing import FiledBy
from services.requests.filing.service.intake import FilingResult, Intake
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from shared.errors import NotFoundError
from shared.events import ANONYMOUS
from shared.rights import Role
from shared.seal import BlindPurpose, KeyRing
from shared.spelling import bare
from shared.tracking_number import ALPHABET, LOOKALIKES

ID_BYTES, CODE_BYTES, KEY_BYTES = 16, 4, 10
GROUP = 4
MAX_KEY = 40


@dataclass(frozen=True)
class AnonymousFilingResult:
    """The answer to an anonymous filer: the request, the code for tracking, the key for reading and acting."""

    filed: FilingResult
    code: str
    key: str


@dataclass(frozen=True, slots=True)
class AnonymousFiling:
    """Files anonymous requests, and authenticates the holders of their keys."""

    intake: Intake
    store: RequestStore
    keys: KeyRing

    async def file(self, key: str, body: bytes, language: str, partner: str | None = None) -> AnonymousFilingResult:
        """File the request in `body`, which a partner may send for a person.

        The same key and body get the same answer. Raises what `Intake.file` raises.
        """
        secret = bytes.fromhex(self.keys.blind(key, BlindPurpose.ANONYMOUS_FILING))
        name, rest = secret[:ID_BYTES], secret[ID_BYTES:]
        code = f"{int.from_bytes(rest[:CODE_BYTES]) % 10_000:04d}"
        act_key = _spelled(int.from_bytes(rest[CODE_BYTES : CODE_BYTES + KEY_BYTES]))
        kind: Literal["anonymous", "partner"] = "partner" if partner else "anonymous"
        index = self._index(act_key)
        filer = FiledBy(ANONYMOUS + name.hex(), kind, partner, track_code=code, act_key_index=index)
        filed = await self.intake.file(filer, self.keys.blind(key, BlindPurpose.ANONYMOUS_KEY), body, language)
        return AnonymousFilingResult(filed, code, act_key)

    async def principal(self, number: str, key: str) -> Principal:
        """The citizen of the request (and its appeal) with this key, who has an id of its own. Raises NotFoundError."""
        request = await self.store.get(number) if len(key) <= MAX_KEY else None
        known = (request.act_key_index if request else None) or ""
        if not hmac.compare_digest(known, self._index(key)) or request is None:
            raise NotFoundError
        return Principal(request.citizen_id, Role.CITIZEN, None, "", inf)

    def _index(self, key: str) -> str:
        typed = bare(key).upper().translate(LOOKALIKES)
        return self.keys.blind(typed, BlindPurpose.REQUEST_ACT_KEY)


def _spelled(bits: int) -> str:
    symbols = "".join(ALPHABET[bits >> shift & 31] for shift in range(0, KEY_BYTES * 8, 5))
    return "-".join(symbols[at : at + GROUP] for at in range(0, len(symbols), GROUP))
