"""Departments and services as each process of routing keeps them in memory, so that a rule costs no query."""

from collections.abc import Collection, Iterator

from services.routing.models.directory import DepartmentRecord, ServiceCopy
from services.routing.store import DepartmentStore, ServiceStore

LAST_RESORT = "ombudsman"
"""Hears appeals against departments that name nobody else, or only such as handled it too."""


class NotYetKnownError(LookupError):
    """A service or department that routing has not heard of; its event may still be on the way."""


class Directory:
    """What is in force, by code."""

    def __init__(self, departments: DepartmentStore, services: ServiceStore) -> None:
        self._department_store = departments
        self._service_store = services
        self.departments: dict[str, DepartmentRecord] = {}
        self.services: dict[str, ServiceCopy] = {}

    def service(self, code: str, version: int) -> ServiceCopy:
        """A service in at least that version. Raises NotYetKnownError."""
        known = self.services.get(code)
        if known is None or known.version < version:
            raise NotYetKnownError(code)
        return known

    def wants_evidence(self, code: str) -> bool:
        """Whether a service asks for evidence before a request is resolved."""
        return self.services.get(code, _NONE).evidence

    def department(self, code: str) -> DepartmentRecord:
        """A department. Raises NotYetKnownError."""
        if code not in self.departments:
            raise NotYetKnownError(code)
        return self.departments[code]

    def authority_over(self, code: str, handled: Collection[str]) -> DepartmentRecord:
        """Who hears appeals against a department: up the chain past all that handled it. Raises NotYetKnownError.

        Where all of them handled it, the last one has it: those who acted are barred from it by name.
        """
        authority = self.department(code)
        for authority in self._above(code):
            if authority.id not in handled:
                break
        return authority

    def _above(self, code: str) -> Iterator[DepartmentRecord]:
        """The authorities over a department, the nearest first; at the end of every chain the last resort."""
        seen, above = {code}, self.department(code).appeals_to
        while above and above not in seen:
            seen.add(above)
            authority = self.department(above)
            yield authority
            above = authority.appeals_to
        if LAST_RESORT not in seen:
            yield self.department(LAST_RESORT)

    async def need(self, services: Collection[tuple[str, int]]) -> None:
        """Look the services up in the store that are not known in these versions."""
        missing = [code for code, version in services if self.services.get(code, _NONE).version < version]
        if missing:
            self.services.update(await self._service_store.load_many(missing))
            targets = {rule["to"] for code in missing for rule in self.services.get(code, _NONE).department}
            if targets - self.departments.keys():
                await self.refresh()

    async def refresh(self) -> None:
        """Load everything."""
        self.departments = {department.id: department for department in await self._department_store.all()}
        self.services = {service.id: service for service in await self._service_store.all()}


_NONE = ServiceCopy(id="")
