"""What this service does when others say something. `HANDLERS` is the table of contents."""

from typing import cast

from services.identity.models.staff import Department
from shared.envelope import Envelope
from shared.events import DepartmentCreated, Event
from shared.inbox import Apply


def department_created(department: Department, event: Event, envelope: Envelope) -> None:
    """Keep the hash of the department's secret, for the login of its own software; a newer one replaces it."""
    department.client_secret_sha256 = cast(DepartmentCreated, event).client_secret_sha256


HANDLERS: dict[str, Apply[Department]] = {
    DepartmentCreated.type: department_created,
}
