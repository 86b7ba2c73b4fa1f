"""Optimistic updates: load a record, change it, save it, and start again when another writer saved it first."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Protocol, TypeVar

from shared.errors import NotFoundError, UnavailableError

MAX_ATTEMPTS = 20
FIRST_PAUSE, MAX_PAUSE = 0.01, 0.2

T = TypeVar("T")
R = TypeVar("R")


class OvertakenError(Exception):
    """Another writer saved the record first; the loaded one is outdated."""


class ContendedError(UnavailableError):
    """Other writers were first at every attempt; nothing was saved, and the client may try again."""

    def __init__(self) -> None:
        super().__init__(after=1)


class Store(Protocol[R]):
    """What `change` needs of a store."""

    async def get(self, record_id: str, /) -> R | None:
        """The record, or None."""

    async def save_many(self, records: Sequence[R], /) -> set[str]:
        """Write each record whose revision is still the stored one; returns the ids of the others."""


async def attempts() -> AsyncIterator[int]:
    """0, 1, 2, … up to MAX_ATTEMPTS, with a random pause before each but the first.

    For batches, whose next attempt has only the records that were overtaken. For a single record use `change`.
    """
    for attempt in range(MAX_ATTEMPTS):
        if attempt:
            await asyncio.sleep(random.uniform(0, min(FIRST_PAUSE * 2**attempt, MAX_PAUSE)))
        yield attempt


async def retry_overtaken(attempt: Callable[[], Awaitable[T]]) -> T:
    """The result of `attempt`, which runs again when it raises OvertakenError. Raises ContendedError."""
    async for _ in attempts():
        try:
            return await attempt()
        except OvertakenError:
            continue
    raise ContendedError


async def save(store: Store[R], record: R) -> None:
    """Write one record. Raises OvertakenError."""
    if await store.save_many([record]):
        raise OvertakenError


async def change(
    store: Store[R], record_id: str, fn: Callable[[R], object], new: Callable[[], R | None] = lambda: None
) -> R:
    """The record after `fn` (sync or async) changed it; nothing is saved where `fn` returns False or raises.

    `new` makes the record where there is none. Raises NotFoundError, ContendedError.
    """

    async def load() -> R | None:
        return await store.get(record_id) or new()

    return await change_loaded(store, load, fn)


async def change_loaded(store: Store[R], load: Callable[[], Awaitable[R | None]], fn: Callable[[R], object]) -> R:
    """Like `change`, for the record that `load` finds or makes."""

    async def attempt() -> R:
        record = await load()
        if record is None:
            raise NotFoundError
        changed = fn(record)
        if isawaitable(changed):
            changed = await changed
        if changed is not False:
            await save(store, record)
        return record

    return await retry_overtaken(attempt)
