"""What administrators did to departments, as routing tells it, is entered in the audit."""

from services.identity.accounts.models.audit import Act
from services.identity.accounts.ports import Departments
from services.identity.staff.service.audit import Audit


class DepartmentActs:
    """Brings acts from the copies of departments into the audit."""

    def __init__(self, departments: Departments, audit: Audit) -> None:
        self._departments = departments
        self._audit = audit

    async def sweep(self) -> int:
        """Enter what is left; how many departments. An act that is entered already is not entered again."""
        left = await self._departments.with_acts()
        for department in left:
            for act in department.acts:
                await self._audit.enter(Act.of_document(act))
            department.acts = []
        if left:
            await self._departments.save_many(left)  # who hears of more meanwhile keeps them all for the next time
        return len(left)
