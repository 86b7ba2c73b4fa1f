"""Fixtures of all tests: real servers, started once, and the whole suite on them.

Each worker of pytest-xdist has its own, and only if it gets a test that needs them. Servers come from programs of this
machine, or from testcontainers with RABTA_TEST_SERVERS=docker.
"""

import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

from deploy.local.home import ROOT
from deploy.local.keys import load_keys
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.containers import servers_for_tests
from tools.portal import Portal
from tools.suites import ADMIN, QUICK, data_folder

# Properties do not fail for being slow: the machine may be busy. More examples: --hypothesis-profile=long
settings.register_profile("suite", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("suite"), max_examples=1000)
settings.load_profile("suite")

gc.disable()  # until all tests are imported: nothing of them is garbage, and looking costs a fifth of importing


def pytest_collection_finish() -> None:
    """Collect garbage from now on, but rarely, and never look again at what the imports have left."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as services do; syntax trees of the repository take a fifth of the time
    gc.enable()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of this run: data, keys, and logs, of which copies stay."""
    with tempfile.TemporaryDirectory(prefix="rabta-", dir=data_folder(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)
        kept = tmp_path_factory.mktemp("logs")
        for log in Path(folder).rglob("*.log"):
            shutil.copy(log, kept / "-".join(log.relative_to(folder).parts))


@pytest.fixture(scope="session")
def servers(home: Path) -> Iterator[Servers]:
    """A real MongoDB and a real RabbitMQ."""
    servers = servers_for_tests(home)
    yield servers
    servers.discard()


@pytest.fixture(scope="session")
def suite(home: Path, servers: Servers) -> Iterator[Suite]:
    """All five processes, with short waits, so that tests see recovery."""
    suite = Suite(home, servers, extra_env=QUICK)
    suite.start()
    yield suite
    suite.discard()


@pytest.fixture(scope="session")
async def connections() -> AsyncIterator[aiohttp.BaseConnector]:
    """Connections that calls share: a new one costs as much as a short call."""
    async with aiohttp.TCPConnector(limit=0) as connections:
        yield connections


@pytest.fixture(scope="session")
def portal(suite: Suite, connections: aiohttp.BaseConnector) -> Portal:
    """A client of the suite's gateway."""
    return Portal(suite.url, ADMIN, connections=connections)


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
    "tests/web/",
    "tests/tools/unlimited/",
    "tests/integration/test_identity_use_cases.py",
    "tests/tools/test_messages.py",
    "tests/journeys/test_keeping_files.py",
    "tests/contracts/test_clients.py",
    "tests/integration/test_nasty_inputs.py",
)
"""Files and folders that take half a minute or more, the longest first."""
TOGETHER = ("tests/web/", "tests/tools/unlimited/", "tests/journeys/providers/")
"""Folders that run on one worker: their files share a suite of their own, or a browser and requests in every state."""
LAST = ("integration", "unit", "architecture")
"""Folders of short files, and of those without servers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort files: the longest first, those without servers last."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[int, int]:
    """The position of a file; lower comes first."""
    file = item.path.relative_to(ROOT)
    long = next((place for place, path in enumerate(LONG) if file.as_posix().startswith(path)), len(LONG))
    return long, LAST.index(file.parts[1]) + 1 if file.parts[1] in LAST else 0


class FromBothEnds(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives files to workers in order, but to the last of three from the end, so that it needs no suite until late."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self.numnodes > 2 and node.gateway.id == f"gw{self.numnodes - 1}":
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """The scheduler of `./rabta test`; without `--dist loadfile` xdist chooses its own."""
    return FromBothEnds(config, log) if config.getvalue("dist") == "loadfile" else None
