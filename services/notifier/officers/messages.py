"""Writes the messages to members of staff."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notifier.channels.provider import Provider
from services.notifier.models.contact import Reach
from services.notifier.models.delivery import recorded
from services.notifier.models.message import MessageSpec
from services.notifier.models.notification import DeliveryState, Notification, notification_id
from services.notifier.models.officer import StaffContact
from services.notifier.writing.composing import write
from shared.seal import KeyRing

Providers = Mapping[str, Sequence[Provider]]


class WorkMessageWriter:
    """Messages that do not belong to one event of a request. `write` raises SealBrokenError."""

    def __init__(self, providers: Providers, keys: KeyRing) -> None:
        self._providers = providers
        self.keys = keys

    def write(
        self, member: StaffContact, key: str, channel: str, message: MessageSpec, reach: Reach, now: datetime
    ) -> Notification:
        """A message to a member, unique by its key. If recording delivers, it has arrived."""
        providers = self._providers.get(channel, ())
        made = Notification(
            id=notification_id(f"work/{member.id}/{key}", channel),
            citizen_id=member.owner,
            subject=member.department or member.id,
            template=message.template,
            channel=channel,
            created_at=now,
            expires_at=message.expires_at,
            due_at=now if providers else None,
            urgent=message.expires_at is not None,
        )
        write(made, message, reach, self.keys)
        if made.state is DeliveryState.CREATED and any(one.recording_delivers for one in providers):
            recorded(made, now)
        return made
