"""Limits the SMS that a person can cause to their own number: each costs money, and a script can cause 100 a minute.

Each process counts in its own memory. Codes have limits of their own (identity), and departments cause decisions.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from services.notifier.models.message import SMS
from services.notifier.models.notification import Notification
from services.notifier.models.preferences import Group
from services.notifier.writing.templates import group_of

MAX_A_DAY = 50
SECONDS = 24 * 3600.0
REMEMBERED = 100_000
CORRECTED = "citizen.corrected"
"""The only account notice that counts: it needs no code or password, so anybody with a session can repeat it.

Others never count, or a thief could use up the limit to hide a new password.
"""
COUNTED = frozenset({Group.PROGRESS, Group.FOLLOWING, CORRECTED})


class SmsLimits:
    """A bucket for each person and kind of message: `MAX_A_DAY` at once, and as many again in a day."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def is_reached(self, notification: Notification) -> bool:
        """Count a message before its first attempt; returns whether it exceeds the limit."""
        template = notification.template
        kind = CORRECTED if template == CORRECTED else group_of(template)
        if kind not in COUNTED or notification.channel != SMS or notification.attempts:
            return False
        key, now = (notification.citizen_id, kind), self._clock()
        left, at = self._left.pop(key, (float(MAX_A_DAY), now))
        left = min(MAX_A_DAY, left + (now - at) * MAX_A_DAY / SECONDS)
        self._left[key] = max(left - 1, 0.0) if left >= 1 else left, now
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return left < 1
