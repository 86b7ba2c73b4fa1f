"""Composes messages: text, channel and address; and the unsubscribe link in optional emails.

The link holds a person's id, a group, and a keyed hash of both. It works as long as the email exists, without a login
or storage, and can do nothing else.
"""

import re
from hmac import compare_digest

from services.notifier.channels.provider import OutboundMessage
from services.notifier.models.contact import SEALED_AS, Reach
from services.notifier.models.message import EMAIL, SMS, MessageSpec
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.models.preferences import CHOSEN_NOTHING, OPTIONAL, PORTAL_ONLY, Group
from services.notifier.writing import templates
from shared.seal import BlindPurpose, KeyRing, SealPurpose

WORDS = SealPurpose.NOTIFICATION_WORDS
MARK_LENGTH = 32
STOP_TOKEN = re.compile(rf"([a-z]+)\.([A-Za-z0-9-]{{1,64}})\.([0-9a-f]{{{MARK_LENGTH}}})")
STOP_PAGE = "/messages/stop"


def address_of(notification: Notification, keys: KeyRing) -> str:
    """The mobile or email of a notification, in the clear. Raises SealBrokenError."""
    return keys.unseal(notification.to or "", SEALED_AS[notification.channel], owner=notification.citizen_id)


def words_of(notification: Notification, keys: KeyRing) -> str:
    """The text of a notification, in the clear. Raises SealBrokenError."""
    return keys.unseal(notification.words or "", WORDS, owner=notification.citizen_id)


def reference_of(id: str, keys: KeyRing) -> str:
    """Our reference of a message at providers: it reveals nothing of the message, and cannot be guessed.

    A bounce that contains it is trusted.
    """
    return keys.blind(id, BlindPurpose.MESSAGE_REFERENCE)[:32]


def outbound_message(notification: Notification, keys: KeyRing) -> OutboundMessage:
    """The message for a provider. Raises SealBrokenError."""
    language = notification.language or "en"
    return OutboundMessage(
        reference=notification.ours or reference_of(notification.id, keys),
        address=address_of(notification, keys),
        subject=templates.heading(notification.template, notification.subject, language),
        words=words_of(notification, keys),
        language=language,
        page=templates.page(notification.template, notification.subject),
        unsubscribe=_unsubscribe(notification, language, keys),
    )


def _unsubscribe(notification: Notification, language: str, keys: KeyRing) -> str | None:
    """The unsubscribe address of an email, if such emails may be stopped."""
    group, origin = templates.group_of(notification.template), templates.origin()
    if notification.channel != EMAIL or group not in OPTIONAL or not origin:
        return None
    return stop_link(origin, notification.citizen_id, Group(group), language, keys)


def channel_of(message: MessageSpec, usual: str, reach: Reach | None, keys: KeyRing) -> str:
    """The channel of a message: the chosen one, or another if that address is unproven or bad.

    Raises SealBrokenError.
    """
    channel = message.channel or _chosen(message, reach, keys) or usual
    if reach is None or message.everywhere or message.to is not None:
        return channel
    if channel == SMS and reach.mobile_unproven:
        return EMAIL
    return channel if message.channel else _that_works(channel, message, reach, keys)


def _that_works(channel: str, message: MessageSpec, reach: Reach, keys: KeyRing) -> str:
    """This channel, or the other one if this address is bad and there is another."""
    if channel not in reach.failing or not {SMS, EMAIL} - reach.failing:
        return channel
    if channel == SMS:
        return EMAIL if _email_of(message, reach, keys) else channel
    return SMS if reach.mobile and not reach.mobile_unproven else channel


def _chosen(message: MessageSpec, reach: Reach | None, keys: KeyRing) -> str | None:
    """The channel that the citizen chose for such messages, if it has an address. Raises SealBrokenError."""
    if reach is None or reach.preferences is CHOSEN_NOTHING or message.everywhere:
        return None
    chosen = reach.preferences.channel(templates.group_of(message.template))
    if chosen == PORTAL_ONLY or (chosen == EMAIL and _email_of(message, reach, keys) is None):
        return None
    return chosen


def is_unwanted(template: str, reach: Reach) -> bool:
    """Whether the citizen wants such messages on the portal only."""
    chosen = reach.preferences
    return chosen is not CHOSEN_NOTHING and chosen.channel(templates.group_of(template)) == PORTAL_ONLY


def write(
    notification: Notification, message: MessageSpec, reach: Reach, keys: KeyRing, words: str | None = None
) -> None:
    """Write address and sealed text into a notification, or note that it has no address. Raises SealBrokenError.

    An unwanted message has a text too, but is cancelled. `words` replaces the text of the template.
    """
    words = words or templates.render(message, reach.language, keys, notification.channel)
    notification.to = _sealed_address(notification, message, reach, keys)
    notification.event = None
    if notification.to is None:
        notification.state, notification.due_at = DeliveryState.NOBODY, None
        return
    notification.language = reach.language
    notification.words = keys.seal(words, WORDS, owner=notification.citizen_id)
    if is_unwanted(message.template, reach):
        notification.cancel()


def _sealed_address(notification: Notification, message: MessageSpec, reach: Reach, keys: KeyRing) -> str | None:
    """The sealed mobile or email of the message; None if there is none. Raises SealBrokenError."""
    if notification.channel == EMAIL:
        return _email_of(message, reach, keys)
    return message.to or (None if reach.mobile_unproven else reach.mobile)


def _email_of(message: MessageSpec, reach: Reach, keys: KeyRing) -> str | None:
    """The sealed email of the message; None if there is none. Raises SealBrokenError."""
    sealed = message.email or reach.email
    return sealed if sealed and keys.unseal(sealed, SEALED_AS[EMAIL], owner=message.citizen_id) else None


def stop_link(public_url: str, citizen_id: str, group: Group, language: str, keys: KeyRing) -> str:
    """The address of the page that stops a group of messages to one person."""
    prefix = "/ur" if language == "ur" else ""
    return f"{public_url.rstrip('/')}{prefix}{STOP_PAGE}/{stop_token(citizen_id, group, keys)}"


def stop_token(citizen_id: str, group: Group, keys: KeyRing) -> str:
    """The token of the link."""
    return f"{group.value}.{citizen_id}.{_stop_mark(citizen_id, group, keys)}"


def read_stop_token(token: str, keys: KeyRing) -> tuple[str, Group] | None:
    """The person and the group of a token; None if it is not valid."""
    match = STOP_TOKEN.fullmatch(token)
    if match is None or match[1] not in OPTIONAL:
        return None
    group = Group(match[1])
    return (match[2], group) if compare_digest(match[3], _stop_mark(match[2], group, keys)) else None


def _stop_mark(citizen_id: str, group: Group, keys: KeyRing) -> str:
    return keys.blind(f"{group.value}\0{citizen_id}", BlindPurpose.STOP_LINK)[:MARK_LENGTH]
