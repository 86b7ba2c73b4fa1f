"""Changing the account of a citizen."""

from collections.abc import Callable

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.store.citizens import CitizenStore
from shared.changing import change_loaded


async def change_citizen(citizens: CitizenStore, citizen_id: str, fn: Callable[[Citizen], object]) -> Citizen:
    """`shared.changing.change`, for which an erased account is not there."""

    async def load() -> Citizen | None:
        citizen = await citizens.get(citizen_id)
        return None if citizen is None or citizen.erased_at is not None else citizen

    return await change_loaded(citizens, load, fn)
