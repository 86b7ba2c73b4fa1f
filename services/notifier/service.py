"""Records the messages of events: one write per batch, and each message once however often its event arrives.

If an event overtook the citizen's registration, the message is recorded with its event instead of a text, and the
courier writes it once the contact exists. So such an event is never refused, and the natural key prevents duplicates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from services.notifier.channels.provider import Provider
from services.notifier.combining import combine, waits_for_another
from services.notifier.contacts import Contacts
from services.notifier.handlers import ENDS, FOLLOWED, HANDLERS, combined, follower_message, message_for
from services.notifier.metrics import SENT
from services.notifier.models.combining import COMBINATIONS, EARLIER
from services.notifier.models.contact import Contact, Reach
from services.notifier.models.delivery import recorded
from services.notifier.models.following import STEP, Follower, digest_of, put_in_digest
from services.notifier.models.message import EMAIL, NOWHERE, MessageSpec
from services.notifier.models.notification import DeliveryState, Notification, notification_id
from services.notifier.models.preferences import held_until
from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore
from services.notifier.writing.composing import channel_of, write
from services.notifier.writing.templates import group_of
from shared.bus import DONE, Delivery, Outcome, outcome_of
from shared.clock import Clock
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.events import ANONYMOUS, RequestFollowed, RequestUnfollowed
from shared.inbox import Inbox, read_event
from shared.seal import KeyRing, SealBrokenError
from shared.settlement import DeliveryQuestion

MOMENT = timedelta(milliseconds=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Notifier:
    """Turns events into notifications."""

    contacts: Contacts
    notifications: NotificationStore
    followers: FollowerStore
    providers: Mapping[str, tuple[Provider, ...]]
    keys: KeyRing
    clock: Clock
    combine_within: float
    """Seconds for which a message waits for one that includes it."""

    async def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Record the messages of a batch; one outcome for each delivery. Raises only if the store is unavailable."""
        outcomes = [DONE] * len(deliveries)
        messages: dict[int, tuple[Envelope, MessageSpec]] = {}
        for place, delivery in enumerate(deliveries):
            try:
                envelope = delivery.envelope
                if not envelope.forgotten:
                    messages[place] = envelope, message_for(envelope, self.keys)
            except (MalformedEnvelopeError, SealBrokenError) as error:
                outcomes[place] = outcome_of(error)
        for envelope, message in messages.values():
            if HANDLERS[envelope.type].forgets:
                await self.notifications.forget_request(envelope.subject, message.citizen_id)
        reaches = await self.contacts.reaches({message.citizen_id for _, message in messages.values()})
        ends = await self._ends(list(messages.values()))
        now = self.clock()
        new: list[Notification] = []
        for place, (envelope, message) in messages.items():
            try:
                new += self._notifications_of(envelope, message, reaches.get(message.citizen_id), now, ends)
            except Exception as error:  # one that cannot be written must not fail the others
                outcomes[place] = outcome_of(error)
        broken = await self._combine(new, {envelope.id: one for envelope, one in messages.values()}, reaches, now)
        for place, (envelope, _) in messages.items():
            if envelope.id in broken:
                outcomes[place] = outcome_of(broken[envelope.id])
        new = [notification for notification in new if notification.event_id not in broken]
        # Followers' messages first: settlement checks the citizen's own message to see whether an event was handled.
        if new:
            await self._record_for_followers(list(messages.values()), now, ends)
            await self.notifications.insert_new(new)
            await self.contacts.publish_delivered_codes(new)
        return outcomes

    async def seen(self, question: DeliveryQuestion) -> dict[str, int]:
        """For each record, the last seq up to which every requested message is recorded."""
        ids = [
            notification_id(f"{question.source}/{subject}/{settled + place}", channel)
            for subject, (settled, types) in question.records.items()
            for place, kind in enumerate(types, start=1)
            if kind in HANDLERS
            for channel in HANDLERS[kind].channels
        ]
        recorded = await self.notifications.existing(ids)
        seen = {}
        for subject, (settled, types) in question.records.items():
            seq = settled
            for kind in types:
                channels = HANDLERS[kind].channels if kind in HANDLERS else ()
                event_id = f"{question.source}/{subject}/{seq + 1}"
                if any(notification_id(event_id, channel) not in recorded for channel in channels):
                    break
                seq += 1
            seen[subject] = seq
        return seen

    async def _ends(self, batch: Sequence[tuple[Envelope, MessageSpec]]) -> dict[str, int]:
        """The seqs of the events that ended requests which departments acted on in this batch."""
        ends = await self.notifications.ends({one.subject for one, message in batch if message.heard is not None})
        for envelope, _ in batch:
            if envelope.type in ENDS:
                ends[envelope.subject] = max(envelope.seq, ends.get(envelope.subject, 0))
        return ends

    async def _record_for_followers(
        self, batch: Sequence[tuple[Envelope, MessageSpec]], now: datetime, ends: Mapping[str, int]
    ) -> None:
        """Update followers, then record the messages for citizens who followed before each event."""
        for envelope, _ in batch:
            if envelope.type in (RequestFollowed.type, RequestUnfollowed.type):
                await self._note_follower(envelope)
        steps = [(envelope, message) for envelope, message in batch if envelope.type in FOLLOWED]
        followers = await self.followers.of({envelope.subject for envelope, _ in steps}) if steps else []
        if not followers:
            return
        reaches = await self.contacts.reaches({follower.citizen_id for follower in followers})
        new: list[Notification] = []
        for envelope, message in steps:
            for follower in followers:
                if follower.number == envelope.subject and follower.since <= envelope.at:
                    citizen = follower.citizen_id
                    to_follower = replace(follower_message(citizen, envelope), heard=message.heard)
                    try:
                        new += self._notifications_of(
                            envelope, to_follower, reaches.get(citizen), now, ends, follower=citizen
                        )
                    except Exception as error:  # it must not fail the others
                        log.error("message.unwritable", id=envelope.id, error=type(error).__name__)
        daily = {one.citizen_id for one in new if one.included_in is not None}
        digests = [digest_of(citizen, reaches[citizen].preferences, now) for citizen in daily]
        # Digests first: after a crash in between, no step waits for a digest that does not exist.
        await self.notifications.insert_new([*digests, *new])

    async def _note_follower(self, envelope: Envelope) -> None:
        event = read_event(envelope)
        assert isinstance(event, RequestFollowed | RequestUnfollowed)
        follower = Follower(envelope.subject, event.citizen_id, envelope.at)
        await self.followers.note(follower, envelope.seq, follows=isinstance(event, RequestFollowed))

    def _notifications_of(
        self,
        envelope: Envelope,
        message: MessageSpec,
        reach: Reach | None,
        now: datetime,
        ends: Mapping[str, int],
        follower: str | None = None,
    ) -> list[Notification]:
        """The notifications of an event, one for each channel. Raises SealBrokenError."""
        made = []
        for usual in HANDLERS[envelope.type].channels:
            channel = channel_of(message, usual, reach, self.keys)
            notification = _begun(envelope, message, usual, channel, now, follower)
            providers = self.providers.get(notification.channel, ())
            notification.due_at = now if reach is None or providers else None
            if message.citizen_id.startswith(ANONYMOUS):
                notification.state, notification.due_at = DeliveryState.NOBODY, None
            elif usual == NOWHERE or (reach is not None and reach.erased) or notification.overtaken(ends):
                notification.cancel()
            elif notification.expired(now):
                notification.expire()
            elif reach and message.email and channel == EMAIL and reach.bad_email_left == envelope.seq:
                notification.state, notification.due_at = DeliveryState.NOBODY, None  # the old address is bad
            elif reach is None:
                notification.event = envelope.entry()
            elif message.template in EARLIER or message.template in COMBINATIONS:
                notification.event, notification.due_at = envelope.entry(), now + timedelta(seconds=self.combine_within)
            else:
                self._write(notification, message, reach, now)
            made.append(notification)
        return made

    async def _combine(
        self, new: Sequence[Notification], asked: Mapping[str, MessageSpec], reaches: Mapping[str, Reach], now: datetime
    ) -> dict[str, Exception]:
        """Write the messages that may include earlier ones; returns the errors by the ids of their events."""
        waiting = [one for one in new if one.event is not None and one.citizen_id in reaches]
        found = await combine(self.notifications, waiting, new)
        broken = {}
        for notification in waiting:
            earlier = found.get(notification.id)
            if earlier is None or waits_for_another(notification, earlier):
                continue
            try:
                message = combined(asked[notification.event_id], earlier, self.keys)
                self._write(notification, message, reaches[notification.citizen_id], now)
            except Exception as error:
                broken[notification.event_id] = error
        return broken

    def _write(self, notification: Notification, message: MessageSpec, reach: Reach, now: datetime) -> None:
        """Write the text. If recording delivers, the message has arrived. Raises SealBrokenError."""
        providers = self.providers.get(notification.channel, ())
        held = held_until(group_of(message.template), reach.preferences, now)
        notification.template, notification.due_at = message.template, (held or now) if providers else None
        write(notification, message, reach, self.keys)
        if notification.state is not DeliveryState.CREATED:
            return
        if message.template == STEP and reach.preferences.daily is not None:
            put_in_digest(notification, message, reach.preferences, now)
        elif held is None and any(one.recording_delivers for one in providers):
            SENT.labels(notification.channel).inc()
            recorded(notification, now)


