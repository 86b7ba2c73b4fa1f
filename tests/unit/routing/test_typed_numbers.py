"""Officers and departments' software can write tracking numbers like citizens."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.routing.actions import Action
from services.routing.api.assignments import own_assignment
from services.routing.models.assignment import Assignment
from shared.auth import Principal
from shared.errors import NotFoundError
from shared.rights import Role
from tests.builders import a_delivery

NUMBER = "RB-7F01-9Q2M-P"
TYPED = [NUMBER, "rb-7f01-9q2m-p", "rb7foi9q2mp", "RB 7FOL 9Q2M P", "RB-7F۰۱-9Q2M-P"]
OFFICER = Principal("o", Role.OFFICER, "power", "s", 0)


class Assignments:
    """A store with one assignment."""

    async def get(self, number: str) -> Assignment | None:
        return Assignment(id=NUMBER, department="power") if number == NUMBER else None


REQUEST = cast(Any, SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(assignments=Assignments()))))


@pytest.mark.parametrize("typed", TYPED)
async def test_an_officer_can_type_a_number_like_a_citizen(typed: str) -> None:
    assert (await own_assignment(REQUEST, typed, OFFICER)).id == NUMBER


@pytest.mark.parametrize("typed", ["RB-7F01-9Q2M-E", "", "7f01-9q2m-p", "$ne"])
async def test_an_invalid_number_is_not_found(typed: str) -> None:
    with pytest.raises(NotFoundError):
        await own_assignment(REQUEST, typed, OFFICER)


@pytest.mark.parametrize("typed", TYPED)
def test_a_departments_software_can_type_a_number_like_a_citizen(typed: str) -> None:
    body = json.dumps({"request": typed, "action": "accept"}).encode()
    assert Action(a_delivery(body, routing_key="department.power", user_id="department.power")).number == NUMBER
