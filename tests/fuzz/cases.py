"""The generated calls: for each operation some that fit its description and some that do not."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, TypeAlias

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Err

Operation: TypeAlias = "APIOperation[Any, Any, Any, Any]"
Call: TypeAlias = "Case[Any]"

SEED = 7391
LEFT_OUT = {
    "GET /api/v1/events": "a stream without end; tests/unit/gateway/test_live.py reads it",
    "GET /api/v1/track/{number}/events": "a stream without end; tests/unit/gateway/test_live.py reads it",
}
"""Operations that are not called, and why."""
ENDS_THE_CALLER = {
    "POST /api/v1/me/erasure": "erases the account",
    "DELETE /api/v1/sessions/current": "ends the session",
    "DELETE /api/v1/me/sessions": "ends the other sessions",
    "PUT /api/v1/me/password": "ends the other sessions",
    "POST /api/v1/me/staff-password": "ends the other sessions",
    "POST /api/v1/me/totp/confirm": "the next login would need a second factor",
}
"""Operations after which the caller may be nobody: called with a spare account, or not, where there can be none."""


def operations(description: dict[str, Any]) -> list[Operation]:
    """Every described operation that is called. Raises InvalidSchema for one that cannot be read."""
    config = SchemathesisConfig()
    config.projects.default.generation.update(with_security_parameters=False)
    schema = schemathesis.openapi.from_dict(description, config=config)
    found: list[Operation] = []
    for result in schema.get_all_operations():
        if isinstance(result, Err):
            raise result.err()
        found.append(result.ok())
    return [operation for operation in found if operation.label not in LEFT_OUT]


def generated(strategy: SearchStrategy[Call], examples: int) -> list[Call]:
    """Up to `examples` cases, the same in every run; none where the strategy has none."""
    cases: list[Call] = []

    @seeded(SEED)
    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(case=strategy)
    def collect(case: Call) -> None:
        cases.append(case)

    try:
        collect()
    except Unsatisfiable:
        return []
    return cases[-examples:]


def cases_of(operation: Operation, examples: int) -> list[Call]:
    """The described example of an operation, cases that fit, and cases that do not."""
    described = [case for strategy in operation.get_strategies_from_examples() for case in generated(strategy, 1)]
    fitting = generated(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), examples)
    unfitting = generated(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), examples)
    return [*described, *(case for pair in zip_longest(fitting, unfitting) for case in pair if case is not None)]


def all_cases(described: list[Operation], examples: int, places: Mapping[str, tuple[str, ...]]) -> Iterator[Call]:
    """Case by case, each operation's first before any operation's second, so that a run cut short has seen them all.

    Two of three cases name something that is there, where the path has a place for it; all such things are read.
    """
    of_each = [cases_of(operation, examples) for operation in described]
    for row, cases in enumerate(zip_longest(*of_each)):
        for column, case in enumerate(cases):
            if case is not None:
                yield placed(case, row + column, places)
        if row == 0:
            yield from readings([case for case in cases if case is not None], places)


def readings(cases: list[Call], places: Mapping[str, tuple[str, ...]]) -> Iterator[Call]:
    """Every reading of every thing that is there."""
    for case in cases:
        for name in {*(case.path_parameters or {})} & {*places} if case.method == "GET" else ():
            for thing in places[name]:
                reading = case.derive()
                reading.path_parameters[name] = thing
                yield reading


def placed(case: Call, turn: int, places: Mapping[str, tuple[str, ...]]) -> Call:
    """The case with things that are there in its path, two times of three."""
    for name in case.path_parameters or {}:
        if name in places and turn % 3:
            case.path_parameters[name] = places[name][turn // 2 % len(places[name])]
    return case
