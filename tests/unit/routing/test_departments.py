"""A department is made only where somebody else can hear appeals against it."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from services.routing.models.directory import Department, DepartmentEntry
from services.routing.provisioning import Provisioning
from services.routing.service.departments import Departments
from services.routing.store import DepartmentStore
from shared.errors import InvalidError
from tests.builders import words
from tests.unit.routing.office import Office


class Broker:
    """Makes every queue."""

    async def ensure(self, departments: Sequence[Department]) -> None:
        """Make queues and users."""


def entry(code: str, appeals_to: str | None) -> DepartmentEntry:
    """A department as an administrator declares it."""
    fields: dict[str, Any] = {"name": words(code), "head": words("Head"), "appellate_authority": words("Above")}
    return DepartmentEntry(code=code, appeals_to=appeals_to, **fields)


async def desk() -> tuple[Office, Departments]:
    """An office with `power` and `roads`, and where departments are made."""
    office = await Office().open()
    store = cast(DepartmentStore, office.departments)
    return office, Departments(store, office.directory, cast(Provisioning, Broker()))


@pytest.mark.parametrize("authority", ["nobody", "lights"])
async def test_appeals_lead_to_another_department_that_is_there(authority: str) -> None:
    office, departments = await desk()
    with pytest.raises(InvalidError) as caught:
        await departments.create(entry("lights", authority))
    assert [(error["pointer"], error["code"]) for error in caught.value.errors] == [("/appeals_to", "department")]
    assert "lights" not in office.departments.documents


@pytest.mark.parametrize("authority", ["roads", None])
async def test_it_is_made_and_gets_a_new_password_each_time(authority: str | None) -> None:
    office, departments = await desk()
    first = await departments.create(entry("lights", authority))
    again = await departments.renew(office.directory.departments["lights"])
    assert first.password != again.password
    assert office.departments.documents["lights"]["appeals_to"] == authority
