"""Suites for tests and tools: their settings, and a suite with its own servers."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.containers import servers_for_tests

ADMIN = ("admin", "test-administrator-7391")
QUICK = {  # short waits, but each sweep costs: an idle suite takes 6 % of a core, and took 11 with twice as many
    "RABTA_RELAY_LEASE": "2",
    "RABTA_SWEEP_EVERY": "3",
    "RABTA_SETTLE_AFTER": "3",
    "RABTA_SETTLE_EVERY": "5",
    "RABTA_RETRY_DELAYS": "[0.5, 1, 3]",
    "RABTA_PROVISION_EVERY": "2",
    "RABTA_LETTERS_EVERY": "2",
    "RABTA_CLOCKS_EVERY": "3",
    "RABTA_COURIER_EVERY": "2",
    "RABTA_WEBHOOK_PAUSES": "[0.2, 0.5]",
    "RABTA_WEBHOOK_GIVES_UP": "3",
    "RABTA_FIGURES_EVERY": "6",
    "RABTA_EXPERIENCE_EVERY": "12",
    "RABTA_ERASE_EVERY": "3",
    "RABTA_ATTACHMENTS_EVERY": "3",
    "RABTA_SCAN_AGAIN_EVERY": "1",
    "RABTA_WORK_HOURS": "00:00-24:00",
    "RABTA_WORK_DAYS": "mon tue wed thu fri sat sun",
    "RABTA_WORK_GATHER": "4",
    "RABTA_TRUSTED_PROXIES": "1",  # tests that play many people say where each of them comes from
    "RABTA_HASH_MEMORY_KIB": "4096",  # tests open a thousand accounts; the timing test still sees a missing hash
    "RABTA_ADMIN_LOGIN": ADMIN[0],
    "RABTA_ADMIN_PASSWORD": ADMIN[1],
}
MEMORY = Path("/dev/shm")
ENOUGH = 8 * 2**30
RUN_WILD = {"RABTA_RATE_LIMITS": "false"}
"""Settings without limits, for separate suites in which a few accounts act for thousands."""


def data_folder() -> str | None:
    """Where the data of tests is quickest: in memory if there is plenty, otherwise on the disk (None).

    Each write of a request waits for the disk; in memory MongoDB and RabbitMQ take a third less processor time.
    """
    return str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None


@contextmanager
def own_suite(**environment: str) -> Iterator[tuple[Servers, Suite]]:
    """Servers and a running suite in their own folder."""
    with tempfile.TemporaryDirectory(prefix="rabta-", dir=data_folder()) as folder:
        servers = servers_for_tests(Path(folder))
        suite = Suite(Path(folder), servers, extra_env=environment)
        try:
            suite.start()
            yield servers, suite
        finally:
            suite.discard()
            servers.discard()


async def own_vhost(environment: dict[str, str], name: str) -> str:
    """The address of a new virtual host, so that no messages of other suites arrive."""
    admin = urlsplit(environment["amqp_admin_url"])
    user = {"Authorization": aiohttp.encode_basic_auth(admin.username or "", admin.password or "")}
    base = f"{admin.scheme}://{admin.hostname}:{admin.port}/api"
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    async with aiohttp.ClientSession(headers=user) as http:
        async with http.put(f"{base}/vhosts/{name}", json={}) as made:
            assert made.ok
        async with http.put(f"{base}/permissions/{name}/{admin.username}", json=rights) as given:
            assert given.ok
    return urlunsplit(urlsplit(environment["amqp_url"])._replace(path=f"/{name}"))
