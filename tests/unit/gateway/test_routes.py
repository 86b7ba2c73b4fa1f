"""The table of routes, and paths that are refused before."""

import pytest

from gateway.limits import LIMITS
from gateway.routes import LIVE, OWN, ROUTES, WEB, MethodNotAllowedError, RouteTable, checked_path
from shared.errors import BadRequestError, NotFoundError
from tests.cases import cases

TABLE = RouteTable()

NASTY = [
    b"",
    b"api/v1/requests",
    b"//api/v1/requests",
    b"/api//v1/requests",
    b"/api/v1/requests//",
    b"/api/v1/../admin",
    b"/api/v1/..",
    b"/..",
    b"/./api",
    b"/api/./v1",
    b"/api/v1/%2e%2e/x",
    b"/api/v1/%2E%2E/x",
    b"/api/v1/.%2e/x",
    b"/api/v1/a%2fb",
    b"/api/v1/a%2Fb",
    b"/api/v1/a%5cb",
    b"/api/v1/a\\b",
    b"/api/v1/a%00",
    b"/api/v1/a\x00",
    b"/api/v1/a;b=c",
    b"/api/v1/a%3bb",
    b"/api/v1/a b",
    b"/api/v1/a%20b",
    b"/api/v1/a\tb",
    b"/api/v1/a\r\nX: y",
    b"/api/v1/a#b",
    b"/api/v1/a?b",
    "/api/v1/شکایت".encode(),
    b"/api/v1/%D8%B4",
    b"/api/v1/a'b",
    b'/api/v1/a"b',
    b"/api/v1/a<b>",
    b"http://elsewhere/api/v1/requests",
    b"/" + b"a" * 600,
]


@cases("path", NASTY)
def test_ambiguous_path_is_refused(path: bytes) -> None:
    with pytest.raises(BadRequestError):
        checked_path(path, b"")


@pytest.mark.parametrize(
    "path",
    [
        b"/",
        b"/ur/",
        b"/api/v1/requests/RB-7F3K-9Q2M-X",
        b"/.well-known/jwks.json",
        b"/a/..b/c",
        b"/a/b..",
        b"/~a/b_c,d@e",
    ],
)
def test_plain_path_is_accepted(path: bytes) -> None:
    assert checked_path(path, b"") == path.decode()


@pytest.mark.parametrize(
    "query", [b"a=b c", b"a=\r\n", b"a=\x00", "a=ش".encode(), b"a=" + b"b" * 2100, b"a=<b>", b"a#b"]
)
def test_query_with_other_bytes_is_refused(query: bytes) -> None:
    with pytest.raises(BadRequestError):
        checked_path(b"/api/v1/requests", query)


def test_query_may_be_percent_encoded() -> None:
    assert checked_path(b"/x", b"to=%2B923001234567&x=%D8%B4&cursor=a-b_c=") == "/x"


@cases(
    "method, path, service, access",
    [
        ("POST", "/api/v1/registrations", "identity", "public"),
        ("POST", "/api/v1/registrations/7/otp/resend", "identity", "public"),
        ("POST", "/api/v1/sessions", "identity", "public"),
        ("POST", "/api/v1/sessions/refresh", "identity", "public"),
        ("DELETE", "/api/v1/sessions/current", "identity", "signed in"),
        ("GET", "/api/v1/me", "identity", "signed in"),
        ("POST", "/api/v1/oauth/token", "identity", "public"),
        ("GET", "/.well-known/jwks.json", "identity", "public"),
        ("GET", "/api/v1/catalogue/water-leak", "requests", "public"),
        ("POST", "/api/v1/requests", "requests", "signed in"),
        ("PATCH", "/api/v1/requests/RB-1", "requests", "signed in"),
        ("GET", "/api/v1/requests/updates", "requests", "signed in"),
        ("GET", "/api/v1/track/RB-1", "requests", "public"),
        ("GET", "/api/v1/track/RB-1/events", LIVE, "public"),
        ("GET", "/api/v1/events", LIVE, "signed in"),
        ("GET", "/api/v1/assignments/events", LIVE, "signed in"),
        ("GET", "/api/v1/assignments/updates", "routing", "signed in"),
        ("GET", "/api/v1/departments", "routing", "public"),
        ("POST", "/api/v1/assignments/RB-1/accept", "routing", "signed in"),
        ("POST", "/api/v1/admin/departments", "routing", "signed in"),
        ("POST", "/api/v1/admin/services", "requests", "signed in"),
        ("POST", "/api/v1/admin/officers", "identity", "signed in"),
        ("GET", "/api/v1/notifications", "notifier", "signed in"),
        ("GET", "/dev/outbox", "notifier", "public"),
        ("GET", "/dev/outbox/outbox.css", "notifier", "public"),
        ("HEAD", "/api/v1/catalogue", "requests", "public"),
        ("GET", "/docs", OWN, "public"),
        ("GET", "/", WEB, "public"),
        ("GET", "/ur/", WEB, "public"),
        ("POST", "/ur/my/requests/RB-1/answer", WEB, "public"),
        ("GET", "/apis", WEB, "public"),
    ],
)
def test_longest_prefix_wins(method: str, path: str, service: str, access: str) -> None:
    route = TABLE.find(method, path)
    assert (route.service, route.access) == (service, access)


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/requests",
        "/api/v1/requestsx",
        "/api/v1/requests/",
        "/api/v1/events/more",
        "/api/v1/admin",
        "/api/v1/admin/citizens",
        "/.well-known/jwks.json/x",
        "/.well-known",
    ],
)
def test_unlisted_path_is_not_found(path: str) -> None:
    with pytest.raises(NotFoundError):
        TABLE.find("GET", path)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/requests/RB-1", "GET, PATCH, POST"),
        ("POST", "/api/v1/catalogue", "GET"),
        ("TRACE", "/api/v1/me", "DELETE, GET, PATCH, POST, PUT"),
        ("OPTIONS", "/", "GET, POST"),
    ],
)
def test_other_method_gets_the_allowed_ones(method: str, path: str, allowed: str) -> None:
    with pytest.raises(MethodNotAllowedError) as refused:
        TABLE.find(method, path)
    assert refused.value.headers == {"Allow": allowed}


def test_public_routes_that_change_something_are_listed() -> None:
    open_doors = {route.prefix for route in ROUTES if route.access == "public" and route.methods != "GET"}
    accounts = {"/api/v1/registrations", "/api/v1/sessions", "/api/v1/oauth"}
    accounts |= {"/api/v1/password-resets", "/api/v1/mobile-changes"}
    asking = {"/api/v1/catalogue/{code}/check"}  # changes nothing: it is a question with a body
    partners = {"/api/v1/partners/filings", "/api/v1/partners/updates", "/open311/v2"}  # the service checks their key
    signed = {route.prefix for route in ROUTES if route.signed}  # by a provider of messages
    asking |= {"/api/v1/notifications/stop/{token}"}  # from a link in an email
    assert open_doors == accounts | asking | signed | {"/api/v1/anonymous-requests", *partners}
    assert all(prefix.startswith("/api/v1/callbacks/{provider}/") for prefix in signed)


def test_files_without_account_have_their_own_limit() -> None:
    found = TABLE.find("POST", "/api/v1/requests/RB-1/attachments")
    assert (found.limit, found.by_key, found.files) == ("upload", "anonymous-upload", True)
    limit = LIMITS[found.by_key]
    assert limit.quota / limit.window < LIMITS["upload"].quota / LIMITS["upload"].window / 5
