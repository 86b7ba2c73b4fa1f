"""Names of services, districts and departments, by the codes that the API uses."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.web.portal import Portal, or_else
from gateway.web.visit import Visit

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """Names by code: of services and districts in both languages, of departments in that of the page."""

    services: dict[str, Texts] = field(default_factory=dict)
    districts: dict[str, Texts] = field(default_factory=dict)
    departments: dict[str, str] = field(default_factory=dict)

    def service(self, code: str) -> Texts | str:
        """The name of a service, or its code if the name is not known."""
        return self.services.get(code, code)

    def district(self, code: str) -> Texts | str:
        """The name of a district."""
        return self.districts.get(code, code)

    def department(self, code: str | None) -> str:
        """The name of a department."""
        return self.departments.get(code or "", code or "")


async def names_of(visit: Visit, services: Iterable[str] = ()) -> DisplayNames:
    """All names. The catalogue does not list retired services, so those among `services` are read one by one."""
    catalogue, departments = await asyncio.gather(
        visit.portal.read("/api/v1/catalogue"), department_names(visit.portal)
    )
    listed: dict[str, Texts] = {service["code"]: service["name"] for service in catalogue["services"]}
    missing = [code for code in dict.fromkeys(services) if code not in listed]
    retired = await asyncio.gather(*(or_else({}, visit.portal.read(f"/api/v1/catalogue/{code}")) for code in missing))
    return DisplayNames(
        services=listed | {entry["code"]: entry["name"] for entry in retired if entry},
        districts=catalogue["districts"],
        departments=departments,
    )


async def department_names(portal: Portal) -> dict[str, str]:
    """The names of all departments by code. Raises RefusedError."""
    departments = (await portal.read("/api/v1/departments"))["departments"]
    return {department["code"]: department["name"] for department in departments}


async def district_names(portal: Portal) -> dict[str, Texts]:
    """The names of all districts in both languages by code. Raises RefusedError."""
    districts = (await portal.read("/api/v1/districts"))["districts"]
    return {district["code"]: district["name"] for district in districts}
