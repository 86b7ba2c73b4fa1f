"""A department's reply templates: its head writes them, and its officers get them filled for a request."""

from collections.abc import Mapping
from typing import Any

from services.routing.desk.models.named import ReplyTemplates, fill
from services.routing.directory import Directory
from services.routing.models.assignment import Assignment
from services.routing.models.dates import day_text
from services.routing.service.colleagues import StaffNames
from services.routing.service.deciding import Actor
from shared.changing import change
from shared.errors import LANGUAGES
from shared.records import Records


class DepartmentTemplates:
    """The reply templates of departments."""

    def __init__(self, store: Records[ReplyTemplates], directory: Directory, colleagues: StaffNames) -> None:
        self._store = store
        self._directory = directory
        self._colleagues = colleagues

    async def of(self, department: str) -> list[dict[str, Any]]:
        """The templates of a department, by their English names."""
        found = await self._store.get(department)
        return found.templates if found else []

    async def put(self, department: str, template: dict[str, Any]) -> None:
        """Add a template, or replace the one with its id. Raises ConflictError, ContendedError."""
        await change(self._store, department, lambda kept: kept.put(template), lambda: ReplyTemplates(id=department))

    async def remove(self, department: str, template_id: str) -> None:
        """Remove a template. Raises NotFoundError, ContendedError."""
        await change(self._store, department, lambda templates: templates.remove(template_id))

    async def filled(self, assignment: Assignment, actor: Actor) -> list[dict[str, Any]]:
        """The templates of the department with the fields filled for this assignment."""
        names = await self.officer_names(actor)
        values = {language: self.values_in(language, assignment, names) for language in LANGUAGES}
        return [
            {**template, "text": {language: fill(template["text"][language], values[language]) for language in values}}
            for template in await self.of(actor.department)
        ]

    async def officer_names(self, actor: Actor) -> dict[str, str]:
        """The name of the officer, by language; the department's where no name is known."""
        known = (await self._colleagues.names([actor.id], actor.language)).get(actor.id)
        return {language: known or self._department(actor.department)[language] for language in LANGUAGES}

    def values_in(self, language: str, assignment: Assignment, officer: Mapping[str, str]) -> dict[str, str]:
        """The values of the fields for an assignment in one language."""
        service = self._directory.services.get(assignment.service)
        return {
            "number": assignment.id,
            "service": service.name[language] if service else assignment.service,
            "department": self._department(assignment.department or "")[language],
            "due": day_text(assignment.due_at, language),
            "officer": officer[language],
        }

    def _department(self, code: str) -> Mapping[str, str]:
        department = self._directory.departments.get(code)
        return department.name if department else dict.fromkeys(LANGUAGES, code)
