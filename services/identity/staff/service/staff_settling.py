"""Writing changes of members, and what those leave to do in other documents: audit, ended sessions, others told.

The member's document carries the change and what is left; whatever a crash leaves undone, the sweep does.
"""

import asyncio
import dataclasses
from collections.abc import Callable

import structlog

from services.identity.accounts.models.audit import Act
from services.identity.accounts.models.staff import PublishedMember, StaffMember
from services.identity.accounts.ports import LoginSteps, PublishedMembers, Sessions, Staff
from services.identity.staff.service.audit import Audit
from shared.clock import Clock
from shared.errors import NotFoundError, UnavailableError
from shared.seal import KeyRing, SealPurpose

AT_ONCE = 50
TURNS = 100
Step = Callable[[StaffMember], StaffMember]

log = structlog.get_logger(__name__)


class StaffSettling:
    """Settles changes of members."""

    def __init__(
        self,
        staff: Staff,
        published: PublishedMembers,
        sessions: Sessions,
        steps: LoginSteps,
        audit: Audit,
        keys: KeyRing,
        clock: Clock,
    ) -> None:
        self._staff = staff
        self._published = published
        self._keys = keys
        self._sessions = sessions
        self._steps = steps
        self._audit = audit
        self._clock = clock

    async def write(self, member_id: str, step: Step) -> StaffMember:
        """Load a member, change it by `step`, write it and settle it; again when somebody else was quicker.

        `step` may raise; what it gives back as it was is not written. Raises NotFoundError, UnavailableError.
        """
        for turn in range(TURNS):
            await asyncio.sleep(min(0.002 * turn, 0.05))
            member = await self._staff.get(member_id)
            if member is None:
                raise NotFoundError
            changed = step(member)
            if changed is member:
                return member
            if await self._staff.save(changed):
                stored = dataclasses.replace(changed, rev=changed.rev + 1)
                if stored.unsettled:
                    log.info("staff.changed", member=member_id, what=[act["what"] for act in stored.acts])
                    await self.settle(stored)
                return stored
        raise UnavailableError(headers={"Retry-After": "1"})

    async def settle(self, member: StaffMember) -> None:
        """Do what the member's change has left to do; doing it again changes nothing."""
        if member.ends_sessions:
            await self._steps.end_all(member.id)
            await self._sessions.end_all(member.id, self._clock())
        for act in member.acts:
            await self._audit.enter(Act.of_document(act))
        if member.unpublished:
            await self._publish(member)
        await self._staff.settled(member)

    async def sweep(self) -> int:
        """Settle what was left undone; how many members."""
        left = await self._staff.unsettled(AT_ONCE)
        for member in left:
            await self.settle(member)
        if left:
            log.info("staff.swept", members=len(left))
        return len(left)

    async def _publish(self, member: StaffMember) -> None:
        """Publish the name and the place of the member where they are new. Raises UnavailableError."""
        name = self._keys.seal(member.name, SealPurpose.STAFF_NAME, owner=member.id)
        for turn in range(TURNS):
            await asyncio.sleep(min(0.002 * turn, 0.05))
            published = await self._published.get(member.id) or PublishedMember(id=member.id, unnamed=True)
            if not published.publish(member, name, self._clock()) or not await self._published.save_many([published]):
                return
        raise UnavailableError(headers={"Retry-After": "1"})
