"""What one stream tells: where it is read, from where on, and what was told already."""

import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlencode

from starlette.types import Scope

from gateway.live.watchers import citizen_key, department_key, request_key
from gateway.proxy import ServiceAnswer
from gateway.routes import REQUESTS, ROUTING
from shared.auth import Principal
from shared.client_address import CLIENT_ADDRESS
from shared.errors import language_of
from shared.queries import demand_known

READ_AT_ONCE = 100
REPEATS_SECONDS = 60.0
CURSOR = re.compile(r"[\x21-\x7e]{1,80}")
PASSED = ("Accept-Language", "X-Request-Id", "traceparent", CLIENT_ADDRESS)
Of = Literal["account", "request", "network"]
AFTER = "last_event_id"
"""The cursor in the address, for clients that cannot send `Last-Event-ID`."""
MANY = {"limit": str(READ_AT_ONCE)}
TRACK, ASSIGNMENTS = "/api/v1/track/", "/api/v1/assignments/"


class StreamSlot(NamedTuple):
    """What a stream takes up: one of those that an account, a tracked request or an address (network) may have."""

    of: Of
    whose: str


@dataclass
class StreamSource:
    """One stream: the route it reads, the cursor it starts from, the reader, and until when their token is good.

    `places` are those that it takes up, `key` is by what it is woken, `event` what each update is called.
    """

    places: tuple[StreamSlot, ...]
    key: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    expires: float
    cursor: str
    service: str = REQUESTS
    event: str = "request"

    @classmethod
    def of(cls, scope: Scope, headers: Mapping[str, str], who: Principal | str) -> "StreamSource":
        """The source that a request for a stream asks for; only tracking is open to somebody who is not signed in."""
        query = parse_qs(scope["query_string"].decode("ascii"), keep_blank_values=True)
        known = (AFTER, "mobile") if scope["path"].startswith(TRACK) else (AFTER,)
        demand_known(query, known, language_of({"accept-language": headers.get("Accept-Language", "")}))
        cursor = headers.get("Last-Event-ID") or query.get(AFTER, [""])[0]
        cursor = cursor if CURSOR.fullmatch(cursor) else ""
        passed = {name: headers[name] for name in PASSED if name in headers}
        place = StreamSlot("network", who) if isinstance(who, str) else StreamSlot("account", who.id)
        if isinstance(who, str) or scope["path"].startswith(TRACK):
            number = scope["path"].split("/")[4]
            params = {"mobile": query.get("mobile", [""])[0]}
            path = f"/api/v1/track/{number}/updates"
            key = request_key(number)
            return cls((place, StreamSlot("request", key)), key, path, params, passed, float("inf"), cursor)
        passed |= {name: headers[name] for name in ("Authorization",) if name in headers}
        if scope["path"].startswith(ASSIGNMENTS):
            key, path = department_key(who.department or ""), f"{ASSIGNMENTS}updates"
            return cls((place,), key, path, MANY, passed, who.expires, cursor, ROUTING, "assignment")
        return cls((place,), citizen_key(who.id), "/api/v1/requests/updates", MANY, passed, who.expires, cursor)

    def target(self) -> str:
        """Path and query of the next read."""
        return f"{self.path}?{urlencode({**self.params, 'after': self.cursor})}"


class RecentUpdates:
    """What a stream has told lately: updates of the last seconds come twice, and are told once."""

    def __init__(self, last: str = "") -> None:
        self._ids: OrderedDict[str, float] = OrderedDict({last: time.monotonic()})
        self.full = False
        self.failed = False

    def text(self, source: StreamSource, answer: ServiceAnswer, *, begin: bool = False) -> str:
        """The new updates of an answer as events; moves the cursor on."""
        body = json.loads(answer.body)
        new = self.new(body["updates"])
        self.full = bool(new) and len(body["updates"]) >= READ_AT_ONCE
        source.cursor = body["next"]
        if begin and not new:
            return f"id: {source.cursor}\n\n"  # a client that hears nothing still knows from where to go on
        return "".join(
            f"id: {update['id']}\nevent: {source.event}\ndata: {json.dumps(update, ensure_ascii=False)}\n\n"
            for update in new
        )

    def new(self, updates: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the updates that were not told before."""
        now = time.monotonic()
        new = [update for update in updates if update["id"] not in self._ids]
        self._ids.update((update["id"], now) for update in new)
        while self._ids and next(iter(self._ids.values())) < now - REPEATS_SECONDS:
            self._ids.popitem(last=False)
        return new
