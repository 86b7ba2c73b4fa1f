"""Changing an account: load, change, write, and again when somebody else was quicker."""

import asyncio
from collections.abc import Callable

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.ports import Citizens
from shared.errors import NotFoundError, UnavailableError

TURNS = 10


async def change_citizen(citizens: Citizens, citizen_id: str, change: Callable[[Citizen], object]) -> Citizen:
    """The account as it was written. What `change` raises goes through, and nothing is written then.

    Raises NotFoundError where there is nobody, or nobody any more; UnavailableError when others always were quicker.
    """
    for turn in range(TURNS):
        await asyncio.sleep(0.01 * turn)
        citizen = await citizens.get(citizen_id)
        if citizen is None or citizen.erased_at is not None:
            raise NotFoundError
        change(citizen)
        if not await citizens.save_many([citizen]):
            return citizen
    raise UnavailableError(headers={"Retry-After": "1"})
