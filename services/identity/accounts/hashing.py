"""Hashing of passwords: argon2id on a few threads, with a bounded queue so that a flood of logins starves nobody."""

import asyncio
import hashlib
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import UnavailableError
from shared.seal import KeyRing

MEMORY_KIB, PASSES, LANES = 19456, 2, 1
Result = TypeVar("Result")


class Hasher:
    """Makes and checks password hashes; a key outside the database (pepper) goes into each of them.

    `workers` hash at once and `queue` may wait; one more raises UnavailableError.
    """

    def __init__(self, keys: KeyRing, *, workers: int, queue: int) -> None:
        self._keys = keys
        self._argon = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._room = workers + queue
        self._nobody = self._argon.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """The hash to keep, its parameters in it (30 to 40 ms)."""
        return await self._run(lambda: self._argon.hash(self._peppered(password)))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether that is the password; None (nobody there) takes as long and is False."""

        def check() -> bool:
            try:
                return self._argon.verify(hashed or self._nobody, self._peppered(password)) and bool(hashed)
            except (VerificationError, InvalidHashError):
                return False

        return await self._run(check)

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon.check_needs_rehash(hashed)

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _peppered(self, password: str) -> str:
        return self._keys.blind(unicodedata.normalize("NFKC", password), "identity.password")

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._room <= 0:
            raise UnavailableError(headers={"Retry-After": "1"})
        self._room -= 1
        hashing = asyncio.get_running_loop().run_in_executor(self._pool, work)
        hashing.add_done_callback(self._leave)
        # Shielded: a caller who goes away must not free the place that a thread still takes.
        return await asyncio.shield(hashing)

    def _leave(self, _: object) -> None:
        self._room += 1


def hash_of_token(token: str) -> str:
    """The SHA-256 in hex: enough for a secret of 256 random bits, which nobody can try out."""
    return hashlib.sha256(token.encode()).hexdigest()
