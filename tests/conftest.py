"""Fixtures of all tests: real servers, started once, and the whole suite on them.

Each worker of pytest-xdist has its own, and only if it gets a test that needs them. Servers come from programs of this
machine, or from testcontainers with RABTA_TEST_SERVERS=docker.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.home import ROOT
from deploy.local.keys import load_keys
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.containers import servers_for_tests
from tools.portal import Portal
from tools.suites import ADMIN, QUICK


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this run: data, logs, keys."""
    return tmp_path_factory.mktemp("rabta")


@pytest.fixture(scope="session")
def servers(home: Path) -> Iterator[Servers]:
    """A real MongoDB and a real RabbitMQ."""
    servers = servers_for_tests(home)
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def suite(home: Path, servers: Servers) -> Iterator[Suite]:
    """All five processes, with short waits, so that tests see recovery."""
    suite = Suite(home, servers, extra_env=QUICK)
    suite.start()
    yield suite
    suite.stop()


@pytest.fixture(scope="session")
def portal(suite: Suite) -> Portal:
    """A client of the suite's gateway."""
    return Portal(suite.url, ADMIN)


@pytest.fixture(scope="session")
def environment(home: Path, servers: Servers) -> dict[str, str]:
    """Settings for a service that a test runs in its own process, by field name."""
    keys = load_keys(home)
    return {
        "env": "test",
        "mongo_url": servers.mongo_url,
        "amqp_url": servers.amqp_url,
        "amqp_admin_url": servers.amqp_admin_url,
        "data_key": keys.data_key,
        "index_key": keys.index_key,
    }


LONG = (
    "tools/test_faults.py",
    "web/test_every_page.py",
    "integration/test_identity_use_cases.py",
    "journeys/test_demo_commands.py",
    "tools/test_messages.py",
    "journeys/test_keeping_files.py",
    "contracts/test_clients.py",
    "tools/test_short_runs.py",
    "integration/test_nasty_inputs.py",
)
"""Files that take half a minute or more, the longest first."""
WITHOUT_SERVERS = ("unit", "architecture")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort files: the longest first, those without servers last, so that all workers finish together."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """The position of a file; lower comes first."""
    file = item.path.relative_to(ROOT / "tests")
    if file.as_posix() in LONG:
        return LONG.index(file.as_posix())
    return len(LONG) + (file.parts[0] in WITHOUT_SERVERS)
