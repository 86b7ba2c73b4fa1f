"""Rate limits of an address and of an account: token buckets in memory, and the headers that report them.

RateLimit and RateLimit-Policy follow draft-ietf-httpapi-ratelimit-headers-11. Each gateway process counts for itself.
Limits that must hold over all processes are counted in the database of the service they protect: codes and logins in
identity, digits of tracking in requests. Hundreds of people may share one address at a school or a mobile operator,
so the limits of an address only stop floods (docs/security.md, Limits).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil

from gateway.headers import Header
from shared.errors import TooManyRequestsError

MAX_BUCKETS = 100_000


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """`quota` requests in `window` seconds; the quota may be used up at once and comes back evenly.

    `code` is the problem that names the holder of the quota: a network or an account.
    """

    quota: int
    window: int
    code: str = "network-requests"


ACCOUNT = "too-many-requests"
ADDRESS, PARTNER = "address", "partner"
LIMITS: dict[str, RequestLimit] = {
    ADDRESS: RequestLimit(6000, 60),  # all requests together
    "public": RequestLimit(3000, 60),
    "register": RequestLimit(300, 60),
    "login": RequestLimit(600, 60),
    "track": RequestLimit(600, 60),
    "public-live": RequestLimit(600, 60),
    "anonymous": RequestLimit(300, 3600),  # filings without an account
    "anonymous-upload": RequestLimit(300, 3600),  # files of such requests
    "callback": RequestLimit(6000, 60),  # reports of SMS and email providers, which come in bursts
    PARTNER: RequestLimit(300, 60, ACCOUNT),  # of each partner's key
    "read": RequestLimit(600, 60, ACCOUNT),
    "write": RequestLimit(120, 60, ACCOUNT),
    "subscription": RequestLimit(600, 60, ACCOUNT),  # leases and acknowledgements of departments' software
    "webhook-test": RequestLimit(60, 3600, ACCOUNT),  # each calls an address that a head has entered
    "upload": RequestLimit(30, 60, ACCOUNT),
    "live": RequestLimit(60, 60, ACCOUNT),
    "message-test": RequestLimit(20, 3600, ACCOUNT),  # each costs money and can go to any number
}
"""By name: first the limits of an address, then those of an account (for routes that need a session)."""


class Limits:
    """The buckets of this process. `factor` multiplies every quota."""

    def __init__(
        self,
        limits: Mapping[str, RequestLimit] = LIMITS,
        *,
        factor: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = {name: replace(limit, quota=max(1, int(limit.quota * factor))) for name, limit in limits.items()}
        self._policies = {
            name: (b"ratelimit-policy", f'"{name}";q={limit.quota};w={limit.window}'.encode())
            for name, limit in self._limits.items()
        }
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, name: str, client: str) -> list[Header]:
        """Count a request of a client (an account or an address) against a limit; returns the RateLimit headers.

        Raises TooManyRequestsError with Retry-After when nothing is left. Unknown names have no limit.
        """
        limit = self._limits.get(name)
        if limit is None:
            return []
        now = self._clock()
        rate = limit.quota / limit.window
        key = (name, client)
        tokens, at = self._buckets.get(key, (float(limit.quota), now))
        tokens = min(limit.quota, tokens + (now - at) * rate)
        allowed = tokens >= 1
        if allowed:
            tokens -= 1
        self._buckets[key] = (tokens, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        state = f'"{name}";r={int(tokens)};t={ceil((limit.quota - tokens) / rate)}'
        if not allowed:
            wait = max(1, ceil((1 - tokens) / rate))
            headers = {
                "Retry-After": str(wait),
                "RateLimit": state,
                "RateLimit-Policy": self._policies[name][1].decode(),
            }
            raise TooManyRequestsError(limit.code, headers=headers, seconds=wait)
        return [(b"ratelimit", state.encode()), self._policies[name]]
