"""What one stream sends: which route it reads, from which cursor on, and which updates were sent already."""

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
from gateway.pool import ServiceAnswer
from gateway.routes import REQUESTS, ROUTING
from shared.auth import Principal
from shared.client_address import CLIENT_ADDRESS
from shared.errors import language_of
from shared.queries import require_known

MAX_UPDATES = 100
REMEMBER_SECONDS = 60.0
CURSOR = re.compile(r"[\x21-\x7e]{1,80}")
PASSED_ON = ("Accept-Language", "X-Request-Id", "traceparent", CLIENT_ADDRESS)
SlotKind = Literal["account", "request", "network"]
CURSOR_PARAMETER = "last_event_id"
"""The query parameter for clients that cannot send `Last-Event-ID`."""
LIMIT = {"limit": str(MAX_UPDATES)}
TRACK, ASSIGNMENTS = "/api/v1/track/", "/api/v1/assignments/"


class StreamSlot(NamedTuple):
    """What an open stream counts against: an account, a tracked request or an address (network)."""

    kind: SlotKind
    owner: str


@dataclass
class StreamSource:
    """The source of one stream: the route that it reads, the cursor, and the time at which the reader's token expires.

    `slots` are what it counts against, `key` is what wakes it, `event` is the name of its events.
    """

    slots: tuple[StreamSlot, ...]
    key: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    expires: float
    cursor: str
    service: str = REQUESTS
    event: str = "request"

    @classmethod
    def of(cls, scope: Scope, headers: Mapping[str, str], client: Principal | str) -> "StreamSource":
        """The source for a request; a client without an account is an address, and can only track."""
        query = parse_qs(scope["query_string"].decode("ascii"), keep_blank_values=True)
        known = (CURSOR_PARAMETER, "mobile") if scope["path"].startswith(TRACK) else (CURSOR_PARAMETER,)
        require_known(query, known, language_of({"accept-language": headers.get("Accept-Language", "")}))
        cursor = headers.get("Last-Event-ID") or query.get(CURSOR_PARAMETER, [""])[0]
        cursor = cursor if CURSOR.fullmatch(cursor) else ""
        passed_on = {name: headers[name] for name in PASSED_ON if name in headers}
        slot = StreamSlot("network", client) if isinstance(client, str) else StreamSlot("account", client.id)
        if isinstance(client, str) or scope["path"].startswith(TRACK):
            number = scope["path"].split("/")[4]
            params = {"mobile": query.get("mobile", [""])[0]}
            path = f"/api/v1/track/{number}/updates"
            key = request_key(number)
            return cls((slot, StreamSlot("request", key)), key, path, params, passed_on, float("inf"), cursor)
        passed_on |= {name: headers[name] for name in ("Authorization",) if name in headers}
        if scope["path"].startswith(ASSIGNMENTS):
            key, path = department_key(client.department or ""), f"{ASSIGNMENTS}updates"
            return cls((slot,), key, path, LIMIT, passed_on, client.expires, cursor, ROUTING, "assignment")
        key, path = citizen_key(client.id), "/api/v1/requests/updates"
        return cls((slot,), key, path, LIMIT, passed_on, client.expires, cursor)

    def target(self) -> str:
        """Path and query of the next read."""
        return f"{self.path}?{urlencode({**self.params, 'after': self.cursor})}"


class RecentUpdates:
    """Which updates a stream sent lately: the services repeat those of the last seconds, and each is sent once.

    `full` says that the last read may have left updates behind, `failed` that it got no answer.
    """

    def __init__(self, last: str = "") -> None:
        self._ids: OrderedDict[str, float] = OrderedDict({last: time.monotonic()})
        self.full = False
        self.failed = False

    def events(self, source: StreamSource, answer: ServiceAnswer, *, first: bool = False) -> str:
        """The new updates of an answer as server-sent events; moves the cursor on."""
        body = json.loads(answer.body)
        new = self.new(body["updates"])
        self.full = bool(new) and len(body["updates"]) >= MAX_UPDATES
        source.cursor = body["next"]
        if first and not new:
            return f"id: {source.cursor}\n\n"  # a client that receives nothing still knows where to continue
        return "".join(
            f"id: {update['id']}\nevent: {source.event}\ndata: {json.dumps(update, ensure_ascii=False)}\n\n"
            for update in new
        )

    def new(self, updates: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the updates that were not sent before."""
        now = time.monotonic()
        new = [update for update in updates if update["id"] not in self._ids]
        self._ids.update((update["id"], now) for update in new)
        while self._ids and next(iter(self._ids.values())) < now - REMEMBER_SECONDS:
            self._ids.popitem(last=False)
        return new