def _begun(
    envelope: Envelope, message: MessageSpec, usual: str, channel: str, now: datetime, follower: str | None
) -> Notification:
    """The notification without its text."""
    is_end = envelope.type in ENDS
    return Notification(
        id=notification_id(envelope.id, usual, follower),
        citizen_id=message.citizen_id,
        subject=envelope.subject,
        template=message.template,
        channel=channel,
        # In lists an end follows everything before it, even in the same millisecond.
        created_at=max(envelope.at, now + MOMENT) if is_end else envelope.at,
        expires_at=message.expires_at,
        ended=envelope.seq if is_end else None,
        heard=message.heard,
        due=message.due,
        urgent=HANDLERS[envelope.type].urgent,
    )


class CitizenStream:
    """Consumes the citizen stream twice: for contacts, in order, and for messages.

    Contacts come first, so that a code finds the registration in the same batch. Both are recorded
    before anything is acknowledged, and `seen` is the lesser of the two.
    """

    def __init__(self, inbox: Inbox[Contact], store: ContactStore, contacts: Contacts, notifier: Notifier) -> None:
        self._inbox = inbox
        self._contacts = contacts
        self._store = store
        self._notifier = notifier

    async def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """One outcome for each delivery: the worse of its two results."""
        outcomes = await self._inbox.take(deliveries)
        self._contacts.changed(str(delivery.headers.get("ce-subject")) for delivery in deliveries)
        places = [place for place, d in enumerate(deliveries) if d.headers.get("ce-type") in HANDLERS]
        taken = await self._notifier.take([deliveries[place] for place in places]) if places else []
        for place, outcome in zip(places, taken, strict=True):
            if outcomes[place] is DONE:
                outcomes[place] = outcome
        return outcomes

    async def seen(self, question: DeliveryQuestion) -> dict[str, int]:
        """The seq up to which both contact and messages have each record."""
        inbox = await self._store.taken_in(question.records, question.source)
        recorded = await self._notifier.seen(question)
        return {subject: min(seq, inbox.get(subject, 0)) for subject, seq in recorded.items()}
