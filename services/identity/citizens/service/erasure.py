"""Erasing an account, by its owner or because nobody proved it: here at once, elsewhere by the event (ADR 0014)."""

from datetime import timedelta
from typing import Protocol

import structlog

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.ports import Citizens
from services.identity.accounts.service.changing import change_citizen
from services.identity.citizens.models.erasure import erase
from services.identity.codes.service.password_check import (
    PasswordCheck,
    require_same_password,
    require_settled_password,
)
from services.identity.sessions.service.own_sessions import OwnSessions
from shared.clock import Clock

UNPROVEN_KEPT = timedelta(hours=24)
"""How long a registration is kept that nobody proves: as long as its code may be sent again."""
AT_ONCE = 100

log = structlog.get_logger(__name__)


class AccessForgetter(Protocol):
    """The looks at citizens' data."""

    async def forget_citizen(self, citizen_id: str) -> None:
        """Take the citizen and the request out."""


class AccountErasure:
    """The use case. The password is asked for again, since it cannot be undone."""

    def __init__(
        self, citizens: Citizens, ends: OwnSessions, trail: AccessForgetter, password_check: PasswordCheck, clock: Clock
    ) -> None:
        self._citizens = citizens
        self._ends = ends
        self._trail = trail
        self._password_check = password_check
        self._clock = clock

    async def erase(self, citizen_id: str, password: str) -> None:
        """Close the account of whoever knows its password. Raises as `PasswordCheck.verify`, and PasswordNewError."""
        proven = await self._password_check.verify(citizen_id, password)
        if (known := await self._citizens.get(citizen_id)) is not None:
            require_settled_password(known, self._clock())
        await self.close(citizen_id, proven)

    async def close(self, citizen_id: str, proven: str | None = None) -> None:
        """Empty the account while the proven password holds, then end all sessions and forget all devices.

        Raises PasswordWrongError, NotFoundError, UnavailableError.
        """

        def close(known: Citizen) -> None:
            require_same_password(known, proven)
            erase(known, self._clock())

        if (known := await self._citizens.get(citizen_id)) is not None:
            require_same_password(known, proven)
        await self._trail.forget_citizen(citizen_id)  # first: what a crash leaves is asked for again by its citizen
        erased = await change_citizen(self._citizens, citizen_id, close)
        await self._ends.settle(erased)
        log.info("citizen.erased", citizen=citizen_id)

    async def sweep(self) -> int:
        """Erase registrations that nobody has proven for a day; how many there were."""
        now = self._clock()
        left = await self._citizens.unproven(now - UNPROVEN_KEPT, AT_ONCE)
        for citizen in left:
            if citizen.lapsed(now) and erase(citizen, now) and not await self._citizens.save_many([citizen]):
                log.info("citizen.never_proven", citizen=citizen.id)
        return len(left)
