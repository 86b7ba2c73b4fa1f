"""What an event's message says, in the clear and sealed, and by which channel it goes to which address."""

import hashlib

from services.notifier.channels import Letter
from services.notifier.models import EMAIL, SMS, Notification, Reach, State, Wanted
from services.notifier.writing import templates
from shared.seal import KeyRing

WORDS = "notification.words"
PLACES = {EMAIL: "citizen.email"}
"""The kind of seal of a channel's address, where it is not that of the mobile."""


def address_of(notification: Notification, keys: KeyRing) -> str:
    """The mobile or email that a notification goes to, in the clear. Raises SealBrokenError."""
    place = PLACES.get(notification.channel, "citizen.mobile")
    return keys.unseal(notification.to or "", place, of=notification.citizen_id)


def words_of(notification: Notification, keys: KeyRing) -> str:
    """The words of a notification, in the clear. Raises SealBrokenError."""
    return keys.unseal(notification.words or "", WORDS, of=notification.citizen_id)


def reference_of(id: str) -> str:
    """Our name for a message at providers: it tells nobody whom or what it is about."""
    return hashlib.sha256(id.encode()).hexdigest()[:32]


def letter_of(notification: Notification, keys: KeyRing) -> Letter:
    """What a provider gets of a message. Raises SealBrokenError."""
    language = notification.language or "en"
    return Letter(
        reference=notification.ours or reference_of(notification.id),
        address=address_of(notification, keys),
        subject=templates.heading(notification.template, notification.subject, language),
        words=words_of(notification, keys),
        language=language,
    )


def channel_of(message: Wanted, usual: str, reach: Reach | None) -> str:
    """The channel of a message: email in place of SMS where the citizen has not proven the mobile."""
    channel = message.channel or usual
    if channel == SMS and not message.everywhere and message.to is None and reach is not None and reach.mobile_unproven:
        return EMAIL
    return channel


def write(notification: Notification, message: Wanted, reach: Reach, keys: KeyRing) -> None:
    """Put address and sealed words into a notification, or note that it has no address. Raises SealBrokenError."""
    words = templates.render(message, reach.language, keys, notification.channel)
    notification.to = _sealed_address(notification, message, reach, keys)
    notification.event = None
    if notification.to is None:
        notification.state, notification.due_at = State.NOBODY, None
        return
    notification.language = reach.language
    notification.words = keys.seal(words, WORDS, of=notification.citizen_id)


def _sealed_address(notification: Notification, message: Wanted, reach: Reach, keys: KeyRing) -> str | None:
    """The mobile or email that it goes to; None where there is none. Raises SealBrokenError."""
    if notification.channel == EMAIL:
        sealed = message.email or reach.email
        return sealed if sealed and keys.unseal(sealed, PLACES[EMAIL], of=notification.citizen_id) else None
    return message.to or (None if reach.mobile_unproven else reach.mobile)
