"""When colleagues are away, who stands in for them, and handing over what they have."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from services.routing.desk.models.team import Team, may_have
from services.routing.desk.service.assigning import AccountId, Assigning, give, today
from services.routing.models.acts import day_only
from services.routing.models.colleague import StaffCopy
from services.routing.service.deciding import Actor
from shared.auth import Principal
from shared.changing import ContendedError, attempts, change
from shared.clock import utc_now
from shared.errors import ForbiddenError, InvalidError, NotFoundError, field_error
from shared.jsonbody import Body
from shared.rights import OVERSEERS

MAX_AHEAD = timedelta(days=366)
AT_ONCE = 200
"""How many requests are handed over with one write."""
Day = Annotated[date, Field(strict=False, description="a day, in Pakistan"), BeforeValidator(day_only)]


class AbsenceToEnter(Body):
    """From the first to the last day, and the colleague who stands in."""

    first: Day
    last: Day
    deputy: AccountId | None = None


class Absences:
    """Enters and ends absences of the officers of one department."""

    def __init__(self, assigning: Assigning) -> None:
        self._assigning, self._staff = assigning, assigning.staff

    async def meet(self, principal: Principal) -> None:
        """Note where the caller works, if that was published before routing kept it."""

        def note(colleague: StaffCopy) -> bool:
            if colleague.department == principal.department:
                return False
            colleague.department, colleague.role, colleague.active = principal.department, principal.role.value, True
            return True

        await change(self._staff, principal.id, note, lambda: StaffCopy(id=principal.id))

    async def enter(self, actor: Actor, account: str, absence: AbsenceToEnter) -> None:
        """Enter an absence in place of the one before. Raises NotFoundError, ForbiddenError, InvalidError."""
        await self._require(actor, account)
        await self._check(actor, account, absence)
        first, last = absence.first.isoformat(), absence.last.isoformat()
        await change(self._staff, account, lambda one: one.go_away(first, last, absence.deputy))

    async def end(self, actor: Actor, account: str) -> None:
        """The colleague is there. Raises NotFoundError, ForbiddenError."""
        await self._require(actor, account)
        await change(self._staff, account, lambda one: one.come_back())

    async def hand_over(self, actor: Actor, account: str, to: str | None) -> int:
        """Assign every open request of a colleague to another, else to the deputy; returns how many.

        Raises NotFoundError, ForbiddenError, InvalidError.
        """
        colleague = await self._require(actor, account)
        team, target = await self._assigning.team(actor.department), to or colleague.deputy
        if target is None or target == account or target not in team.members:
            raise InvalidError(errors=[field_error("/to", "colleague", actor.language)])
        moved = 0
        async for _ in attempts():
            count, more = await self._hand_over_some(actor, team, account, target)
            moved += count
            if not more:
                return moved
        raise ContendedError

    async def _hand_over_some(self, actor: Actor, team: Team, account: str, to: str) -> tuple[int, bool]:
        """Hand over the first ones; returns how many, and whether to go on."""
        found = await self._assigning.desk.open_with(actor.department, account, AT_ONCE)
        changed = [one for one in found if may_have(one, to) and one.has_room_for("assign")]
        for assignment in changed:
            give(team, assignment, to, actor, utc_now(), account)
        lost = await self._assigning.assignments.save_many(changed)
        return len(changed) - len(lost), bool(lost) or (len(found) == AT_ONCE and bool(changed))

    async def _require(self, actor: Actor, account: str) -> StaffCopy:
        """The colleague, whose absence the actor may enter: their own, or as head. Raises NotFoundError."""
        colleague = await self._staff.get(account)
        if colleague is None or not colleague.works_at(actor.department):
            raise NotFoundError
        if account != actor.id and actor.role not in OVERSEERS:
            raise ForbiddenError
        return colleague

    async def _check(self, actor: Actor, account: str, absence: AbsenceToEnter) -> None:
        day = date.fromisoformat(today())
        if not max(absence.first, day) <= absence.last <= day + MAX_AHEAD:
            raise InvalidError(errors=[field_error("/until", "absence_days", actor.language)])
        if absence.deputy is not None:
            deputy = await self._staff.get(absence.deputy)
            if deputy is None or deputy.id == account or not deputy.works_at(actor.department):
                raise InvalidError(errors=[field_error("/deputy", "colleague", actor.language)])
