"""Filing without a name: what the filer is given to come back with, and the check of it.

A four-digit code and the number show status and dates, like the last four digits of a mobile. Reading the words and
acting needs a key of 80 bits besides: the department knows the number, and four digits could be tried out.
All that the filer is given follows from the Idempotency-Key by a keyed hash, so that a retry is answered the same;
kept are the code, sealed, and a blind index of the key.
"""

import hmac
from dataclasses import dataclass
from math import inf

from services.requests.filing.service.filing import FiledBy
from services.requests.filing.service.intake import Filed, Intake
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from shared.errors import NotFoundError
from shared.events import ANONYMOUS
from shared.rights import Role
from shared.seal import KeyRing
from shared.spelling import bare
from shared.tracking_number import ALPHABET, LOOKALIKES

ID_BYTES, CODE_BYTES, KEY_BYTES = 16, 4, 10
GROUP = 4
MAX_KEY = 40


@dataclass(frozen=True)
class Given:
    """What an anonymous filer gets, this once: the request, the code to look with, the key to act with."""

    filed: Filed
    code: str
    key: str


class AnonymousFiling:
    """Files without a name, and knows the holder of the key that was given for it."""

    def __init__(self, intake: Intake, store: RequestStore, keys: KeyRing) -> None:
        self._intake = intake
        self._store = store
        self._keys = keys

    async def file(self, key: str, body: bytes, language: str) -> Given:
        """File the request in `body`; the same Idempotency-Key and body are answered the same. Raises as filing."""
        secret = bytes.fromhex(self._keys.blind(key, "anonymous.filing"))
        name, rest = secret[:ID_BYTES], secret[ID_BYTES:]
        code = f"{int.from_bytes(rest[:CODE_BYTES]) % 10_000:04d}"
        act_key = _spelled(int.from_bytes(rest[CODE_BYTES : CODE_BYTES + KEY_BYTES]))
        filer = FiledBy(
            ANONYMOUS + name.hex(),
            "anonymous",
            track_code=code,
            act_key_index=self._index(act_key),
        )
        filed = await self._intake.file(filer, self._keys.blind(key, "anonymous.key"), body, language)
        return Given(filed, code, act_key)

    async def principal(self, number: str, key: str) -> Principal:
        """The citizen of the one request (and its appeal) that the key is for. Raises NotFoundError, whatever is wrong.

        Each anonymous request has a citizen id of its own.
        """
        request = await self._store.get(number) if len(key) <= MAX_KEY else None
        known = (request.act_key_index if request else None) or ""
        if not hmac.compare_digest(known, self._index(key)) or request is None:
            raise NotFoundError
        return Principal(request.citizen_id, Role.CITIZEN, None, "", inf)

    def _index(self, key: str) -> str:
        typed = bare(key).upper().translate(LOOKALIKES)
        return self._keys.blind(typed, "request.act_key")


def _spelled(bits: int) -> str:
    symbols = "".join(ALPHABET[bits >> place & 31] for place in range(0, KEY_BYTES * 8, 5))
    return "-".join(symbols[at : at + GROUP] for at in range(0, len(symbols), GROUP))
