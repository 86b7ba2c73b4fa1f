"""One challenge: what a one-time code is asked for, and when codes were sent.

It is kept alike for people who are known and for those who are not, so that nothing tells. Whose code it is, and
which one is right, stands in the account alone.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Purpose = Literal["register", "login", "reset", "contact"]
Channel = Literal["sms", "email"]
Ways = tuple[Channel, ...]

TRIES_A_CODE = 5
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
    """One code that was asked for; sent, where there is somebody to send it to."""

    at: datetime
    channel: Channel = "sms"


@dataclass(frozen=True)
class Challenge:
    """Purpose, sends, and how often the newest code was tried.

    `subject` names the counter of wrong codes (an account, or what stands for one that does not exist), `number` the
    counter of messages (blind index of the mobile). `ways` are those that there may ever be; where a challenge must not
    tell whether there is an account, they are both.
    """

    id: str
    purpose: Purpose
    subject: str
    number: str
    sends: tuple[Send, ...]
    tries: int = 0
    ways: Ways = ANY_WAY

    def next_send(self) -> datetime:
        """From when another code may be sent."""
        return self.sends[-1].at + timedelta(seconds=WAITS[min(len(self.sends), len(WAITS)) - 1])

    def channels(self, *, sms_left: bool) -> Ways:
        """Where the next code may go: by email too, once two messages did not help, or by email alone."""
        if self.ways != ANY_WAY:
            return self.ways
        if not sms_left:
            return BY_EMAIL
        by_sms = sum(send.channel == "sms" for send in self.sends)
        return ANY_WAY if by_sms >= SMS_BEFORE_EMAIL else BY_SMS

    def expires_at(self) -> datetime:
        """Until when the newest code counts."""
        return self.sends[-1].at + CODE_LIFE


def seconds_until(at: datetime | None, now: datetime) -> int:
    """Whole seconds, rounded up; 0 for what is over."""
    return 0 if at is None else max(0, math.ceil((at - now).total_seconds()))
