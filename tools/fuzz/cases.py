"""The generated calls: for each operation, some that match its description and some that do not."""

from collections.abc import Iterator
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

from tools.fuzz.places import Places

Operation: TypeAlias = "APIOperation[Any, Any, Any, Any]"
Call: TypeAlias = "Case[Any]"

SEED = 7391
LEFT_OUT = {
    "GET /api/v1/events": "a stream without end; tests/unit/gateway/test_live.py reads it",
    "GET /api/v1/assignments/events": "a stream without end; tests/unit/gateway/test_live.py reads it",
    "GET /api/v1/track/{number}/events": "a stream without end; tests/unit/gateway/test_live.py reads it",
}
"""Operations that are not called, and why."""
ENDS_ANYBODY = frozenset({"DELETE /api/v1/sessions/current", "DELETE /api/v1/me/sessions"})
ENDS_A_CITIZEN = frozenset({"POST /api/v1/me/erasure", "PUT /api/v1/me/password"})
ENDS_STAFF = frozenset({"POST /api/v1/me/staff-password", "POST /api/v1/me/totp/confirm"})
ENDS_THE_CALLER = ENDS_ANYBODY | ENDS_A_CITIZEN | ENDS_STAFF
"""Operations that may end the caller's account or session: called with a spare account, or not if there can be none."""


def operations(description: dict[str, Any]) -> list[Operation]:
    """Every operation that is called. Raises InvalidSchema for a malformed description."""
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
    """Up to `examples` cases, the same in every run; none if the strategy has none."""
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


def cases_of(operation: Operation, examples: int) -> Iterator[Call]:
    """The example in an operation's description, cases that match it, and cases that do not.

    They are made when they are asked for, because making them takes longer than sending them.
    """
    for strategy in operation.get_strategies_from_examples():
        yield from generated(strategy, 1)
    fitting = generated(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), examples)
    yield from fitting[:1]
    unfitting = []
    if can_be_unfit(operation):
        unfitting = generated(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), examples)
    yield from (case for pair in zip_longest(unfitting, fitting[1:]) for case in pair if case is not None)


def can_be_unfit(operation: Operation) -> bool:
    """Whether there are cases that do not match: any text matches a path, and searching takes seconds."""
    return bool([*operation.body, *operation.query, *operation.headers])


def all_cases(described: list[Operation], examples: int, places: Places) -> Iterator[Call]:
    """All cases: the first of each operation, then the second of each, so that a short run calls every operation.

    The first case and two of three others name existing things in their parameters; every read and
    every action is called on all existing things.
    """
    of_each = [cases_of(operation, examples) for operation in described]
    for row, cases in enumerate(zip_longest(*of_each)):
        for column, case in enumerate(cases):
            if case is not None and (row == 0 or (row + column) % 3):
                yield placed(case, row and (row + column) // 2, places)
            elif case is not None:
                yield case
        if row == 0:
            first = [case for case in cases if case is not None]
            yield from on_everything([case for case in first if case.method == "GET"], places)
            yield from on_everything([case for case in first if case.method != "GET"], places)


def on_everything(cases: list[Call], places: Places) -> Iterator[Call]:
    """The cases with each existing thing."""
    for case in cases:
        for name in [*(case.path_parameters or {})]:
            for thing in places.of(case.method, name):
                other = case.derive()
                other.path_parameters[name] = thing
                yield other


def placed(case: Call, turn: int, places: Places) -> Call:
    """The case with existing things in its path and query."""
    for there in (case.path_parameters, case.query):
        for name in there or {}:
            if things := places.of(case.method, name):
                there[name] = things[turn % len(things)]
    return case
