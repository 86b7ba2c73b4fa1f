"""Routing uses the broker's management API to keep departments' latest access."""

import base64
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import cast

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from services.routing.broker import BrokerAdmin, QueueState
from services.routing.provisioning import Provisioning
from services.routing.store.assignments import AssignmentStore
from shared.clock import utc_now
from tests.unit.routing.office import Office


async def test_credentials_in_the_address_are_decoded() -> None:
    credentials: list[str] = []

    async def users(request: web.Request) -> web.Response:
        credentials.append(base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode())
        return web.json_response([{"name": "department.water", "password_hash": "h"}])

    app = web.Application()
    app.router.add_get("/api/users", users)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            broker = BrokerAdmin(f"http://rabta:p%40ss%2Fword@127.0.0.1:{port}", "/")
        async with aiohttp.ClientSession() as http:
            assert await broker.users(http) == {"department.water": "h"}
    finally:
        await runner.cleanup()
    assert credentials == ["rabta:p@ss/word"]


class FakeBroker:
    """A broker in memory with the changes of its users; `meanwhile` runs while one is created."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.done: list[str] = []
        self.dead_letters: int | None = 0
        self.meanwhile: Callable[[], None] = lambda: None

    async def queues(self, _: object) -> dict[str, QueueState]:
        """Every queue exists."""
        made = {f"department.{code}": QueueState(0, 0) for code in ("power", "roads")}
        return {**made, "department.power.dead": QueueState(self.dead_letters, 0)}

    async def users(self, _: object) -> dict[str, str]:
        """Password hashes by name."""
        return dict(self.known)

    async def remove_user(self, _: object, name: str) -> None:
        """Remove a user, which closes its connections."""
        self.known.pop(name, None)
        self.done.append(f"removed {name}")

    async def make_user(self, _: object, name: str, queue: str, hashed: str) -> None:
        """Create or change a user."""
        assert name.startswith(queue)
        self.known[name] = hashed
        self.done.append(f"made {name} {hashed}")
        self.meanwhile()


class Process:
    """A routing process with its departments, and a broker that others may use too."""

    def __init__(self, office: Office, broker: FakeBroker) -> None:
        self.office = office
        self.provisioning = Provisioning(cast(BrokerAdmin, broker), office.directory, cast(AssignmentStore, None))

    def renewed(self, hashed: str, **more: object) -> None:
        """Another process gives `power` a new password, which this one does not know."""
        self.office.departments.documents["power"].update({"broker_password_hash": hashed, **more})

    async def provision(self) -> None:
        """Provision every known department."""
        await self.provisioning.ensure(list(self.office.directory.departments.values()))


@pytest.fixture
async def broker() -> FakeBroker:
    """A broker without users."""
    return FakeBroker()


@pytest.fixture
async def process(broker: FakeBroker) -> Process:
    """A process whose departments have access."""
    process = Process(await Office().open(), broker)
    process.renewed("first")
    await process.office.directory.refresh()
    await process.provision()
    broker.done.clear()
    return process


async def test_a_new_password_goes_to_a_recreated_user(process: Process, broker: FakeBroker) -> None:
    process.renewed("second")
    await process.office.directory.refresh()
    await process.provision()
    assert broker.done == ["removed department.power", "made department.power second"]
    await process.provision()
    assert len(broker.done) == 2


async def test_two_users_exist_while_two_passwords_are_valid(process: Process, broker: FakeBroker) -> None:
    old = {"user": "department.power", "broker_password_hash": "first"}
    process.renewed("second", user="department.power.2", old_login=old, old_until=utc_now() + timedelta(hours=1))
    await process.office.directory.refresh()
    await process.provision()
    assert broker.done == ["made department.power.2 second"]
    process.renewed("second", old_until=utc_now())
    await process.office.directory.refresh()
    await process.provision()
    assert broker.done[1:] == ["removed department.power"]


async def test_an_outdated_process_does_not_restore_the_old_password(process: Process, broker: FakeBroker) -> None:
    process.renewed("second")
    broker.known["department.power"] = "second"
    await process.provision()
    assert (broker.known["department.power"], broker.done) == ("second", [])


async def test_a_password_renewed_meanwhile_wins(process: Process, broker: FakeBroker) -> None:
    def once_more() -> None:
        broker.meanwhile = lambda: None
        process.renewed("third")

    process.renewed("second")
    await process.office.directory.refresh()
    broker.meanwhile = once_more
    await process.provision()
    assert broker.known["department.power"] == "third"


async def test_a_missing_user_is_created(process: Process, broker: FakeBroker) -> None:
    del broker.known["department.power"]
    await process.provision()
    assert broker.done == ["made department.power first"]


async def test_an_unavailable_broker_is_retried(unused_tcp_port: int) -> None:
    office = await Office().open()
    unavailable = BrokerAdmin(f"http://rabta:rabta@127.0.0.1:{unused_tcp_port}", "/")
    provisioning = Provisioning(unavailable, office.directory, cast(AssignmentStore, None))
    assert await provisioning.broker_state() is None
    await provisioning.ensure_soon(office.directory.department("power"))  # and is retried later


async def test_the_metric_counts_dead_letters_of_each_department(process: Process, broker: FakeBroker) -> None:
    def dead_letters() -> float | None:
        return REGISTRY.get_sample_value("rabta_department_dead_letters", {"department": "power"})

    broker.dead_letters = 3
    await process.provision()
    assert dead_letters() == 3
    broker.dead_letters = None  # just created, and not counted yet
    await process.provision()
    assert dead_letters() == 0
