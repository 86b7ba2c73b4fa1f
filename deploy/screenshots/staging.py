"""The suite for screenshots: a temporary one with demo data and some additions, or the running one."""

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from deploy.cli import client
from deploy.cli.book import Book
from deploy.cli.client import SignedInAccount
from deploy.cli.people import DemoCitizen, ensure_citizen
from deploy.cli.samples import ensure_sample
from deploy.cli.transport import transport
from deploy.local.errors import PrerequisiteError
from deploy.local.home import default_home
from deploy.local.seed import seed
from deploy.local.servers import start_servers
from deploy.local.state import read_state
from deploy.local.suite import Suite
from shared.yaml_file import read_yaml

MORE = Path(__file__).with_name("more.yaml")
CITIZENS = (1, 2)


@dataclass
class Staged:
    """The data of a suite that the screenshots need."""

    url: str
    book: Book
    numbers: dict[str, str]
    """Numbers of requests by state, and the id of a `draft`."""

    def password(self, login: str) -> str:
        """The password of a demo account."""
        entry = self.book.account(login)
        if entry is None:
            raise PrerequisiteError(f"there is no demo account {login}: start the suite with its demo data")
        return entry["password"]


@contextmanager
def staged(*, running: bool, say: Callable[[str], None]) -> Iterator[Staged]:
    """A suite that is ready for screenshots. Raises UnavailableError."""
    if running:
        state = read_state(default_home())
        if state is None or not state.alive or state.phase != "ready":
            raise PrerequisiteError("nothing is running: ./rabta up first, or leave out --running")
        yield asyncio.run(furnish(state.url, default_home()))
        return
    with tempfile.TemporaryDirectory(prefix="rabta-pictures-") as folder:
        yield from _own(Path(folder), say)


def _own(home: Path, say: Callable[[str], None]) -> Iterator[Staged]:
    say("starting a suite for the screenshots")
    servers = start_servers(home)
    suite = Suite(home, servers, env="demo", extra_env={"RABTA_RATE_LIMITS": "false"})
    try:
        suite.start()
        seed(home, suite, say)
        yield asyncio.run(furnish(suite.url, home))
    finally:
        suite.stop()
        servers.stop()


async def furnish(url: str, home: Path) -> Staged:
    """File additional requests, and find the numbers."""
    book = Book(home)
    async with transport(url) as http:
        people = {n: await ensure_citizen(http, DemoCitizen(n), book) for n in CITIZENS}

        def officer(code: str) -> SignedInAccount:
            entry = book.account(f"officer.{code}")
            assert entry is not None
            return client.person(http, entry["login"], entry["password"])

        for sample in read_yaml(MORE):
            await ensure_sample(sample, people[sample["citizen"]], officer)
        return Staged(url, book, await _numbers(people))


async def _numbers(people: dict[int, SignedInAccount]) -> dict[str, str]:
    found: dict[str, str] = {}
    for n, citizen in people.items():
        for request in await citizen.pages("/requests", "requests"):
            found.setdefault(f"{request['state']}-{n}", request["number"])
    found["draft"] = await _draft(people[1])
    return found


async def _draft(citizen: SignedInAccount) -> str:
    """A complaint that is not sent yet."""
    wanted: list[dict[str, Any]] = read_yaml(MORE)
    filing = wanted[0]["filing"] | {"place": {"district": "swat", "address": "Saidu Sharif, Sector 3"}}
    answer = await citizen.ask("POST", "/drafts", body=filing, headers={"Idempotency-Key": "demo/picture-unsent"})
    return str(answer.body["id"])


def messages(url: str, n: int) -> list[dict[str, str]]:
    """The messages to a demo citizen, newest first."""
    query = urlencode({"format": "json", "to": DemoCitizen(n).mobile})
    with urlopen(f"{url}/dev/outbox?{query}") as answer:
        found: list[dict[str, str]] = json.load(answer)["messages"]
    return found
