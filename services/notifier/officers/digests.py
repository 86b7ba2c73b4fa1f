"""Sends members of staff digests of their department's work, as often as each has chosen, within working hours.

The work up to a time is marked as begun, the messages are recorded under a key of member and time, and the work is
marked as done. After a crash in between, the next process repeats the same time, and the keys prevent duplicates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.notifier.models.hours import WorkingHours
from services.notifier.models.message import EMAIL, SMS, Day, MessageSpec, Value
from services.notifier.models.notification import Notification
from services.notifier.models.officer import Frequency, Kind, StaffContact, WorkTally
from services.notifier.officers.messages import WorkMessageWriter
from services.notifier.store.notifications import NotificationStore
from services.notifier.store.officers import MarkStore, StaffContactStore, WorkItemStore
from services.notifier.writing.sms import MAX_PARTS, parts
from services.notifier.writing.templates import render
from shared.clock import Clock

BATCH_SIZE = 500
TEMPLATE = "work.digest"
NAME = "Rabta: "
"""What stands before the lines of an SMS; in Urdu it is as long."""
TIMES = (Frequency.AT_ONCE, Frequency.HOURLY, Frequency.DAILY)
Tallies = Mapping[Frequency, Mapping[tuple[str, Kind], WorkTally]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkDigests:
    """The sweep, run every `every` seconds. It waits as long for items that another process is still recording."""

    contacts: StaffContactStore
    items: WorkItemStore
    marks: MarkStore
    notifications: NotificationStore
    messages: WorkMessageWriter
    hours: WorkingHours
    clock: Clock

    @property
    def every(self) -> float:
        """Seconds between two sweeps."""
        return self.hours.gather.total_seconds() / 10

    async def sweep(self) -> None:
        """Report everything up to the last fixed time, unless that is done."""
        ripe = self.hours.last(Frequency.AT_ONCE, self.clock() - self.hours.gather / 10)
        done, begun = await self.marks.read(ripe)
        until = begun or ripe
        if until <= done or not (begun or await self.marks.begin(done, until)):
            return
        count = await self._record(done, until)
        await self.marks.end(until)
        if count:
            log.info("work.told", members=count)

    async def _tallies(self, done: datetime, until: datetime, without: Sequence[str] = ()) -> Tallies:
        """The new items for each frequency; `without` those of these requests."""
        spans = {often: (self.hours.last(often, done), self.hours.last(often, until)) for often in TIMES}
        return {often: await self.items.tallies(*span, without) for often, span in spans.items() if span[0] < span[1]}

    async def _record(self, done: datetime, until: datetime) -> int:
        tallies = await self._tallies(done, until)
        addressees = {addressee for found in tallies.values() for addressee, _ in found}
        members = await self.contacts.of(addressees) if addressees else []
        hidden = await self.items.hidden_from([one.id for one in members]) if members else {}
        messages = []
        for one in members:
            seen = await self._tallies(done, until, hidden[one.id]) if one.id in hidden else tallies
            if message := self._message(one, seen, until):
                messages.append(message)
        for first in range(0, len(messages), BATCH_SIZE):
            await self.notifications.insert_new(messages[first : first + BATCH_SIZE])
        return len(messages)

    def _message(self, member: StaffContact, tallies: Tallies, until: datetime) -> Notification | None:
        """A message with everything new for a member; None if there is nothing."""
        channel = member.channel
        found = {
            kind: tally
            for kind in Kind
            if (tally := tallies.get(member.frequency_of(kind), {}).get((member.addressed_as(kind), kind))) is not None
        }
        if not found or channel is None:
            return None
        lines = [
            render(line_of(kind, tally, channel), member.language, self.messages.keys) for kind, tally in found.items()
        ]
        while channel == SMS and len(lines) > 1 and parts(NAME + " ".join(lines)) > MAX_PARTS:
            lines.pop()
        message = MessageSpec(member.owner, TEMPLATE, {"lines": " ".join(lines)})
        return self.messages.write(member, f"{until:%Y%m%dT%H%M%S.%f}", channel, message, member.reach, self.clock())


def line_of(kind: Kind, tally: WorkTally, channel: str) -> MessageSpec:
    """The line about one kind: the request if there is only one, otherwise their number."""
    values: dict[str, Value] = {"count": tally.count, "number": tally.number, "due": Day(tally.due_at)}
    if tally.count > 1:
        return MessageSpec("", f"work.{kind}.many", values)
    if kind is Kind.NEW_WORK and channel == EMAIL and tally.service is not None:
        return MessageSpec("", "work.new_work.named", values | {"service": tally.service})
    return MessageSpec("", f"work.{kind}.one", values)
