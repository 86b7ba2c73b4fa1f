"""Runs many small cases as one test, which reports all failures; hundreds of tests would take much longer.

@cases("text, code", ROWS)
def test_what_people_type_leads_to_the_service(text: str, code: str) -> None:
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

CaseTest = Callable[..., Any]


def cases(names: str, values: Iterable[Any] | Callable[[], Iterable[Any]]) -> Callable[[CaseTest], CaseTest]:
    """Call the test with each of the values, tuples for several names. Other parameters are fixtures.

    Pass values that take long to create as a function, which is called when the test runs and not at import.
    """
    given = [name.strip() for name in names.split(",")]
    make = partial(list, [*values]) if isinstance(values, Iterable) else values

    def rows() -> list[dict[str, Any]]:
        rows = [dict(zip(given, value if len(given) > 1 else (value,), strict=True)) for value in make()]
        assert rows, f"no cases of {names}"
        return rows

    def decorate(test: CaseTest) -> CaseTest:
        async def each_awaited(**fixtures: Any) -> None:
            with collected() as failures:
                for row in rows():
                    with noted(failures, row):
                        await test(**fixtures, **row)

        def each(**fixtures: Any) -> None:
            with collected() as failures:
                for row in rows():
                    with noted(failures, row):
                        test(**fixtures, **row)

        run: Any = each_awaited if inspect.iscoroutinefunction(test) else each
        signature = inspect.signature(test)
        fixtures = [parameter for name, parameter in signature.parameters.items() if name not in given]
        run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
        run.__signature__ = signature.replace(parameters=fixtures)
        run.pytestmark = getattr(test, "pytestmark", [])
        return run  # type: ignore[no-any-return]

    return decorate


@contextmanager
def collected() -> Iterator[list[Exception]]:
    """A list for failures, which are raised together at the end."""
    failures: list[Exception] = []
    yield failures
    if failures:
        raise ExceptionGroup("cases failed", failures)


@contextmanager
def noted(failures: list[Exception], row: dict[str, Any]) -> Iterator[None]:
    """Add any failure of this block to the list, with its case."""
    try:
        yield
    except Exception as failure:
        failure.add_note(f"case: {row}")
        failures.append(failure)
