"""The subscriptions that each process knows, from the departments that it keeps in memory."""

from collections.abc import Iterator

from services.routing.directory import Directory
from services.routing.models.directory import DepartmentRecord
from services.routing.subscriptions.models.subscription import Subscription, found_in
from shared import events
from shared.clock import utc_now
from shared.errors import NotFoundError


def subscriptions_of(department: DepartmentRecord) -> list[Subscription]:
    """Those of a department, the oldest first."""
    return [Subscription.of(department.id, kept) for kept in department.subscriptions]


def all_in(directory: Directory) -> Iterator[Subscription]:
    """Those of all departments."""
    for department in directory.departments.values():
        yield from subscriptions_of(department)


async def known_subscription(directory: Directory, department: str, wanted: str) -> Subscription:
    """A subscription of a department; one made at another replica is looked up. Raises NotFoundError."""
    for refreshed in (False, True):
        if refreshed:
            await directory.refresh()
        record = directory.departments.get(department)
        found = found_in(subscriptions_of(record), wanted) if record is not None else None
        if found is not None:
            return found
    raise NotFoundError


def note_change(
    record: DepartmentRecord, subscription: Subscription, act: str, by: str, *, stopped: bool | None = None
) -> None:
    """Add the event that says what was done to a subscription, which the audit hears."""
    record.emit(
        events.DepartmentChanged(
            name=record.name,
            changed=["subscriptions"],
            by=by,
            subscription=subscription.name,
            subscription_act=act,
            subscription_stopped=stopped,
        ),
        utc_now(),
    )
