"""A route without a right cannot be created; bodies are parsed strictly; the right is checked first."""

import json
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from pydantic import BaseModel

from shared import errors
from shared.auth import Principal, Public, needs
from shared.errors import UnauthenticatedError
from shared.jsonbody import Body
from shared.request_headers import IdempotencyKey, Revision
from shared.rights import Right, Role
from shared.routes import Route, Router, RouteRefusedError, add_routes, use
from tests.unit.shared.asgi import Answer, call

Worker = Annotated[Principal, Depends(needs(Right.WORK))]


class Count(Body):
    """A strict body."""

    count: int = 1
    name: str = ""


class Lax(BaseModel):
    """A body that accepts unknown fields."""

    count: int = 1


ONE = Count()


async def test_route_without_right_is_refused() -> None:
    router = Router()
    with pytest.raises(RouteRefusedError, match="/open needs exactly one"):

        @router.get("/open")
        async def route() -> None:
            """A route without a right."""


@pytest.mark.parametrize(
    "guards", [[Public, Depends(needs(Right.WORK))], [Depends(needs(Right.WORK)), Depends(needs(Right.FILE))]]
)
async def test_route_with_two_guards_is_refused(guards: list[Any]) -> None:
    router = Router(dependencies=guards[:1])
    with pytest.raises(RouteRefusedError):

        @router.post("/twice", dependencies=guards[1:])
        async def route() -> None:
            """A route with two rights."""


async def test_body_that_takes_unknown_fields_is_refused() -> None:
    router = Router(dependencies=[Public])
    with pytest.raises(RouteRefusedError, match="unknown fields"):

        @router.post("/lax")
        async def route(body: Lax) -> None:
            """A route with a lax body."""


async def test_included_routes_are_those_of_their_own_router() -> None:
    inner, outer = Router(prefix="/api/v1/things", tags=["things"], dependencies=[Public]), Router()

    @inner.get("/{name}", tags=["one"], responses={404: {}})
    async def read(name: str) -> str:
        return name

    outer.include_router(inner)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add_routes(app, outer)
    [route] = app.router.routes
    assert route is inner.routes[0]
    assert isinstance(route, Route)
    assert (route.path, route.methods, route.tags) == ("/api/v1/things/{name}", {"GET"}, ["things", "one"])
    assert route.dependencies == [Public]
    assert 404 in route.responses
    assert (await call(app, "GET", "/api/v1/things/lamp", {})).json() == "lamp"


@pytest.mark.parametrize(
    ("ignore_unknown_query", "query", "status"),
    [(False, "", 200), (False, "?word=a", 200), (False, "?word=a&wrod=b", 422), (True, "?word=a&wrod=b", 200)],
)
async def test_undeclared_query_parameters_are_rejected_unless_any_are_accepted(
    ignore_unknown_query: bool, query: str, status: int
) -> None:
    router = Router(dependencies=[Public])

    @router.get("/words")
    async def words(word: str = "") -> str:
        return word

    app = FastAPI()
    errors.install(app)
    add_routes(app, router, ignore_unknown_query=ignore_unknown_query)
    answer = await call(app, "GET", f"/words{query}")
    assert answer.status == status
    if status == 422:
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/wrod"]


def app() -> FastAPI:
    """An app with routes of each kind; only an officer can sign in."""
    router = Router()

    @router.post("/count", dependencies=[Public])
    async def count(body: Count) -> int:
        return body.count

    @router.post("/maybe", dependencies=[Public])
    async def maybe(body: Count = ONE) -> int:
        return body.count

    @router.post("/work")
    async def work(worker: Worker, body: Count) -> str:
        return worker.id

    @router.post("/seen", dependencies=[Public])
    async def seen(revision: Revision, key: IdempotencyKey) -> tuple[int, str]:
        return revision, key

    @router.get("/used", dependencies=[Public])
    async def used(name: Annotated[str, use("name")]) -> str:
        return name

    app = FastAPI()
    errors.install(app)
    add_routes(app, router)
    app.state.authenticator = Officers()
    app.state.name = "a use case"
    return app


