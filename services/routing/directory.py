"""Departments and services, kept in the memory of each routing process, so that applying a rule costs no query."""

from collections.abc import Collection, Iterator

from services.routing.models.directory import DepartmentRecord, ServiceCopy
from services.routing.store.departments import DepartmentStore, ServiceStore

LAST_RESORT = "ombudsman"
"""The department that hears appeals where no other authority is named, or where each one handled the request."""


class NotYetKnownError(LookupError):
    """Routing does not know this service or department; the event that announces it may still be on the way."""


class Directory:
    """The current departments and services, by code."""

    def __init__(self, departments: DepartmentStore, services: ServiceStore) -> None:
        self._department_store = departments
        self._service_store = services
        self.departments: dict[str, DepartmentRecord] = {}
        self.services: dict[str, ServiceCopy] = {}

    def service(self, code: str, version: int) -> ServiceCopy:
        """A service, in this version or a later one. Raises NotYetKnownError."""
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
        """The first authority above a department that is not in `handled`. Raises NotYetKnownError.

        Where all of them handled the request, the last one hears the appeal; the people who acted on it are barred.
        """
        authority = self.department(code)
        for authority in self._above(code):
            if authority.id not in handled:
                break
        return authority

    def _above(self, code: str) -> Iterator[DepartmentRecord]:
        """The authorities above a department, nearest first; every chain ends with the last resort."""
        seen, above = {code}, self.department(code).appeals_to
        while above and above not in seen:
            seen.add(above)
            authority = self.department(above)
            yield authority
            above = authority.appeals_to
        if LAST_RESORT not in seen:
            yield self.department(LAST_RESORT)

    async def load_missing(self, services: Collection[tuple[str, int]]) -> None:
        """Load from the store the services that are not known in these versions."""
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
