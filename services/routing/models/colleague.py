"""Members of staff, as routing has heard of them: what they are called, where they work, and when they are away."""

from dataclasses import dataclass

from shared.records import Record
from shared.rights import IN_DEPARTMENT


@dataclass(kw_only=True)
class StaffCopy(Record):
    """One document of `colleagues`; the account is its id. The name is sealed as it came."""

    sealed_name: str = ""
    role: str = ""
    department: str | None = None
    active: bool = True
    """May log in."""
    away_from: str | None = None
    """The first day, in Pakistan, of the absence that was entered last, such as "2026-03-09"."""
    away_until: str | None = None
    """Its last day."""
    deputy: str | None = None
    """The colleague who gets what is assigned to them meanwhile."""

    def works_at(self, department: str) -> bool:
        """Whether this is an officer, head or appellate authority there."""
        return self.active and self.department == department and self.role in IN_DEPARTMENT

    def is_away(self, today: str) -> bool:
        """Whether the day is in their absence."""
        return self.away_from is not None and self.away_from <= today <= (self.away_until or "")

    def absence_ahead(self, today: str) -> bool:
        """Whether they are away, or will be."""
        return self.away_until is not None and self.away_until >= today

    def go_away(self, first: str, last: str, deputy: str | None) -> None:
        """Be away from the first to the last day."""
        self.away_from, self.away_until, self.deputy = first, last, deputy

    def come_back(self) -> None:
        """Be there."""
        self.away_from = self.away_until = self.deputy = None
