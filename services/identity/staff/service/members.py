"""Changing members of staff, and what follows in other documents: the audit, ended sessions, events.

The member's document holds the change and what is still to be done; after a crash the sweep does it.
"""

import dataclasses
from collections.abc import Callable
from functools import partial

import structlog

from services.identity.accounts.models.audit import AdminAct
from services.identity.accounts.models.staff import PublishedMember, StaffMember
from services.identity.accounts.ports import LoginSteps, PublishedMembers, Sessions, Staff
from services.identity.staff.service.audit import Audit
from shared.changing import OvertakenError, change_loaded, retry_overtaken
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.seal import KeyRing, SealPurpose

AT_ONCE = 50
Step = Callable[[StaffMember], StaffMember]

log = structlog.get_logger(__name__)


class Members:
    """Changes members; the audit, their sessions and other services follow."""

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

    async def change(self, member_id: str, step: Step) -> StaffMember:
        """The member as changed by `step`, written and settled; nothing is written where `step` returns it unchanged.

        Raises what `step` raises, NotFoundError, ContendedError.
        """
        member, stored = await retry_overtaken(partial(self._change_once, member_id, step))
        if stored.unsettled and stored is not member:
            log.info("staff.changed", member=member_id, what=[act["what"] for act in stored.acts])
            await self.settle(stored)
        return stored

    async def _change_once(self, member_id: str, step: Step) -> tuple[StaffMember, StaffMember]:
        member = await self._staff.get(member_id)
        if member is None:
            raise NotFoundError
        changed = step(member)
        if changed is member:
            return member, member
        if not await self._staff.save(changed):
            raise OvertakenError
        return member, dataclasses.replace(changed, rev=changed.rev + 1)

    async def settle(self, member: StaffMember) -> None:
        """Do what the change left to do. Doing it again changes nothing."""
        if member.ends_sessions:
            await self._steps.end_all(member.id)
            await self._sessions.end_all(member.id, self._clock())
        for act in member.acts:
            await self._audit.enter(AdminAct.of_document(act))
        if member.unpublished:
            await self._publish(member)
        await self._staff.settled(member)

    async def sweep(self) -> int:
        """Settle the members that a crash left unsettled; how many there were."""
        left = await self._staff.unsettled(AT_ONCE)
        for member in left:
            await self.settle(member)
        if left:
            log.info("staff.swept", members=len(left))
        return len(left)

    async def _publish(self, member: StaffMember) -> None:
        """Publish the name and the place of the member where they are new. Raises ContendedError."""
        name = self._keys.seal(member.name, SealPurpose.STAFF_NAME, owner=member.id)

        async def load() -> PublishedMember:
            return await self._published.get(member.id) or PublishedMember(id=member.id, unnamed=True)

        await change_loaded(self._published, load, lambda known: known.publish(member, name, self._clock()))
