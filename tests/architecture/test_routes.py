"""Every route declares its access, and the gateway's table covers exactly these routes."""

import pytest
from fastapi.routing import iter_route_contexts

from deploy.docs.routes import SERVICES, Served, app_of, served
from gateway.openapi import STREAMS
from gateway.routes import LIVE, NOT_PROXIED, PUBLIC, ROUTES, SIGNED_IN, WEB, ProxyRoute, RouteTable
from services.requests.reading.api.tracking import tracked
from shared.auth import public
from shared.errors import NotFoundError
from shared.rights import WORKERS, Role
from tests.cases import cases
from tests.integration import owned
from tests.unit.shared.asgi import call

TABLE = RouteTable()
AT_THE_COUNTER = {
    ("POST", "/api/v1/requests"),
    ("POST", "/api/v1/requests/similar"),
    ("PUT", "/api/v1/requests/{number}/follow"),
}
"""What clerks do for citizens."""
CALLBACKS = "/api/v1/callbacks/"
"""Providers add to the address what they like."""
IN_PERSON = ("/claim", "/recuse", "/notes")
"""The ends of routes that a department's software has no use for: it is no officer."""
OFFICERS_OWN = ("/merge", "/unmerge", "/override", "/publication")
ALL = list(served())


def test_the_services_have_routes() -> None:
    assert {route.service for route in ALL} == set(SERVICES)
    assert len(ALL) > 30


@cases("route", [route for route in ALL if not route.path.startswith(CALLBACKS)])
async def test_a_parameter_that_nobody_reads_is_named(route: Served) -> None:
    answer = await call(app_of(route.service), route.method, f"{route.example}?updated_since=2026-01-01")
    assert answer.status == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/updated_since", "unknown")]


@cases("route", ALL)
def test_the_gateway_forwards_each_route_with_the_right_access(route: Served) -> None:
    found = TABLE.find(route.method, route.example)
    assert found.service == route.service
    assert found.access == (PUBLIC if public in route.dependencies else SIGNED_IN)
    assert found.limit != "none"
    assert found.by_key or not route.by_key


@cases("route", [r for r in ALL if "/admin/" in r.path and "/audit" not in r.path])
def test_administration_is_for_administrators(route: Served) -> None:
    assert route.roles == {Role.ADMIN}


@pytest.mark.parametrize("route", [route for route in ALL if "/admin/audit" in route.path], ids=str)
def test_the_audit_is_for_auditors(route: Served) -> None:
    assert route.roles == {Role.AUDITOR}
    assert route.method == "GET"


@pytest.mark.parametrize("route", [route for route in ALL if "/assignments" in route.path], ids=str)
def test_assignments_are_for_staff(route: Served) -> None:
    officers = set() if route.path.endswith("/overview") else {Role.OFFICER}
    software = set() if route.path.endswith(IN_PERSON) else {Role.DEPARTMENT}
    assert route.roles == {Role.HEAD, Role.APPELLATE} | software | officers


@cases("route", [r for r in ALL if r.method != "GET" and "/requests" in r.path])
def test_officers_change_requests_only_by_actions_of_their_own(route: Served) -> None:
    if route.path.endswith(OFFICERS_OWN):
        assert route.roles == {Role.OFFICER, Role.HEAD}
        return
    clerks = {Role.CLERK} if (route.method, route.path) in AT_THE_COUNTER else set()
    adding = WORKERS if route.path.endswith("/attachments") else set()  # evidence
    assert route.roles == {Role.CITIZEN} | clerks | adding


@cases("row", [row for row in ROUTES if row.service not in NOT_PROXIED])
def test_every_row_of_the_table_covers_a_route(row: ProxyRoute) -> None:
    reached = [r for r in ALL if r.service == row.service and TABLE.find(r.method, r.example).prefix == row.prefix]
    assert reached, "nothing is served there"


@cases("service", SERVICES)
@cases("path", ["/health/live", "/health/ready", "/metrics", "/openapi.json"])
def test_routes_for_operators_are_not_reachable_through_the_gateway(service: str, path: str) -> None:
    assert path in {context.path for context in iter_route_contexts(app_of(service).routes)}
    assert not leads_to_a_service(path)


def leads_to_a_service(path: str) -> bool:
    """Whether the gateway forwards this path to a service; otherwise a page answers it, or nothing does."""
    try:
        return TABLE.find("GET", path).service != WEB
    except NotFoundError:
        return False


@pytest.mark.parametrize("route", [route for route in ALL if route.path.startswith("/api/v1/track")], ids=str)
def test_every_tracking_route_counts_guesses(route: Served) -> None:
    assert tracked in route.dependencies


def test_every_stream_of_the_table_is_documented() -> None:
    assert {row.prefix for row in ROUTES if row.service == LIVE} == set(STREAMS)


@cases("route", ALL)
def test_a_route_to_an_owned_thing_declares_its_owner(route: Served) -> None:
    assert not owned.without_a_row(route), "a row in tests/integration/owned.py, or why it needs none"


def test_every_row_of_owners_names_an_existing_route() -> None:
    assert owned.ROUTES.keys() <= {owned.name_of(route) for route in ALL}
