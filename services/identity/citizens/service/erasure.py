"""Erases accounts: on the owner's request, or after a registration that was never proven (ADR 0014).

The account is erased at once; other services follow by the event.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.service.changing import change_citizen
from services.identity.accounts.store.accesses import AccessTrailStore
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.citizens.models.changes import erase
from services.identity.codes.service.password_check import (
    PasswordCheck,
    require_same_password,
    require_settled_password,
)
from services.identity.sessions.service.own_sessions import OwnSessions
from shared.clock import Clock

UNPROVEN_KEPT = timedelta(hours=24)
"""How long an unproven registration is kept: as long as its code may be sent again."""
BATCH = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AccountErasure:
    """Erases accounts. It cannot be undone, so the password is asked for again."""

    citizens: CitizenStore
    ends: OwnSessions
    trail: AccessTrailStore
    password_check: PasswordCheck
    clock: Clock

    async def erase(self, citizen_id: str, password: str) -> None:
        """Erase an account after checking its password. Raises what `PasswordCheck.verify` raises, ConflictError."""
        proven = await self.password_check.verify(citizen_id, password)
        if (known := await self.citizens.get(citizen_id)) is not None:
            require_settled_password(known, self.clock())
        await self.close(citizen_id, proven)

    async def close(self, citizen_id: str, proven: str | None = None) -> None:
        """Empty the account if it still has the proven password, then end all sessions and forget all devices.

        Raises PasswordWrongError, NotFoundError, UnavailableError.
        """

        def close(known: Citizen) -> None:
            require_same_password(known, proven)
            erase(known, self.clock())

        if (known := await self.citizens.get(citizen_id)) is not None:
            require_same_password(known, proven)
        await self.trail.forget_citizen(citizen_id)  # first: after a crash the citizen can ask again
        erased = await change_citizen(self.citizens, citizen_id, close)
        await self.ends.settle(erased)
        log.info("citizen.erased", citizen=citizen_id)

    async def sweep(self) -> int:
        """Erase registrations that nobody has proven for a day; returns how many there were."""
        now = self.clock()
        unproven = await self.citizens.unproven(now - UNPROVEN_KEPT, BATCH)
        for citizen in unproven:
            if citizen.lapsed(now) and erase(citizen, now) and not await self.citizens.save_many([citizen]):
                log.info("citizen.never_proven", citizen=citizen.id)
        return len(unproven)
