"""The catalogue on public pages: services, departments, time limits and fees."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.web.visit import Visit
from gateway.web.words import Translator

APPLICATION, COMPLAINT = "application", "complaint"
KINDS = (APPLICATION, COMPLAINT)
ICONS = {
    "education": "book",
    "health": "health",
    "police": "shield",
    "power": "bolt",
    "registration": "cert",
    "revenue": "home",
    "sanitation": "bin",
    "transport": "car",
    "water": "drop",
    "works": "lamp",
}
"""The icons of departments; all others get a flag."""
Service = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AnsweringDepartment:
    """A department with the services that it usually answers."""

    code: str
    name: str
    services: list[Service]

    @property
    def icon(self) -> str:
        """The icon of the department."""
        return ICONS.get(self.code, "flag")


async def services_of(visit: Visit, q: str = "", department: str = "", kind: str = "") -> list[Service]:
    """The services that match; with words the best first, else by code. Raises RefusedError."""
    query = {"q": q[:200], "department": department, "kind": kind if kind in KINDS else ""}
    services: list[Service] = (await visit.portal.read("/api/v1/catalogue", query))["services"]
    return services


async def departments_of(visit: Visit) -> dict[str, Mapping[str, Any]]:
    """All departments by code. Raises RefusedError."""
    departments = (await visit.portal.read("/api/v1/departments"))["departments"]
    return {one["code"]: one for one in departments}


async def offer(visit: Visit, kind: str = "") -> tuple[list[Service], list[AnsweringDepartment]]:
    """All services, and the departments that answer them. Raises RefusedError."""
    services, departments = await asyncio.gather(services_of(visit, kind=kind), departments_of(visit))
    return services, list(by_department(services, departments))


def by_department(
    services: Iterable[Service], departments: Mapping[str, Mapping[str, Any]]
) -> Iterator[AnsweringDepartment]:
    """Services by the department that usually answers them, the department with most services first."""
    groups: dict[str, list[Service]] = {}
    for service in services:
        groups.setdefault(service["department"], []).append(service)
    for code, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        name = departments[code]["name"] if code in departments else code
        yield AnsweringDepartment(code, name, group)


def term(words: Translator, due: Mapping[str, Any]) -> str:
    """A time limit in words: 2 working days, 48 hours."""
    working = due["calendar"] == "working"
    if due.get("days"):
        if working:
            return words.count("%(n)s working day", "%(n)s working days", due["days"])
        return words.count("%(n)s day", "%(n)s days", due["days"])
    if working:
        return words.count("%(n)s working hour", "%(n)s working hours", due["hours"])
    return words.count("%(n)s hour", "%(n)s hours", due["hours"])


def fee(words: Translator, charge: Mapping[str, Any]) -> str:
    """A fee in words: the amount, or else the note of the catalogue, or else free."""
    if charge["amount"]:
        return words.say("%(amount)s rupees", amount=words.number(charge["amount"]))
    return words.localised(charge.get("note")) or words.say("Free")
