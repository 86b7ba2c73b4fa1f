"""Reports of providers change the states of messages, with all consequences.

A report may arrive twice, out of order, or while a courier holds the message. It is written only if the message is as
it was read; then it takes the message away from the courier, whose own write matches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.notifier.channels.provider import Report
from services.notifier.contacts import Contacts
from services.notifier.metrics import REPORTS
from services.notifier.models.delivery import FAILED, settle
from services.notifier.models.message import EMAIL
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.sending.attempts import ASKED_AFTER
from services.notifier.sending.fallback import Fallback
from services.notifier.store.notifications import NotificationStore
from shared.changing import ContendedError, attempts
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class ReportSource:
    """The source of a report: a provider by name, or the mailbox for reports on emails of any provider."""

    name: str
    channel: str
    is_provider: bool = True


MAILBOX = ReportSource("mailbox", EMAIL, is_provider=False)


class Reports:
    """Processes reports."""

    def __init__(self, notifications: NotificationStore, contacts: Contacts, fallback: Fallback, clock: Clock) -> None:
        self._notifications = notifications
        self._contacts = contacts
        self._fallback = fallback
        self._clock = clock

    async def take(self, source: ReportSource, reports: Sequence[Report]) -> list[Report]:
        """Process the reports; returns those about unknown messages. Raises ContendedError."""
        left, unknown = list(reports), []
        async for _ in attempts():
            found = await self._notifications.named(source.name, [(report.ours, report.theirs) for report in left])
            about = [(report, _about(report, found)) for report in left]
            unknown += [report for report, notification in about if notification is None]
            known = [(report, notification) for report, notification in about if notification is not None]
            left = [report for report, notification in known if not await self._settle(notification, report, source)]
            if not left:
                for report in reports:
                    REPORTS.labels(source.name, "unknown" if report in unknown else report.state.value).inc()
                return unknown
        raise ContendedError

    async def _settle(self, read: Notification, report: Report, source: ReportSource) -> bool:
        """Apply a report; returns False if the message was changed meanwhile."""
        is_here = source.channel == read.channel
        settled = replace(read, attempts=[*read.attempts])
        by = source.name if source.is_provider else None
        if not (is_here or report.state is DeliveryState.DELIVERED):  # it has moved to another channel
            return True
        if not settle(settled, report.state, self._clock(), by=by, reference=report.theirs):
            return True
        settled.claim = None
        # Consequences come first: repeating them does no harm, and a crash does not lose them.
        if settled.state is DeliveryState.DELIVERED:
            await self._contacts.publish_delivered_codes([settled])
            if is_here:
                await self._fallback.delivered(settled)
        elif settled.state in FAILED:
            reaches = await self._contacts.reaches({settled.citizen_id})
            reach = reaches.get(settled.citizen_id)
            await self._fallback.failed(settled, reach, bad_address=report.bad_address)
        elif settled.state is DeliveryState.SENDING:  # instead of the courier, whose write matches nothing now
            settled.due_at = self._clock() + ASKED_AFTER[0]
        return await self._notifications.replace(read, settled)


def _about(report: Report, found: Sequence[Notification]) -> Notification | None:
    """The message of a report: by our reference, otherwise by the provider's."""
    if report.ours is not None:
        return next((n for n in found if n.ours == report.ours), None)
    return next((n for n in found if n.reference == report.theirs), None)
