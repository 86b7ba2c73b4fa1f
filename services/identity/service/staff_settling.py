"""What a change of a member leaves to do in other documents: entering it in the audit, ending sessions.

The member's document carries the change and what is left; whatever a crash leaves undone, the sweep does.
"""

import asyncio
from contextlib import suppress

import structlog

from services.identity.models.audit import Act
from services.identity.models.staff import StaffMember
from services.identity.service.audit import Audit
from services.identity.service.ports import Sessions, Staff
from shared.clock import Clock
from shared.errors import UnavailableError

AT_ONCE = 50

log = structlog.get_logger(__name__)


class StaffSettling:
    """Settles changes of members."""

    def __init__(self, staff: Staff, sessions: Sessions, audit: Audit, clock: Clock) -> None:
        self._staff = staff
        self._sessions = sessions
        self._audit = audit
        self._clock = clock

    async def settle(self, member: StaffMember) -> None:
        """Do what the member's change has left to do; doing it again changes nothing."""
        if member.ends_sessions:
            await self._sessions.end_all(member.id, self._clock())
        for act in member.acts:
            await self._audit.enter(Act.of_document(act))
        await self._staff.settled(member)

    async def sweep(self) -> int:
        """Settle what was left undone; how many members."""
        left = await self._staff.unsettled(AT_ONCE)
        for member in left:
            await self.settle(member)
        return len(left)

    async def run(self, every: float, outages: tuple[type[BaseException], ...]) -> None:
        """Sweep every so many seconds, until cancelled."""
        while True:
            await asyncio.sleep(every)
            with suppress(UnavailableError, *outages):
                if count := await self.sweep():
                    log.info("staff.swept", members=count)