class Officers:
    """Knows one token."""

    async def principal(self, authorization: str | None) -> Principal:
        """The officer. Raises UnauthenticatedError."""
        if authorization != "Bearer officer":
            raise UnauthenticatedError
        return Principal("officer-1", Role.OFFICER, "works", "session", 1e12)


async def post(path: str, body: bytes, **headers: str) -> Answer:
    """The answer to a body in JSON."""
    given = {"content-type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return await call(app(), "POST", path, given, body)


STRICT = {
    "float for int": (b'{"count": 1.0}', "/count"),
    "text for int": (b'{"count": "1"}', "/count"),
    "true for int": (b'{"count": true}', "/count"),
    "null for int": (b'{"count": null}', "/count"),
    "list for text": (b'{"count": 1, "name": ["x"]}', "/name"),
    "object for text": (b'{"count": 1, "name": {"a": "x"}}', "/name"),
    "unknown": (b'{"count": 1, "role": "admin"}', "/role"),
    "pointer escaped": (b'{"count": 1, "a/b~c": 1}', "/a~1b~0c"),
}


@pytest.mark.parametrize(("body", "pointer"), STRICT.values(), ids=STRICT.keys())
async def test_wrong_values_are_named_by_place(body: bytes, pointer: str) -> None:
    answer = await post("/count", body)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert "admin" not in str(answer.json()["errors"])


async def test_body_is_read() -> None:
    answer = await post("/count", b'{"count": 3}', content_type="application/json; charset=utf-8")
    assert (answer.status, answer.json()) == (200, 3)


@pytest.mark.parametrize("path", ["/count", "/maybe"])
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"count": 1, "count": 2}', {}, 400),
        (b"{}", {"content_type": "text/plain"}, 415),
        (b"{}", {"content_encoding": "gzip"}, 415),
        (json.dumps({"name": "x" * 70_000}).encode(), {}, 413),
    ],
)
async def test_body_outside_the_limits_is_refused(path: str, body: bytes, headers: dict[str, str], status: int) -> None:
    assert (await post(path, body, content_length=str(len(body)), **headers)).status == status


async def test_only_an_optional_body_may_be_left_out() -> None:
    assert (await call(app(), "POST", "/maybe")).json() == 1
    assert (await call(app(), "POST", "/count")).status == 415
    assert (await post("/count", b"")).status == 400


@pytest.mark.parametrize("body", [b"{}", b"{", b'{"count": "x"}', b" " * 70_000])
async def test_caller_without_the_right_gets_no_errors_of_the_body(body: bytes) -> None:
    assert (await post("/work", body)).status == 401


async def test_caller_with_the_right_is_accepted() -> None:
    assert (await post("/work", b"{}", authorization="Bearer officer")).json() == "officer-1"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"if_match": '"7-ur"', "idempotency_key": "k"}, 200, ""),
        ({"idempotency_key": "k"}, 428, "precondition-required"),
        ({"if_match": "7", "idempotency_key": "k"}, 400, "if-match-invalid"),
        ({"if_match": "*", "idempotency_key": "k"}, 400, "if-match-invalid"),
        ({"if_match": '"7"'}, 400, "idempotency-key-required"),
        ({"if_match": '"7"', "idempotency_key": ""}, 400, "idempotency-key-required"),
        ({"if_match": '"7"', "idempotency_key": "k" * 101}, 400, "idempotency-key-required"),
        ({"if_match": '"7"', "idempotency_key": "two words"}, 400, "idempotency-key-required"),
    ],
)
async def test_declared_headers_have_their_own_problems(headers: dict[str, str], status: int, code: str) -> None:
    answer = await post("/seen", b"", **headers)
    assert answer.status == status
    assert answer.json() == [7, "k"] if status == 200 else answer.json()["type"] == f"/problems/{code}"


async def test_use_case_of_the_process_is_found_by_its_name() -> None:
    assert (await call(app(), "GET", "/used")).json() == "a use case"
