"""The query parameters of a department's list."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from services.routing import api
from services.routing.models.assignment import OPEN, AssignmentState
from services.routing.models.worklist import NOBODY, WorklistFilter
from services.routing.service.deciding import Actor
from shared import errors
from shared.auth import Principal
from shared.rights import Role
from tests.builders import NUMBER
from tests.unit.shared.asgi import Answer, call

LIST = "/api/v1/assignments"
HEAD = Principal("0" * 32, Role.HEAD, "works", "session", 1e12)


class Desk:
    """Records the queries of the list; the caller is known."""

    def __init__(self, principal: Principal = HEAD) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._principal = principal

    async def principal(self, _: str | None) -> Principal:
        """The caller."""
        return self._principal

    async def page(self, *asked: Any) -> dict[str, Any]:
        """An empty page."""
        self.asked.append(asked)
        return {"assignments": [], "next": None}

    async def counts(self, *asked: Any) -> dict[str, Any]:
        """Never asked."""
        raise AssertionError(asked)

    overview = totals = counts


APP = FastAPI()
errors.install(APP)
APP.include_router(api.router)


def app_with(desk: Desk) -> FastAPI:
    """The routes with this fake desk from now on."""
    APP.state.worklist = APP.state.authenticator = desk
    return APP


MEANT: dict[str, WorklistFilter] = {
    "": WorklistFilter(OPEN),
    "state=closed&state=routed": WorklistFilter((AssignmentState.CLOSED, AssignmentState.ROUTED)),
    "service=street-light-out&district=peshawar&kind=appeal&channel=phone": WorklistFilter(
        service="street-light-out", district="peshawar", kind="appeal", channel="phone"
    ),
    "late=true&for_head=false&copied=true": WorklistFilter(late=True, for_head=False, copied=True),
    "due_within=48&late=false": WorklistFilter(due_within=timedelta(hours=48), late=False),
    "by=me&order=newest": WorklistFilter(taken_by=HEAD.id, order="newest"),
    "received_from=2026-03-02&received_to=2026-03-02&order=changed": WorklistFilter(
        received_from=datetime(2026, 3, 1, 19, tzinfo=UTC),
        received_until=datetime(2026, 3, 2, 19, tzinfo=UTC),
        order="changed",
    ),
    "changed_since=2026-03-02T09:00:00Z": WorklistFilter(
        tuple(AssignmentState), changed_since=datetime(2026, 3, 2, 9, tzinfo=UTC), order="unchanged"
    ),
    "changed_since=2026-03-02T14:00:00%2B05:00&state=routed&order=due": WorklistFilter(
        (AssignmentState.ROUTED,), changed_since=datetime(2026, 3, 2, 9, tzinfo=UTC)
    ),
    "by=nobody": WorklistFilter(taken_by=NOBODY),
    "by=department.works": WorklistFilter(taken_by="department.works"),
    f"number={NUMBER}": WorklistFilter(tuple(AssignmentState), numbers=(NUMBER,)),
    f"number={NUMBER}&state=routed": WorklistFilter((AssignmentState.ROUTED,), numbers=(NUMBER,)),
}


@pytest.mark.parametrize("query", MEANT)
async def test_query_parameters_become_filters(query: str) -> None:
    desk = Desk()
    assert (await call(app_with(desk), "GET", f"{LIST}?{query}")).status == 200
    assert desk.asked == [(Actor(HEAD.id, "works", Role.HEAD), MEANT[query], None, 50)]


WRONG = {
    "state=nothing": "/state/0",
    "late=perhaps": "/late",
    "due_within=0": "/due_within",
    "due_within=3000": "/due_within",
    "service=Street%20Light": "/service",
    "kind=request": "/kind",
    "channel=pigeon": "/channel",
    "by=you": "/by",
    "number=RB-7F3K": "/number/0",
    "order=oldest": "/order",
    "received_from=20260302": "/received_from",
    "received_to=2026-02-30": "/received_to",
    "received_to=9999-12-31": "/received_to",
    "changed_since=1772442000": "/changed_since",
    "changed_since=2026-03-02T09:00:00": "/changed_since",
    "changed_since=0001-01-01T00:00:00Z": "/changed_since",
    "limit=1000": "/limit",
    "page=2": "/page",
    "&".join(f"number={NUMBER}" for _ in range(51)): "/number",
}


@pytest.mark.parametrize("query", WRONG, ids=lambda query: query[:20])
async def test_invalid_query_parameters_are_refused(query: str) -> None:
    answer = await call(app_with(Desk()), "GET", f"{LIST}?{query}")
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [WRONG[query]]


async def counted(desk: Desk, path: str) -> Answer:
    """The response of a route for counts."""
    return await call(app_with(desk), "GET", f"{LIST}{path}")


async def test_counts_are_limited_to_the_callers_department() -> None:
    nowhere = Principal("0" * 32, Role.HEAD, None, "session", 1e12)
    for path in ("/counts", "/totals", "/overview", "?late=true"):
        assert (await counted(Desk(nowhere), path)).status == 404
    officer = Principal("0" * 32, Role.OFFICER, "works", "session", 1e12)
    assert (await counted(Desk(officer), "/overview")).status == 403
