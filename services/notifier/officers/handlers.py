"""Identity's events about members of staff: role, department, and whether they are disabled."""

from services.notifier.models.officer import StaffContact
from shared.envelope import Envelope
from shared.events import Event, StaffChanged, StaffNamed
from shared.inbox import Apply


def staff_named(_: StaffContact, __: Event, ___: Envelope) -> None:
    """Only counted in the sequence: messages about work contain no names."""


def staff_changed(member: StaffContact, event: Event, _: Envelope) -> None:
    """Store role and department; a disabled member gets nothing."""
    assert isinstance(event, StaffChanged)
    member.role, member.department, member.active = event.role, event.department, event.active


STAFF_HANDLERS: dict[str, Apply[StaffContact]] = {
    StaffNamed.type: staff_named,
    StaffChanged.type: staff_changed,
}
