"""The unsubscribe link in optional emails: a person's id, a group, and a keyed hash of both.

It works as long as the email exists, without a login or storage, and can do nothing else.
"""

import re
from hmac import compare_digest

from services.notifier.models.preferences import OPTIONAL, Group
from shared.seal import BlindPurpose, KeyRing

"""Keeps these hashes apart from all others of the index key."""
LENGTH = 32
TOKEN = re.compile(rf"([a-z]+)\.([A-Za-z0-9-]{{1,64}})\.([0-9a-f]{{{LENGTH}}})")
PAGE = "/messages/stop"


def stop_link(public_url: str, citizen_id: str, group: Group, language: str, keys: KeyRing) -> str:
    """The address of the page that stops a group of messages to one person."""
    prefix = "/ur" if language == "ur" else ""
    return f"{public_url.rstrip('/')}{prefix}{PAGE}/{stop_token(citizen_id, group, keys)}"


def stop_token(citizen_id: str, group: Group, keys: KeyRing) -> str:
    """The token of the link."""
    return f"{group.value}.{citizen_id}.{_mark(citizen_id, group, keys)}"


def read_token(token: str, keys: KeyRing) -> tuple[str, Group] | None:
    """The person and the group of a token; None if it is not valid."""
    match = TOKEN.fullmatch(token)
    if match is None or match[1] not in OPTIONAL:
        return None
    group = Group(match[1])
    return (match[2], group) if compare_digest(match[3], _mark(match[2], group, keys)) else None


def _mark(citizen_id: str, group: Group, keys: KeyRing) -> str:
    return keys.blind(f"{group.value}\0{citizen_id}", BlindPurpose.STOP_LINK)[:LENGTH]
