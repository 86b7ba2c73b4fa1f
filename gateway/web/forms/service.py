"""Reads from the services what a filing needs: the form, the districts, the check, and possible duplicates."""

from collections.abc import Mapping
from typing import Any

from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.portal import Portal, or_else, segment


async def service_form(portal: Portal, code: str, version: int | None = None) -> ServiceForm:
    """The current form of a service, or that of a version. Raises RefusedError if there is none."""
    return ServiceForm.of(await portal.read(f"/api/v1/catalogue/{segment(code)}", {"version": version}))


async def form_of_request(portal: Portal, request: Mapping[str, Any]) -> ServiceForm:
    """The form under which a request was filed; the current one for requests of others, which name no version.

    Raises RefusedError.
    """
    return await service_form(portal, request["service"], request.get("service_version"))


async def districts_for(portal: Portal, service: ServiceForm) -> list[dict[str, Any]]:
    """The districts in which a service is offered, with code, and name in both languages. Raises RefusedError."""
    known = (await portal.read("/api/v1/districts"))["districts"]
    offered = service.entry["districts"]
    return [district for district in known if not offered or district["code"] in offered]


async def check_filing(portal: Portal, written: WrittenFiling) -> Mapping[str, Any]:
    """The result of checking a filing without sending it. Raises RefusedError."""
    reply = await portal.post(f"/api/v1/catalogue/{segment(written.service)}/check", written.to_check())
    checked: Mapping[str, Any] = reply.data
    return checked


async def similar_to(portal: Portal, written: WrittenFiling, on_behalf_of: str = "") -> list[Mapping[str, Any]]:
    """Possible duplicates; none if the service does not answer, since that must not prevent filing."""
    citizen = {"on_behalf_of": on_behalf_of} if on_behalf_of else {}
    reply = await or_else(None, portal.post("/api/v1/requests/similar", {**written.to_compare(), **citizen}))
    return reply.data["similar"] if reply else []
