"""What services say about a filing in the making: its form, its districts, its checks, and similar requests."""

from collections.abc import Mapping
from typing import Any

from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.portal import Portal, RefusedError, segment


async def service_form(portal: Portal, code: str, version: int | None = None) -> ServiceForm:
    """The form of a service as it is now, or as a request was filed under. Raises RefusedError where there is none."""
    reply = await portal.get(f"/api/v1/catalogue/{segment(code)}", {"version": str(version) if version else None})
    return ServiceForm.of(reply.data)


async def districts_for(portal: Portal, service: ServiceForm) -> list[dict[str, Any]]:
    """The districts in which a service is offered: their codes, and their names in both languages."""
    known = (await portal.get("/api/v1/districts")).data["districts"]
    offered = service.entry["districts"]
    return [district for district in known if not offered or district["code"] in offered]


async def foreseen(portal: Portal, written: WrittenFiling) -> Mapping[str, Any]:
    """What filing would say of what is written. Raises RefusedError."""
    told: Mapping[str, Any] = (
        await portal.post(f"/api/v1/catalogue/{segment(written.service)}/check", written.to_check())
    ).data
    return told


async def similar_to(portal: Portal, written: WrittenFiling, on_behalf_of: str = "") -> list[Mapping[str, Any]]:
    """Requests about the same thing; none where nobody can say, since that is no reason not to file."""
    citizen = {"on_behalf_of": on_behalf_of} if on_behalf_of else {}
    try:
        reply = await portal.post("/api/v1/requests/similar", {**written.to_compare(), **citizen})
    except RefusedError:
        return []
    found: list[Mapping[str, Any]] = reply.data["similar"]
    return found
