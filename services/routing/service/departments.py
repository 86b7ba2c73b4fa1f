"""Making departments: the record, its event, and its credentials, which are shown once."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass

from services.routing.directory import Directory
from services.routing.models.directory import Department, DepartmentEntry
from services.routing.provisioning import Provisioning, password_hash
from services.routing.store import DepartmentStore
from shared import events
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, field_error


@dataclass(frozen=True)
class Credentials:
    """What a department's software signs in with, to the broker and (as OAuth client) to the API."""

    department: str
    user: str
    password: str
    queue: str


class Departments:
    """Makes departments and renews their access."""

    def __init__(self, store: DepartmentStore, directory: Directory, provisioning: Provisioning) -> None:
        self._store = store
        self._directory = directory
        self._provisioning = provisioning

    async def declare(self, entries: list[DepartmentEntry]) -> None:
        """Make the departments of the files that are not there yet; their access is given out by `renew`."""
        for entry in entries:
            if await self._store.get(entry.code) is None:
                with suppress(ConflictError):  # another process of this service was quicker
                    await self._save(entry, Department(id=entry.code))
        await self._directory.refresh()

    async def create(self, entry: DepartmentEntry, language: str = "en") -> Credentials:
        """Make a department, or declare it anew with a new password.

        Raises InvalidError where nobody could hear appeals against it.
        """
        await self._directory.refresh()
        others = self._directory.departments.keys() - {entry.code}
        if entry.appeals_to is not None and entry.appeals_to not in others:
            raise InvalidError(errors=[field_error("/appeals_to", "department", language)])
        return await self._make(entry)

    async def _make(self, entry: DepartmentEntry) -> Credentials:
        record = await self._store.get(entry.code) or Department(id=entry.code)
        credentials = await self._save(entry, record)
        await self._directory.refresh()
        await self._provisioning.ensure([self._directory.departments[entry.code]])
        return credentials

    async def renew(self, department: Department) -> Credentials:
        """Give a department a new password; the old one ends."""
        entry = DepartmentEntry.model_validate(
            {
                "code": department.id,
                "name": department.name,
                "head": department.head,
                "appellate_authority": department.appellate_authority,
                "appeals_to": department.appeals_to,
                "districts": department.districts,
            }
        )
        return await self._make(entry)

    async def _save(self, entry: DepartmentEntry, record: Department) -> Credentials:
        password = secrets.token_urlsafe(24)
        record.name, record.head = entry.name.model_dump(), entry.head.model_dump()
        record.appellate_authority = entry.appellate_authority.model_dump()
        record.appeals_to = entry.appeals_to
        record.districts = list(entry.districts)
        record.broker_password_hash = password_hash(password)
        said = events.DepartmentCreated(
            name=record.name, client_secret_sha256=hashlib.sha256(password.encode()).hexdigest()
        )
        record.emit(said, utc_now())
        if await self._store.save_many([record]):
            raise ConflictError
        return Credentials(entry.code, record.queue, password, record.queue)
