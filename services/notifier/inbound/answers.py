"""Answers an SMS once: with the state of a request, a changed preference, or help.

Only the phone of the request's citizen or of a follower gets the state. Any other phone gets the help text, as for an
unknown number. The number of answers an hour is limited, so that two machines that answer each other stop.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from services.notifier.channels.provider import InboundMessage
from services.notifier.contacts import Contacts
from services.notifier.handlers import mobile_index
from services.notifier.inbound.command import Command, CommandKind, read_command
from services.notifier.models.contact import PHONE, Reach
from services.notifier.models.message import SMS, Day, MessageSpec, Named, Values
from services.notifier.models.notification import Notification, notification_id
from services.notifier.models.standing import standing_of
from services.notifier.preferences import CitizenPreferences
from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore
from services.notifier.store.senders import SenderStore
from services.notifier.writing.composing import write
from shared.clock import Clock
from shared.seal import KeyRing, SealPurpose

MOBILE = re.compile(r"\+923[0-9]{9}")
"""Numbers that get an answer: short numbers and names are machines."""
ANSWER_LIFE = timedelta(hours=1)
"""A later answer is useless."""
HELP = "inbound.help"


@dataclass(frozen=True, slots=True)
class Sender:
    """The phone that sent an SMS, and the accounts whose proven mobile it is."""

    mobile: str
    index: str
    accounts: dict[str, Reach]

    @property
    def nobody(self) -> str:
        """The id in place of a citizen's if the answer belongs to no account."""
        return f"{PHONE}{self.index}"


@dataclass(frozen=True, slots=True)
class SmsAnswers:
    """The use case."""

    contacts: Contacts
    choosing: CitizenPreferences
    accounts: ContactStore
    followers: FollowerStore
    senders: SenderStore
    notifications: NotificationStore
    keys: KeyRing
    clock: Clock

    async def answer(self, received: InboundMessage) -> None:
        """Record the answer; repeating it changes nothing. Raises UnavailableError."""
        if not MOBILE.fullmatch(received.sender):
            return
        # Hashed, because a provider's ids can have any length and characters, and ours are part of list cursors.
        name = f"{received.provider}/{hashlib.sha256(received.id.encode()).hexdigest()[:32]}"
        event_id = f"inbound/{name}"
        if await self.notifications.existing([notification_id(event_id, SMS)]):
            return
        command, sender = read_command(received.words), await self._sender(received.sender)
        message = await self._message(command, sender)
        if await self.senders.may_answer(sender.index, name, is_help=message.template == HELP):
            await self._record(event_id, message, command, sender)

    async def _sender(self, mobile: str) -> Sender:
        index = mobile_index(self.keys, mobile)
        reaches = await self.contacts.reaches(await self.accounts.with_mobile(index))
        proven = {one: reach for one, reach in reaches.items() if not (reach.mobile_unproven or reach.erased)}
        return Sender(mobile, index, proven)

    async def _message(self, command: Command, sender: Sender) -> MessageSpec:
        help_ = MessageSpec(sender.nobody, HELP, {})
        if not sender.accounts:
            return help_
        if command.number is not None:
            return await self._status(command.number, sender) or help_
        if command.kind in (CommandKind.STOP, CommandKind.START):
            for account in sender.accounts:
                await self.choosing.choose_sms(account, wanted=command.kind is CommandKind.START)
            return replace(
                help_, template="inbound.started" if command.kind is CommandKind.START else "inbound.stopped"
            )
        return help_

    async def _status(self, number: str, sender: Sender) -> MessageSpec | None:
        """The state of a request for its citizen or a follower; None for others, or if there is no request."""
        messages = await self.notifications.about_request(number)
        ends = {number: max((one.ended for one in messages if one.ended is not None), default=0)}
        standing = standing_of(one for one in messages if not one.overtaken(ends))
        reader = await self._reader(number, messages, sender)
        if standing is None or reader is None:
            return None
        values: Values = {
            "number": number,
            "standing": Named(f"standing.{standing.name}"),
            "since": Day(standing.since),
        }
        if standing.due is not None:
            return MessageSpec(reader, "inbound.status.due", {**values, "due": Day(standing.due)})
        return MessageSpec(reader, "inbound.status", values)

    async def _reader(self, number: str, messages: Sequence[Notification], sender: Sender) -> str | None:
        """The account of this phone that may know the state: the citizen's before a follower's."""
        if own := {one.citizen_id for one in messages} & sender.accounts.keys():
            return min(own)
        following = {one.citizen_id for one in await self.followers.of([number])} & sender.accounts.keys()
        return min(following, default=None)

    async def _record(self, event_id: str, message: MessageSpec, command: Command, sender: Sender) -> None:
        now, to = self.clock(), message.citizen_id
        sealed = self.keys.seal(sender.mobile, SealPurpose.CITIZEN_MOBILE, owner=to)
        known = sender.accounts.get(to) or next(iter(sender.accounts.values()), None)
        language = command.language or (known.language if known else "en")
        number = message.values.get("number")
        notification = Notification(
            id=notification_id(event_id, SMS),
            citizen_id=to,
            subject=str(number) if number else to,
            template=message.template,
            channel=SMS,
            created_at=now,
            due_at=now,
            expires_at=now + ANSWER_LIFE,
            read_at=now,
        )
        write(notification, replace(message, to=sealed), Reach(language, sealed), self.keys)
        await self.notifications.insert_new([notification])
