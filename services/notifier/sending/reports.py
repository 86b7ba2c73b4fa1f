"""Reports of providers change the states of messages, with what follows from that.

A report may come twice, out of order, while a courier has the message, or before the courier has written that the
provider took it. It is written only where the message is still as it was read; it then takes the message away from a
courier that has it, whose own note finds nothing to write to.
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
    """Who reports: a provider by its name, or the mailbox to which mail servers report, whichever provider sent."""

    name: str
    channel: str
    is_provider: bool = True


MAILBOX = ReportSource("mailbox", EMAIL, is_provider=False)


class Reports:
    """Takes reports in."""

    def __init__(
        self,
        notifications: NotificationStore,
        contacts: Contacts,
        fallback: Fallback,
        clock: Clock,
    ) -> None:
        self._notifications = notifications
        self._contacts = contacts
        self._fallback = fallback
        self._clock = clock

    async def take(self, source: ReportSource, reports: Sequence[Report]) -> list[Report]:
        """Note the reports; those about unknown messages are returned. Raises ContendedError."""
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
        """Whether it is done: not where somebody changed the message meanwhile."""
        is_here = source.channel == read.channel
        settled = replace(read, attempts=[*read.attempts])
        by = source.name if source.is_provider else None
        if not (is_here or report.state is DeliveryState.DELIVERED):  # it goes by another channel since
            return True
        if not settle(settled, report.state, self._clock(), by=by, reference=report.theirs):
            return True
        settled.claim = None
        # What follows comes first: it does no harm when it comes again, and is not lost when this process dies.
        if settled.state is DeliveryState.DELIVERED:
            await self._contacts.publish_delivered_codes([settled])
            if is_here:
                await self._fallback.delivered(settled)
        elif settled.state in FAILED:
            reaches = await self._contacts.reaches({settled.citizen_id})
            reach = reaches.get(settled.citizen_id)
            await self._fallback.failed(settled, reach, bad_address=report.bad_address)
        elif (
            settled.state is DeliveryState.SENDING
        ):  # in place of the courier's note, which finds nothing to write to now
            settled.due_at = self._clock() + ASKED_AFTER[0]
        return await self._notifications.replace(read, settled)


def _about(report: Report, found: Sequence[Notification]) -> Notification | None:
    """The message that a report is about: by our name for it, else by the provider's."""
    if report.ours is not None:
        return next((n for n in found if n.ours == report.ours), None)
    return next((n for n in found if n.reference == report.theirs), None)
