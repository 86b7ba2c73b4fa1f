"""A department's officers at one moment: their absences, their deputies, and how many open requests each has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.routing.models.assignment import Assignment
from services.routing.models.colleague import StaffCopy
from shared.rights import Role


@dataclass
class Team:
    """`open_by` is the number of open requests of each account; `give` counts on."""

    members: Mapping[str, StaffCopy]
    open_by: dict[str, int]
    today: str

    def stands_in(self, account: str, assignment: Assignment) -> str:
        """The account that gets what is assigned to this colleague: while they are away, their deputy's, and so on.

        The colleague's own if no deputy who is present may have the request.
        """
        seen, chosen = {account}, self.members[account]
        while chosen.is_away(self.today):
            deputy = self.members.get(chosen.deputy or "")
            if deputy is None or deputy.id in seen or not may_have(assignment, deputy.id):
                return account
            seen.add(deputy.id)
            chosen = deputy
        return chosen.id

    def least_loaded(self, assignment: Assignment) -> str | None:
        """The one with the fewest open requests, among those present who may have it; None without any.

        An appeal goes to those who decide it. Everything else goes to officers, or to the head where there are none.
        """
        fit = [one for one in self.members.values() if may_have(assignment, one.id) and not one.is_away(self.today)]
        first, then = (Role.APPELLATE, Role.HEAD) if assignment.is_appeal else (Role.OFFICER, Role.HEAD)
        if assignment.for_head and not assignment.is_appeal:
            first, then = Role.HEAD, Role.HEAD
        among = _with_role(fit, first) or _with_role(fit, then)
        return min(among, key=lambda account: (self.open_by.get(account, 0), account), default=None)

    def give(self, account: str) -> None:
        """Count one more open request."""
        self.open_by[account] = self.open_by.get(account, 0) + 1


def may_have(assignment: Assignment, account: str) -> bool:
    """Whether the account has no interest in it, and did not act on what is appealed against."""
    return account not in assignment.hidden_from and account not in assignment.barred


def _with_role(members: Iterable[StaffCopy], role: Role) -> list[str]:
    return [one.id for one in members if one.role == role]
