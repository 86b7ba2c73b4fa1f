"""Callers who have not signed in, known devices, and the family of browser and system of a User-Agent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.identity.accounts.models.citizen import Citizen
from shared.events import CitizenDeviceSeen

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="rabta"'}
"""The header of each 401 (RFC 9110, section 11.6.1)."""
DEVICE_LIFE = timedelta(days=180)
"""Since the last login; then the device counts as new again."""
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class Caller:
    """`address` is a blind index of the client's address; attempts are counted by it, and it proves nothing.

    `program` is the family of browser and system, `device` the token of a known device.
    """

    address: str = "-"
    program: str = ""
    device: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Device:
    """A known device; only the hash of its token is stored."""

    id: str
    account: str
    secret: str
    name: str
    made_at: datetime
    used_at: datetime


def note_new(citizen: Citizen, challenge: str, at: datetime) -> None:
    """Tell the owner that a login on a new device has answered its code."""
    citizen.emit(CitizenDeviceSeen(channel=citizen.channel_of(challenge) or "sms"), at)


def family_of(user_agent: str) -> str:
    """The family of browser and system in a User-Agent."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part) or "another program"
