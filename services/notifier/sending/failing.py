"""What follows when a message cannot arrive over its channel: the address is remembered, another channel is tried."""

from collections.abc import Mapping, Sequence

import structlog

from services.notifier.channels.provider import Provider
from services.notifier.metrics import MOVED as MOVED_ON
from services.notifier.models import EMAIL, SMS, Notification, Reach, move
from services.notifier.models.addressed import SEALED_AS
from services.notifier.models.delivery import channels_tried
from services.notifier.sending.addresses import Addresses
from services.notifier.writing import sms
from services.notifier.writing.composing import is_unwanted, words_of
from shared.clock import Clock
from shared.errors import UnavailableError
from shared.seal import KeyRing, SealBrokenError

MOVED = ("request.", "followed.")
"""Beginnings of templates whose messages may go by the other channel.

Codes are not among them: which channel a code came by is what it proves, and identity offers the other one itself.
What changes an account is told on every channel already, or on the one that a thief is not likely to have.
"""
OTHER = {SMS: EMAIL, EMAIL: SMS}

log = structlog.get_logger(__name__)


class Failing:
    """Follows up failures."""

    def __init__(
        self, addresses: Addresses, providers: Mapping[str, Sequence[Provider]], keys: KeyRing, clock: Clock
    ) -> None:
        self._addresses = addresses
        self._providers = providers
        self._keys = keys
        self._clock = clock

    async def follow_up(self, notification: Notification, reach: Reach | None, *, bad_address: bool = False) -> None:
        """Remember an address that takes no messages, and begin anew over the other channel if there is one."""
        try:
            if bad_address:
                await self._addresses.fail(notification)
        except UnavailableError:  # the next message there says so again
            log.warning("address.not_noted", id=notification.id)
        channel = OTHER.get(notification.channel, "")
        try:
            to = self._address(notification, reach, channel) if reach is not None else None
        except SealBrokenError as error:
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return
        if to is not None:
            move(notification, channel, to, self._clock())
            MOVED_ON.labels(channel).inc()

    async def works(self, notification: Notification) -> None:
        """A message has arrived: its address is a good one."""
        try:
            await self._addresses.work(notification)
        except UnavailableError:
            log.warning("address.not_noted", id=notification.id)

    def _address(self, notification: Notification, reach: Reach, channel: str) -> str | None:
        """The sealed address on another channel; None where it is not to go there. Raises SealBrokenError."""
        if not notification.template.startswith(MOVED) or notification.expired(self._clock()):
            return None
        if not notification.words or channel in channels_tried(notification) or channel in reach.failing:
            return None
        if not self._providers.get(channel) or reach.erased or is_unwanted(notification.template, reach):
            return None
        if channel == SMS:
            short = sms.parts(words_of(notification, self._keys)) <= sms.MAX_PARTS
            return reach.mobile if short and not reach.mobile_unproven else None
        has_one = reach.email and self._keys.unseal(reach.email, SEALED_AS[EMAIL], owner=notification.citizen_id)
        return reach.email if has_one else None
