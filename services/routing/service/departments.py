"""Creating and changing departments, and renewing their credentials, which are shown once."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.routing import schemas
from services.routing.broker import password_hash
from services.routing.directory import Directory
from services.routing.models.access import Access
from services.routing.models.directory import DepartmentChange, DepartmentEntry, DepartmentRecord
from services.routing.provisioning import Provisioning
from services.routing.store.departments import DepartmentStore
from shared import events
from shared.changing import change
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, NotFoundError, field_error
from shared.paging import time_text

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DepartmentAdmin:
    """The administrator's work on departments."""

    store: DepartmentStore
    directory: Directory
    provisioning: Provisioning

    async def declare(self, entries: list[DepartmentEntry]) -> None:
        """Create the departments of the files that do not exist yet; nobody has their credentials before `renew`."""
        for entry in entries:
            if await self.store.get(entry.code) is None:
                with suppress(ConflictError):  # another process of this service created it first
                    await self._create(entry, None)
        await self.directory.refresh()

    async def all(self) -> list[DepartmentRecord]:
        """Every department, ordered by code."""
        return await self.store.all()

    async def get(self, code: str) -> DepartmentRecord:
        """One department. Raises NotFoundError."""
        department = await self.store.get(code)
        if department is None:
            raise NotFoundError
        return department

    async def create(self, entry: DepartmentEntry, by: str, language: str = "en") -> schemas.Credentials:
        """Create a department.

        Raises ConflictError; InvalidError if nobody could hear appeals against it; UnavailableError, with
        nothing changed, when the broker does not answer.
        """
        await self._check_authority(entry.code, entry.appeals_to, language)
        if await self.store.get(entry.code) is not None:
            raise ConflictError("department-there")
        await self.provisioning.require_broker()
        credentials = await self._create(entry, by)
        await self.sync_broker(entry.code)
        return credentials

    async def change(self, code: str, body: DepartmentChange, by: str, language: str = "en") -> DepartmentRecord:
        """Change a department's names, head, authority or districts.

        Raises NotFoundError, InvalidError, ContendedError.
        """
        await self._check_authority(code, body.appeals_to, language)

        def step(department: DepartmentRecord) -> bool:
            changed = department.update(body)
            if changed:
                department.emit(events.DepartmentChanged(name=department.name, changed=changed, by=by), utc_now())
                log.info("department.changed", department=code, changed=changed, by=by)
            return bool(changed)

        await change(self.store, code, step)
        await self.directory.refresh()
        return await self.get(code)

    async def renew(self, code: str, by: str, keep_old_hours: int | None = None) -> schemas.Credentials:
        """Give a department a new password; the old one ends at once, or after `keep_old_hours`.

        When a password ends, the broker closes the connections that it opened. The new password belongs to another
        user while the old one stays valid.

        Raises NotFoundError; UnavailableError, with nothing changed, when the broker does not answer.
        """
        await self.get(code)
        password, old_until = await self.new_password(keep_old_hours)
        department = await change(
            self.store, code, lambda found: _set_password(found, password, by, renewed=True, old_until=old_until)
        )
        await self.sync_broker(code)
        log.info("department.access_renewed", department=code, by=by, old_until=old_until)
        return credentials(code, department, password)

    async def new_password(self, keep_old_hours: int | None) -> tuple[str, datetime | None]:
        """A password, and until when the old one stays valid. Raises UnavailableError if the broker does not answer."""
        await self.provisioning.require_broker()
        return secrets.token_urlsafe(24), utc_now() + timedelta(hours=keep_old_hours) if keep_old_hours else None

    async def _create(self, entry: DepartmentEntry, by: str | None) -> schemas.Credentials:
        """Write a new record. Raises ConflictError."""
        password, department = secrets.token_urlsafe(24), DepartmentRecord(id=entry.code)
        department.update(entry)
        _set_password(department, password, by)
        if await self.store.save_many([department]):
            raise ConflictError("department-there")
        log.info("department.made", department=entry.code, by=by)
        return credentials(entry.code, department, password)

    async def sync_broker(self, code: str) -> None:
        """Give the broker the newest password."""
        await self.directory.refresh()
        await self.provisioning.ensure_soon(self.directory.department(code))

    async def _check_authority(self, code: str, authority: str | None, language: str) -> None:
        """Check that the authority is another existing department. Raises InvalidError."""
        await self.directory.refresh()
        others = self.directory.departments.keys() - {code}
        if authority is not None and authority not in others:
            raise InvalidError(errors=[field_error("/appeals_to", "department", language)])


def credentials(department: str, access: Access, password: str) -> schemas.Credentials:
    """The credentials of a department's software, for the broker and (as OAuth client) for the API; shown this once."""
    return {
        "department": department,
        "user": access.login.user,
        "password": password,
        "queue": access.queue,
        "old_until": time_text(access.old_until),
    }


def _set_password(
    department: DepartmentRecord,
    password: str,
    by: str | None,
    *,
    renewed: bool | None = None,
    old_until: datetime | None = None,
) -> None:
    """Store the hashes of a new password, and emit the event."""
    now = utc_now()
    department.set_password(password_hash(password), now, old_until)
    created = events.DepartmentCreated(
        name=department.name,
        client_secret_sha256=hashlib.sha256(password.encode()).hexdigest(),
        by=by,
        renewed=renewed,
        old_until=old_until,
    )
    department.emit(created, now)
    if renewed:
        announce_password(department, department)


def announce_password(department: DepartmentRecord, access: Access) -> None:
    """Tell the department's software of a queue's new password, without the password."""
    now = utc_now()
    renewed = events.DepartmentAccessRenewed(
        queue=access.queue, user=access.login.user, old_until=access.old_good_until(now)
    )
    department.emit(renewed, now, queue=department.queue)
