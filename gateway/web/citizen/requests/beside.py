"""What belongs to a request and stands elsewhere: its service as it was, and what a page can do without."""

from collections.abc import Awaitable, Mapping
from typing import Any

from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

Service = Mapping[str, Any]


async def service_of(visit: Visit, request: Mapping[str, Any]) -> Service:
    """The service of a request as it was when it was filed; of one that others filed, as it is now.

    Raises RefusedError.
    """
    query = {"version": request.get("service_version")}
    service: Service = (await visit.portal.get(f"/api/v1/catalogue/{request['service']}", query)).data
    return service


async def departments_of(visit: Visit) -> dict[str, str]:
    """The names of the departments by their codes. Raises RefusedError."""
    answer = (await visit.portal.get("/api/v1/departments")).data
    return {department["code"]: department["name"] for department in answer["departments"]}


async def districts_of(visit: Visit) -> dict[str, Mapping[str, str]]:
    """The names of the districts in both languages by their codes. Raises RefusedError."""
    return {one["code"]: one["name"] for one in (await visit.portal.get("/api/v1/districts")).data["districts"]}


async def or_nothing(asking: Awaitable[Any], otherwise: Any) -> Any:
    """What a page can do without: an answer, or what stands for it while its service is away. Raises RefusedError."""
    try:
        return await asking
    except RefusedError as refused:
        if refused.status < 500:
            raise
        return otherwise
