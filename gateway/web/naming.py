"""What services, districts and departments are called, by the codes that the API speaks in."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """Names by code: of services and districts in both languages, of departments in that of the page."""

    services: dict[str, Texts] = field(default_factory=dict)
    districts: dict[str, Texts] = field(default_factory=dict)
    departments: dict[str, str] = field(default_factory=dict)

    def service(self, code: str) -> Texts | str:
        """What a service is called; its code where nobody knows."""
        return self.services.get(code, code)

    def district(self, code: str) -> Texts | str:
        """What a district is called."""
        return self.districts.get(code, code)

    def department(self, code: str | None) -> str:
        """What a department is called."""
        return self.departments.get(code or "", code or "")


async def names_of(visit: Visit, services: Iterable[str] = ()) -> DisplayNames:
    """All names; the catalogue lists no retired services, so those among `services` are asked for one by one."""
    catalogue, departments = await asyncio.gather(
        visit.portal.get("/api/v1/catalogue"), visit.portal.get("/api/v1/departments")
    )
    listed: dict[str, Texts] = {one["code"]: one["name"] for one in catalogue.data["services"]}
    missing = [code for code in dict.fromkeys(services) if code not in listed]
    retired = await asyncio.gather(*(_name_of(visit, code) for code in missing))
    return DisplayNames(
        services=listed | {code: name for code, name in zip(missing, retired, strict=True) if name},
        districts=catalogue.data["districts"],
        departments={one["code"]: one["name"] for one in departments.data["departments"]},
    )


async def _name_of(visit: Visit, code: str) -> Any:
    try:
        return (await visit.portal.get(f"/api/v1/catalogue/{code}")).data["name"]
    except RefusedError:
        return None
