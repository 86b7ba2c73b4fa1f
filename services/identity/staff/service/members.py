"""Changes members of staff, and then the audit, their sessions and events.

The member's document holds the change and what is left to do; after a crash the sweep finishes it.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from services.identity.accounts.models.audit import AuditedAct
from services.identity.accounts.models.staff import PublishedMember, StaffMember
from services.identity.accounts.store.sessions import SessionStore
from services.identity.accounts.store.staff import PublishedMemberStore, StaffStore
from services.identity.staff.service.audit import Audit
from services.identity.staff.store.login_steps import LoginStepStore
from shared.changing import OvertakenError, change, retry_overtaken
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.seal import KeyRing, SealPurpose

BATCH = 50
Step = Callable[[StaffMember], StaffMember]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Members:
    """Changes members, and settles the changes in other documents."""

    staff: StaffStore
    published: PublishedMemberStore
    sessions: SessionStore
    steps: LoginStepStore
    audit: Audit
    keys: KeyRing
    clock: Clock

    async def change(self, member_id: str, step: Step) -> StaffMember:
        """Change a member with `step` and settle the change; nothing is written if `step` returns it unchanged.

        Raises what `step` raises, NotFoundError, ContendedError.
        """
        member, stored = await retry_overtaken(partial(self._change_once, member_id, step))
        if stored.unsettled and stored is not member:
            log.info("staff.changed", member=member_id, what=[act["what"] for act in stored.acts])
            await self.settle(stored)
        return stored

    async def _change_once(self, member_id: str, step: Step) -> tuple[StaffMember, StaffMember]:
        member = await self.staff.get(member_id)
        if member is None:
            raise NotFoundError
        changed = step(member)
        if changed is member:
            return member, member
        if not await self.staff.save(changed):
            raise OvertakenError
        return member, dataclasses.replace(changed, rev=changed.rev + 1)

    async def settle(self, member: StaffMember) -> None:
        """Finish a change in other documents. Repeating it does no harm."""
        if member.ends_sessions:
            await self.steps.end_all(member.id)
            await self.sessions.end_all(member.id, self.clock())
        for act in member.acts:
            await self.audit.enter(AuditedAct.of_document(act))
        if member.unpublished:
            await self._publish(member)
        await self.staff.settled(member)

    async def sweep(self) -> int:
        """Settle members that a crash left unsettled; returns how many."""
        unsettled = await self.staff.unsettled(BATCH)
        for member in unsettled:
            await self.settle(member)
        if unsettled:
            log.info("staff.swept", members=len(unsettled))
        return len(unsettled)

    async def _publish(self, member: StaffMember) -> None:
        """Publish the member's name and role if they changed. Raises ContendedError."""
        name = self.keys.seal(member.name, SealPurpose.STAFF_NAME, owner=member.id)

        await change(
            self.published,
            member.id,
            lambda known: known.publish(member, name, self.clock()),
            lambda: PublishedMember(id=member.id, unnamed=True),
        )
