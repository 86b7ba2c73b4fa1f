"""A challenge: the purpose of a one-time code, and when codes were sent.

It looks the same whether or not there is an account, so that it reveals nothing. The account alone holds the hash of
the code.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.events import Channel

Purpose = Literal["register", "login", "reset", "contact"]
Ways = tuple[Channel, ...]

MAX_TRIES_PER_CODE = 5
WAITS = (30, 60, 120)
"""Seconds after the first, second, third and later sends."""
SMS_BEFORE_EMAIL = 2
ANY_WAY: Ways = ("sms", "email")
BY_SMS: Ways = ("sms",)
BY_EMAIL: Ways = ("email",)
CODE_LIFE = timedelta(minutes=10)
KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Send:
    """One requested code; it is really sent only if there is an account."""

    at: datetime
    channel: Channel = "sms"


@dataclass(frozen=True)
class Challenge:
    """Purpose, sends, and how often the newest code was tried.

    Wrong codes are counted by `subject` (the account, or a stand-in if there is none), messages by `number` (the blind
    index of the mobile). `ways` are the channels that the answers may name: both if the challenge must not reveal
    whether there is an account.
    """

    id: str
    purpose: Purpose
    subject: str
    number: str
    sends: tuple[Send, ...]
    tries: int = 0
    ways: Ways = ANY_WAY

    def next_send(self) -> datetime:
        """When another code may be sent."""
        return self.sends[-1].at + timedelta(seconds=WAITS[min(len(self.sends), len(WAITS)) - 1])

    def channels(self, *, sms_left: bool) -> Ways:
        """The channels of the next code: email too after two SMS, only email if no SMS is left."""
        if self.ways != ANY_WAY:
            return self.ways
        if not sms_left:
            return BY_EMAIL
        by_sms = sum(send.channel == "sms" for send in self.sends)
        return ANY_WAY if by_sms >= SMS_BEFORE_EMAIL else BY_SMS

    def expires_at(self) -> datetime:
        """When the newest code expires."""
        return self.sends[-1].at + CODE_LIFE


def seconds_until(at: datetime | None, now: datetime) -> int:
    """Whole seconds, rounded up; 0 for None and for the past."""
    return 0 if at is None else max(0, math.ceil((at - now).total_seconds()))
