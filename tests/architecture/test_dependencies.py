"""What runs before a route runs on the event loop: FastAPI gives anything else a thread, a third of a small read."""

from inspect import iscoroutinefunction

from deploy.docs.routes import Served, served
from tests.cases import cases


@cases("route", list(served()))
def test_dependencies_need_no_thread(route: Served) -> None:
    assert [
        call
        for call in route.dependencies
        if not iscoroutinefunction(call) and not iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004
    ] == []
