"""What identity publishes of members of staff: their role, their department, and whether they still work here."""

from services.notifier.models.officer import StaffContact
from shared.envelope import Envelope
from shared.events import Event, StaffChanged, StaffNamed
from shared.inbox import Apply


def staff_named(_: StaffContact, __: Event, ___: Envelope) -> None:
    """Nobody's name stands in messages about work; counted in their sequence only."""


def staff_changed(member: StaffContact, event: Event, _: Envelope) -> None:
    """Follow role and department; nothing goes to a disabled member."""
    assert isinstance(event, StaffChanged)
    member.role, member.department, member.active = event.role, event.department, event.active


STAFF_HANDLERS: dict[str, Apply[StaffContact]] = {
    StaffNamed.type: staff_named,
    StaffChanged.type: staff_changed,
}
