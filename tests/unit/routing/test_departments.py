"""Departments are created once, changed without affecting their access, and get new passwords if the broker answers."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any, cast

import pytest

from services.routing.broker import QueueState
from services.routing.models.directory import DepartmentChange, DepartmentEntry, DepartmentRecord
from services.routing.provisioning import BrokerState, Provisioning
from services.routing.service.departments import DepartmentAdmin
from services.routing.store.departments import DepartmentStore
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from tests.builders import words
from tests.unit.routing.office import Office

ADMIN = "admin-1"


class Broker:
    """Records which departments got access, and answers unless it is unavailable."""

    def __init__(self) -> None:
        self.unavailable = False
        self.given: list[tuple[str, str]] = []

    async def broker_state(self) -> BrokerState | None:
        """One queue, and no user yet."""
        return None if self.unavailable else BrokerState({}, {"department.power": QueueState(2, 1)})

    async def require_broker(self) -> None:
        """Raise UnavailableError while it is unavailable."""
        if self.unavailable:
            raise UnavailableError

    async def ensure_soon(self, department: DepartmentRecord) -> None:
        """Give a department access."""
        self.given.append((department.id, department.broker_password_hash))


class Desk:
    """An office with `power` and `roads`, and the use cases of departments."""

    def __init__(self, office: Office) -> None:
        self.office, self.broker = office, Broker()
        store = cast(DepartmentStore, office.departments)
        self.departments = DepartmentAdmin(store, office.directory, cast(Provisioning, self.broker))

    def kept(self, code: str) -> dict[str, Any]:
        """The stored document of a department."""
        return deepcopy(self.office.departments.documents[code])

    def events(self, code: str) -> list[tuple[str, dict[str, Any]]]:
        """The events of a department."""
        return [(event["type"], json.loads(event["data"])) for event in self.kept(code)["events"]]


def entry(code: str, appeals_to: str | None = None) -> DepartmentEntry:
    """The body that creates a department."""
    fields: dict[str, Any] = {"name": words(code), "head": words("Head"), "appellate_authority": words("Above")}
    return DepartmentEntry(code=code, appeals_to=appeals_to, **fields)


def change(**fields: Any) -> DepartmentChange:
    """The body that changes a department."""
    return DepartmentChange.model_validate(fields)


@pytest.fixture
async def desk() -> Desk:
    """A new desk for each test."""
    return Desk(await Office().open())


@pytest.mark.parametrize("authority", ["nobody", "lights"])
async def test_appeals_must_go_to_another_existing_department(desk: Desk, authority: str) -> None:
    with pytest.raises(InvalidError) as caught:
        await desk.departments.create(entry("lights", authority), ADMIN)
    assert [(error["pointer"], error["code"]) for error in caught.value.errors] == [("/appeals_to", "department")]
    assert "lights" not in desk.office.departments.documents
    with pytest.raises(InvalidError):
        await desk.departments.change("power", change(appeals_to="power"), ADMIN)


@pytest.mark.parametrize("authority", ["roads", None])
async def test_a_department_is_created_once(desk: Desk, authority: str | None) -> None:
    made = await desk.departments.create(entry("lights", authority), ADMIN)
    assert made["user"] == made["queue"] == "department.lights"
    kept = desk.kept("lights")
    assert kept["appeals_to"] == authority
    assert desk.broker.given == [("lights", kept["broker_password_hash"])]
    [(kind, data)] = desk.events("lights")
    assert (kind, data["by"], data.get("renewed")) == ("department.created.v1", ADMIN, None)
    with pytest.raises(ConflictError, match="department-there"):
        await desk.departments.create(entry("lights"), ADMIN)
    assert desk.kept("lights") == kept


async def test_a_new_password_replaces_the_old_one(desk: Desk) -> None:
    first = await desk.departments.create(entry("lights"), ADMIN)
    before = desk.kept("lights")
    again = await desk.departments.renew("lights", "admin-2")
    assert first["password"] != again["password"]
    after = desk.kept("lights")
    assert before["broker_password_hash"] != after["broker_password_hash"] == desk.broker.given[-1][1]
    assert after["password_at"] >= before["password_at"]
    _, (kind, data), (told, renewed) = desk.events("lights")
    assert (told, renewed["queue"]) == ("department.access_renewed.v1", "department.lights")
    assert (kind, data["by"], data["renewed"]) == ("department.created.v1", "admin-2", True)
    assert again["password"] not in str(desk.office.departments.documents)


async def test_the_old_password_stays_valid_for_the_requested_time(desk: Desk) -> None:
    await desk.departments.create(entry("lights"), ADMIN)
    old = desk.kept("lights")["broker_password_hash"]
    again = await desk.departments.renew("lights", ADMIN, keep_old_hours=24)
    assert again["old_until"] is not None
    assert (again["user"], again["queue"]) == ("department.lights.2", "department.lights")
    lights = await desk.departments.get("lights")
    new, until = lights.broker_password_hash, lights.old_until
    assert until is not None
    assert lights.users(until - timedelta(seconds=1)) == {"department.lights": old, "department.lights.2": new}
    assert lights.users(until) == {"department.lights": None, "department.lights.2": new}
    assert desk.events("lights")[-1][1]["old_until"] is not None


async def test_a_new_password_without_a_delay_ends_both_valid_ones(desk: Desk) -> None:
    await desk.departments.create(entry("lights"), ADMIN)
    await desk.departments.renew("lights", ADMIN, keep_old_hours=24)
    last = await desk.departments.renew("lights", ADMIN)
    lights = await desk.departments.get("lights")
    assert (last["user"], last["old_until"]) == ("department.lights.2", None)
    assert lights.users(utc_now()) == {"department.lights": None, "department.lights.2": lights.broker_password_hash}


async def test_a_change_affects_only_the_given_fields(desk: Desk) -> None:
    await desk.departments.create(entry("lights", "roads"), ADMIN)
    before = desk.kept("lights")
    changed = await desk.departments.change("lights", change(name=words("Lamps"), districts=["swat"]), ADMIN)
    assert (changed.name, changed.head) == (words("Lamps"), words("Head"))
    assert (changed.appeals_to, changed.broker_password_hash) == ("roads", before["broker_password_hash"])
    assert desk.office.directory.department("lights").name == words("Lamps")
    assert desk.events("lights")[1:] == [
        ("department.changed.v1", {"name": words("Lamps"), "changed": ["name"], "by": ADMIN})
    ]
    assert (await desk.departments.change("lights", change(appeals_to=None), ADMIN)).appeals_to is None


async def test_a_change_to_the_present_values_does_nothing(desk: Desk) -> None:
    await desk.departments.create(entry("lights"), ADMIN)
    before = desk.kept("lights")
    await desk.departments.change("lights", change(name=words("lights"), districts=[]), ADMIN)
    assert desk.kept("lights") == before


async def test_concurrent_changes_are_both_kept(desk: Desk) -> None:
    stored = desk.office.departments

    def somebody_else() -> None:
        stored.before = lambda: None
        stored.documents["power"] |= {"head": words("New head"), "rev": stored.documents["power"]["rev"] + 1}

    stored.before = somebody_else
    changed = await desk.departments.change("power", change(appeals_to="roads"), ADMIN)
    assert (changed.head, changed.appeals_to) == (words("New head"), "roads")


async def test_no_password_is_given_out_while_the_broker_is_unavailable(desk: Desk) -> None:
    desk.broker.unavailable = True
    before = deepcopy(desk.office.departments.documents)
    with pytest.raises(UnavailableError):
        await desk.departments.renew("power", ADMIN)
    with pytest.raises(UnavailableError):
        await desk.departments.create(entry("lights"), ADMIN)
    assert desk.office.departments.documents == before


@pytest.mark.parametrize("act", [lambda d: d.renew("nobody", ADMIN), lambda d: d.get("nobody")])
async def test_an_unknown_department_is_not_found(desk: Desk, act: Callable[[DepartmentAdmin], Any]) -> None:
    with pytest.raises(NotFoundError):
        await act(desk.departments)


async def test_files_create_missing_departments_and_change_no_existing_ones(desk: Desk) -> None:
    before = desk.kept("power")
    await desk.departments.declare([entry("power", "roads"), entry("lights")])
    assert "by" not in desk.events("lights")[0][1]
    assert desk.kept("power") == before
    assert desk.broker.given == []


@pytest.mark.parametrize("fields", [{}, {"name": None}, {"districts": None}, {"code": "x"}, {"head": {"en": "x"}}])
def test_an_invalid_change_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        change(**fields)
