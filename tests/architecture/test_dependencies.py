"""Dependencies of routes are coroutines: FastAPI runs others in a thread, which costs a third of a small read."""

from inspect import iscoroutinefunction

from deploy.docs.routes import Served, served
from tests.cases import cases


@cases("route", served)
def test_dependencies_run_on_the_event_loop(route: Served) -> None:
    assert [
        call
        for call in route.dependencies
        if not iscoroutinefunction(call) and not iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004
    ] == []
