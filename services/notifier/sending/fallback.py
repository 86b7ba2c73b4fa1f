"""After a failure: remembers bad addresses, and moves the message to the other channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from services.notifier.channels.provider import Provider
from services.notifier.contacts import Contacts
from services.notifier.metrics import MOVED
from services.notifier.models.contact import SEALED_AS, Reach
from services.notifier.models.delivery import channels_tried, move
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import Notification
from services.notifier.writing import sms
from services.notifier.writing.composing import is_unwanted, words_of
from shared.clock import Clock
from shared.errors import UnavailableError
from shared.seal import KeyRing, SealBrokenError

MAY_MOVE = ("request.", "followed.")
"""Prefixes of templates whose messages may move to the other channel.

Not codes: a code proves its channel, and identity offers the other one itself. Changes to an account are already
reported on every channel, or on the one that a thief is less likely to have.
"""
OTHER = {SMS: EMAIL, EMAIL: SMS}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fallback:
    """Handles the consequences of failures and deliveries."""

    contacts: Contacts
    providers: Mapping[str, Sequence[Provider]]
    keys: KeyRing
    clock: Clock

    async def failed(self, notification: Notification, reach: Reach | None, *, bad_address: bool = False) -> None:
        """Remember a bad address, and start again over the other channel if there is one."""
        try:
            if bad_address:
                await self.contacts.address_failed(notification)
        except UnavailableError:  # the next message to it fails too
            log.warning("address.not_noted", id=notification.id)
        channel = OTHER.get(notification.channel, "")
        try:
            to = self._address(notification, reach, channel) if reach is not None else None
        except SealBrokenError as error:
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return
        if to is not None:
            move(notification, channel, to, self.clock())
            MOVED.labels(channel).inc()

    async def delivered(self, notification: Notification) -> None:
        """A message has arrived, so its address is good."""
        try:
            await self.contacts.address_worked(notification)
        except UnavailableError:
            log.warning("address.not_noted", id=notification.id)

    def _address(self, notification: Notification, reach: Reach, channel: str) -> str | None:
        """The sealed address on another channel; None if it must not go there. Raises SealBrokenError."""
        if not notification.template.startswith(MAY_MOVE) or notification.expired(self.clock()):
            return None
        if not notification.words or channel in channels_tried(notification) or channel in reach.failing:
            return None
        if not self.providers.get(channel) or reach.erased or is_unwanted(notification.template, reach):
            return None
        if channel == SMS:
            short = sms.parts(words_of(notification, self.keys)) <= sms.MAX_PARTS
            return reach.mobile if short and not reach.mobile_unproven else None
        has_email = reach.email and self.keys.unseal(reach.email, SEALED_AS[EMAIL], owner=notification.citizen_id)
        return reach.email if has_email else None
