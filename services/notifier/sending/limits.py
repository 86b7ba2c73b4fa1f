"""How many SMS somebody can make us send to themselves: each one costs money, and a script asks for 100 a minute.

Each process counts for itself, in memory. Codes have limits of their own (identity), decisions come from departments.
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
COUNTED = frozenset({Group.PROGRESS, Group.FOLLOWING})
CORRECTED = "citizen.corrected"
"""Of what is about an account only this: it takes no code and no password, so anybody with a session repeats it.

The others never count, or a thief who wants to hide a new password would use the limit up before.
"""


class SmsLimits:
    """A bucket for each person and kind of message: `MAX_A_DAY` at once, and as many again in a day."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def is_reached(self, notification: Notification) -> bool:
        """Count a message that is about to be sent for the first time; whether it is one too many."""
        kind = _kind_of(notification.template)
        if kind is None or notification.channel != SMS or notification.attempts:
            return False
        key, now = (notification.citizen_id, kind), self._clock()
        left, at = self._left.pop(key, (float(MAX_A_DAY), now))
        left = min(MAX_A_DAY, left + (now - at) * MAX_A_DAY / SECONDS)
        self._left[key] = max(left - 1, 0.0) if left >= 1 else left, now
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return left < 1


def _kind_of(template: str) -> str | None:
    """What a message is counted as; None where it is not."""
    group = group_of(template)
    return group if group in COUNTED else CORRECTED if template == CORRECTED else None
