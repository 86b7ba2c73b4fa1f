"""The table of all routes that the gateway serves. The longest prefix wins; every other path is a page or 404."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from shared.errors import BadRequestError, NotFoundError, Problem

IDENTITY, REQUESTS, ROUTING, NOTIFIER = "identity", "requests", "routing", "notifier"
OWN, LIVE, WEB, OPEN311 = "gateway", "live", "web", "open311"
NOT_PROXIED = (OWN, LIVE, WEB, OPEN311)
"""What the gateway itself serves."""
Access = Literal["public", "signed in"]
FILES = "/api/v1/requests/{number}/attachments"
WEBHOOKS = "/api/v1/department/subscriptions/{subscription}"
CALLBACKS = "/api/v1/callbacks/{provider}"
MANAGED_WEBHOOKS = "/api/v1/admin/departments/{code}/subscriptions/{subscription}"
PUBLIC: Access = "public"
SIGNED_IN: Access = "signed in"


@dataclass(frozen=True, slots=True)
class ProxyRoute:
    """All requests whose path begins with `prefix` (or equals it, if `exact`), and the service that serves them.

    A segment `{...}` of the prefix stands for any one segment. `limit` is a name in `limits.LIMITS`; without one, a
    public route counts as `public`, others as `read` for a GET and `write` for the rest.
    """

    prefix: str
    methods: str
    service: str
    access: Access = "signed in"
    limit: str = ""
    exact: bool = False
    files: bool = False
    """Bodies are files, which are streamed (`streaming.py`)."""
    keyed: bool = False
    """A POST to exactly this address takes an `Idempotency-Key`, so it may be sent again."""
    by_key: str = ""
    """The limit of callers with the key of a request (`Authorization: Key ...`); empty if keys are not accepted."""
    signed: bool = False
    """Callers sign their calls: the headers of the signature are forwarded (`headers.signature_headers`)."""


ROUTES: tuple[ProxyRoute, ...] = (
    # identity
    ProxyRoute("/api/v1/registrations", "GET", IDENTITY, PUBLIC),
    ProxyRoute("/api/v1/registrations", "POST", IDENTITY, PUBLIC, "register", keyed=True),
    ProxyRoute("/api/v1/sessions", "GET", IDENTITY, PUBLIC),
    ProxyRoute("/api/v1/sessions", "POST", IDENTITY, PUBLIC, "login"),
    ProxyRoute("/api/v1/sessions/current", "DELETE", IDENTITY),
    ProxyRoute("/api/v1/password-resets", "GET", IDENTITY, PUBLIC),
    ProxyRoute("/api/v1/password-resets", "POST", IDENTITY, PUBLIC, "login"),
    ProxyRoute("/api/v1/oauth", "POST", IDENTITY, PUBLIC, "login"),
    ProxyRoute("/api/v1/mobile-changes", "POST", IDENTITY, PUBLIC, "login"),
    ProxyRoute("/api/v1/me", "GET POST PATCH PUT DELETE", IDENTITY),
    ProxyRoute("/api/v1/admin/officers", "GET POST PATCH PUT DELETE", IDENTITY, keyed=True),
    ProxyRoute("/api/v1/admin/audit", "GET", IDENTITY),
    ProxyRoute("/api/v1/citizens", "POST", IDENTITY, keyed=True),
    ProxyRoute("/.well-known/jwks.json", "GET", IDENTITY, PUBLIC, exact=True),
    ProxyRoute("/.well-known/revoked-sessions", "GET", IDENTITY, PUBLIC, exact=True),
    ProxyRoute("/.well-known/openid-configuration", "GET", IDENTITY, PUBLIC, exact=True),
    ProxyRoute("/.well-known/oauth-authorization-server", "GET", IDENTITY, PUBLIC, exact=True),
    ProxyRoute("/.well-known/receipt-keys.json", "GET", REQUESTS, PUBLIC, exact=True),
    ProxyRoute("/.well-known/rabta-roots.json", "GET", REQUESTS, PUBLIC, exact=True),
    # requests
    ProxyRoute("/api/v1/catalogue", "GET", REQUESTS, PUBLIC),
    ProxyRoute("/api/v1/catalogue/{code}/check", "POST", REQUESTS, PUBLIC, exact=True),
    ProxyRoute("/api/v1/districts", "GET", REQUESTS, PUBLIC, exact=True),
    ProxyRoute("/api/v1/requests", "GET POST", REQUESTS, keyed=True),
    ProxyRoute("/api/v1/anonymous-requests", "POST", REQUESTS, PUBLIC, "anonymous", keyed=True),
    ProxyRoute("/api/v1/requests/{number}", "GET POST PATCH", REQUESTS, by_key="track"),
    ProxyRoute("/api/v1/requests/{number}/appeal", "POST", REQUESTS, keyed=True, by_key="track"),
    ProxyRoute("/api/v1/requests/{number}/follow", "PUT DELETE", REQUESTS),
    ProxyRoute("/api/v1/drafts", "GET POST PUT DELETE", REQUESTS, keyed=True),
    ProxyRoute("/api/v1/attachments", "POST", REQUESTS, SIGNED_IN, "upload", exact=True, files=True),
    ProxyRoute(FILES, "GET", REQUESTS, files=True, by_key="track"),
    ProxyRoute(FILES, "POST", REQUESTS, SIGNED_IN, "upload", files=True, by_key="anonymous-upload"),
    ProxyRoute(FILES, "DELETE", REQUESTS, by_key="track"),
    ProxyRoute("/api/v1/track", "GET", REQUESTS, PUBLIC, "track"),
    ProxyRoute("/api/v1/requests/{number}/publication", "GET PUT DELETE", REQUESTS),
    ProxyRoute("/api/v1/public", "GET", REQUESTS, PUBLIC),
    ProxyRoute("/api/v1/partners/filings", "POST", REQUESTS, PUBLIC, "partner", exact=True, keyed=True),
    ProxyRoute("/api/v1/partners/updates", "POST", REQUESTS, PUBLIC, "partner", exact=True),
    ProxyRoute("/api/v1/admin/partners", "GET POST DELETE", REQUESTS),
    ProxyRoute("/api/v1/admin/services", "GET POST PATCH PUT DELETE", REQUESTS),
    # routing
    ProxyRoute("/api/v1/departments", "GET", ROUTING, PUBLIC),
    ProxyRoute("/api/v1/public/figures", "GET", ROUTING, PUBLIC),
    ProxyRoute("/api/v1/public/figures.csv", "GET", ROUTING, PUBLIC, exact=True),
    ProxyRoute("/api/v1/assignments", "GET POST", ROUTING),
    ProxyRoute("/api/v1/department", "GET POST", ROUTING),
    ProxyRoute("/api/v1/department/queues", "GET POST DELETE", ROUTING),
    ProxyRoute("/api/v1/department/subscriptions", "GET", ROUTING),
    ProxyRoute("/api/v1/department/subscriptions", "POST DELETE", ROUTING, SIGNED_IN, "subscription"),
    ProxyRoute(f"{WEBHOOKS}/test", "POST", ROUTING, SIGNED_IN, "webhook-test", exact=True),
    ProxyRoute(f"{MANAGED_WEBHOOKS}/test", "POST", ROUTING, SIGNED_IN, "webhook-test", exact=True),
    ProxyRoute("/api/v1/desk", "GET POST PUT DELETE", ROUTING),
    ProxyRoute("/api/v1/parts", "GET POST", ROUTING),
    ProxyRoute("/api/v1/admin/departments", "GET POST PATCH PUT DELETE", ROUTING),
    ProxyRoute("/api/v1/admin/routing", "GET POST PUT DELETE", ROUTING),
    # notifier
    ProxyRoute("/api/v1/notifications", "GET PUT", NOTIFIER),
    ProxyRoute("/api/v1/notifications/read", "POST", NOTIFIER, exact=True),
    ProxyRoute("/api/v1/notifications/work-addresses", "POST DELETE", NOTIFIER),
    ProxyRoute("/api/v1/notifications/stop/{token}", "GET POST DELETE", NOTIFIER, PUBLIC, exact=True),
    ProxyRoute("/api/v1/admin/messages", "GET POST", NOTIFIER),
    ProxyRoute("/api/v1/admin/messages/{template}/test", "POST", NOTIFIER, SIGNED_IN, "message-test", exact=True),
    ProxyRoute(f"{CALLBACKS}/receipts", "GET POST", NOTIFIER, PUBLIC, "callback", exact=True, signed=True),
    ProxyRoute(f"{CALLBACKS}/messages", "GET POST", NOTIFIER, PUBLIC, "callback", exact=True, signed=True),
    ProxyRoute(f"{CALLBACKS}/bounces", "POST", NOTIFIER, PUBLIC, "callback", exact=True, signed=True),
    ProxyRoute("/dev/outbox", "GET", NOTIFIER, PUBLIC),
    ProxyRoute("/api/v1/events", "GET", LIVE, SIGNED_IN, "live", exact=True),
    ProxyRoute("/api/v1/track/{number}/events", "GET", LIVE, PUBLIC, "public-live", exact=True),
    ProxyRoute("/api/v1/assignments/events", "GET", LIVE, SIGNED_IN, "live", exact=True),
    # the gateway itself
    ProxyRoute("/docs", "GET", OWN, PUBLIC, exact=True),
    ProxyRoute("/docs.css", "GET", OWN, PUBLIC, exact=True),
    ProxyRoute("/docs/{name}", "GET", OWN, PUBLIC, exact=True),
    ProxyRoute("/api/v1/openapi.json", "GET", OWN, PUBLIC, exact=True),
    ProxyRoute("/open311/v2", "GET POST", OPEN311, PUBLIC),
    ProxyRoute("/.well-known/security.txt", "GET", OWN, PUBLIC, exact=True),
)

PAGES = ProxyRoute("/", "GET POST", WEB, PUBLIC, "page")
"""All other paths except those below `NOT_PAGES`: `gateway.web` knows which pages exist."""
NOT_PAGES = ("/api", "/.well-known", "/open311", "/dev", "/health", "/metrics")

# Segments of harmless characters, none percent-encoded. The API needs no others, and this excludes everything that two
# programs could read in two ways (.., %2f, //, ;, \).
PATH = re.compile(rb"/|(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~@:+,=-]+)+/?")
QUERY = re.compile(rb"[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*")
MAX_PATH = 512
MAX_QUERY = 2048


class MethodNotAllowedError(Problem, code="method-not-allowed", status=405):
    """The address exists, but not for this method."""


@dataclass(slots=True)
class Node:
    """One segment of the paths in the table."""

    below: dict[str, "Node"] = field(default_factory=dict)
    any_below: "Node | None" = None
    routes: dict[str, ProxyRoute] = field(default_factory=dict)


class RouteTable:
    """Finds the route of a request."""

    def __init__(self, routes: Iterable[ProxyRoute] = ROUTES) -> None:
        self._root = Node()
        for route in routes:
            node = self._root
            for segment in route.prefix.split("/")[1:]:
                if segment.startswith("{"):
                    node.any_below = node = node.any_below or Node()
                else:
                    node = node.below.setdefault(segment, Node())
            for method in route.methods.split():
                usual = "public" if route.access == PUBLIC else "read" if method == "GET" else "write"
                node.routes[method] = replace(route, limit=route.limit or usual)

    def find(self, method: str, path: str) -> ProxyRoute:
        """The route. Raises NotFoundError, or MethodNotAllowedError with the allowed methods."""
        node, best, complete = self._root, None, True
        segments = path.split("/")
        last = len(segments) - 1
        for index in range(1, last + 1):
            below = node.below.get(segments[index]) or (node.any_below if segments[index] else None)
            if below is None:
                complete = False
                break
            node = below
            if node.routes and (index == last or not next(iter(node.routes.values())).exact):
                best = node
        if best is None or (not complete and not segments[-1]):  # a trailing slash must be in the table
            return page_route(method, path)
        route = best.routes.get("GET" if method == "HEAD" else method)
        if route is None:
            raise MethodNotAllowedError(headers={"Allow": ", ".join(sorted(best.routes))})
        return route


def is_repeatable(table: RouteTable, method: str, target: str) -> bool:
    """Whether a call with an Idempotency-Key may safely be sent again."""
    path = target.partition("?")[0]
    route = table.find(method, path)
    return method == "POST" and route.keyed and path.count("/") == route.prefix.count("/")


def is_page(path: str) -> bool:
    """Whether a path can be a page."""
    return not any(path == prefix or path.startswith(f"{prefix}/") for prefix in NOT_PAGES)


def page_route(method: str, path: str) -> ProxyRoute:
    """The route of a page. Raises NotFoundError, MethodNotAllowedError."""
    if not is_page(path):
        raise NotFoundError
    if method not in ("GET", "HEAD", "POST"):
        raise MethodNotAllowedError(headers={"Allow": "GET, POST"})
    return PAGES


def checked_path(raw_path: bytes, query: bytes) -> str:
    """The path as text. Raises BadRequestError if path or query could be read in two ways."""
    if len(raw_path) > MAX_PATH or not PATH.fullmatch(raw_path):
        raise BadRequestError
    if len(query) > MAX_QUERY or not QUERY.fullmatch(query):
        raise BadRequestError
    return raw_path.decode("ascii")
