"""Hashing of passwords: argon2id on a few threads, with a bounded queue against floods of logins."""

import asyncio
import hashlib
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import UnavailableError
from shared.seal import BlindPurpose, KeyRing

MEMORY_KIB, PASSES, LANES = 19456, 2, 1
"""The minimum that OWASP recommends (Password Storage Cheat Sheet, argon2id)."""
Result = TypeVar("Result")


class Hasher:
    """Makes and checks password hashes, each with a key from outside the database (pepper).

    At most `workers` passwords are hashed at once and `queue` wait; any more raise UnavailableError.
    """

    def __init__(self, keys: KeyRing, *, workers: int, queue: int, memory_kib: int = MEMORY_KIB) -> None:
        self._keys = keys
        self._argon = PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=LANES, type=Type.ID)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._free = workers + queue
        self._dummy_hash = self._argon.hash("dummy password")

    async def hash(self, password: str) -> str:
        """The hash to store; it contains its parameters. Takes 30 to 40 ms."""
        return await self._run(lambda: self._argon.hash(self._peppered(password)))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether the password matches the hash; always False, and as slow, for None (no such account)."""

        def check() -> bool:
            try:
                return self._argon.verify(hashed or self._dummy_hash, self._peppered(password)) and bool(hashed)
            except (VerificationError, InvalidHashError):
                return False

        return await self._run(check)

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than the current ones."""
        return self._argon.check_needs_rehash(hashed)

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _peppered(self, password: str) -> str:
        return self._keys.blind(unicodedata.normalize("NFKC", password), BlindPurpose.ACCOUNT_PASSWORD)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._free <= 0:
            raise UnavailableError(after=1)
        self._free -= 1
        hashing = asyncio.get_running_loop().run_in_executor(self._pool, work)
        hashing.add_done_callback(self._release)
        # Shielded: if the caller goes away, the thread is still busy and must not be counted as free.
        return await asyncio.shield(hashing)

    def _release(self, _: object) -> None:
        self._free += 1


def hash_of_token(token: str) -> str:
    """The SHA-256 in hex: enough for a secret of 256 random bits, which cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
