"""The service that a form is for, read from the catalogue: as it is now, or as a request was filed under."""

from typing import Any

from gateway.web.forms.steps import ServiceForm
from gateway.web.portal import Portal, segment


async def service_form(portal: Portal, code: str, version: int | None = None) -> ServiceForm:
    """The form of a service. Raises RefusedError where there is none."""
    reply = await portal.get(f"/api/v1/catalogue/{segment(code)}", {"version": str(version) if version else None})
    return ServiceForm.of(reply.data)


async def districts_for(portal: Portal, service: ServiceForm) -> list[dict[str, Any]]:
    """The districts in which a service is offered: their codes, and their names in both languages."""
    known = (await portal.get("/api/v1/districts")).data["districts"]
    offered = service.entry["districts"]
    return [district for district in known if not offered or district["code"] in offered]
