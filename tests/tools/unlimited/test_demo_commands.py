"""Seeding, subscribing and dead letters on the command line; first of this folder, on a suite that is still empty."""

import asyncio
import csv
import io
import json
import os
import signal
import sys
from typing import Any

import aiohttp
import pytest

from deploy.cli import client
from deploy.cli.book import Book
from deploy.cli.client import SignedInAccount
from deploy.cli.departments import entries
from deploy.cli.people import DemoCitizen, device_of
from deploy.cli.transport import Transport, transport
from deploy.local.home import ROOT
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from shared.bus import Message, Publisher, Topology
from shared.rights import Role
from tools.portal import until

LAMP = {
    "service": "street-light-out",
    "place": {"district": "swat"},
    "answers": {"problem": "out", "street": "public", "place": "Mingora", "description": "Dark for a whole week now."},
}


@pytest.fixture(scope="module")
def own_suite(own: tuple[Servers, Suite]) -> Suite:
    """The suite of this folder: seeding creates officers and renews credentials that tests elsewhere use."""
    return own[1]


@pytest.fixture(scope="module")
async def seeded(own_suite: Suite) -> str:
    """The output of the first seeding."""
    return (await seed(own_suite)).output


class Command:
    """A command on the suite, whose output is read continuously."""

    def __init__(self, suite: Suite, *arguments: str, **more: str) -> None:
        self._arguments = arguments
        self._environment = {**os.environ, **suite.environment, "RABTA_HOME": str(suite.home), "COLUMNS": "150", **more}
        self.output = ""

    async def start(self) -> "Command":
        """Start it and read its output."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-m", *self._arguments,
            cwd=ROOT, env=self._environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            # A shell that starts the tests in the background makes them, and this command, ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.output += line.decode()

    async def says(self, words: str) -> None:
        """Wait for output."""

        async def look() -> bool | None:
            return words in self.output or None

        try:
            await until(look, words)
        except AssertionError:
            raise AssertionError(f"never printed {words!r}: {self.output}") from None

    async def end(self, number: signal.Signals | None = None) -> int:
        """Wait for the exit code, after a signal if given."""
        if number is not None:
            self._process.send_signal(number)
        code = await asyncio.wait_for(self._process.wait(), 60)
        await self._reading
        return code


async def seed(suite: Suite, **more: str) -> Command:
    """Run the seeding program to its end."""
    return await run_program(suite, "deploy.cli.seed", **more)


async def run_program(suite: Suite, module: str, **more: str) -> Command:
    """Run a program to its end."""
    command = await Command(suite, module, **more).start()
    await command.end()
    return command


async def rabta(suite: Suite, *arguments: str) -> str:
    """The output of a command that must succeed."""
    command = await Command(suite, "deploy.local", *arguments).start()
    assert await command.end() == 0, command.output
    return command.output


async def demo_requests(http: Transport, book: Book) -> list[dict[str, Any]]:
    """The requests of both demo citizens."""
    accounts = [
        client.person(http, person.cnic, person.password, device_of(http, person, book))
        for person in (DemoCitizen(1), DemoCitizen(2))
    ]
    return [request for account in accounts for request in await account.pages("/requests", "requests")]


async def test_seeding_twice_fills_a_demo_once(own_suite: Suite, seeded: str) -> None:
    book = (own_suite.home / "demo.json").read_text()
    async with transport(own_suite.url) as http:
        requests = await demo_requests(http, Book(own_suite.home))
        second = await seed(own_suite)
        assert {r["number"] for r in await demo_requests(http, Book(own_suite.home))} == {r["number"] for r in requests}
        officer = client.person(http, *_login(book, "officer.water"))
        assert (await officer.ask("GET", "/me")).body["department"] == "water"

    kept = json.loads(book)
    counted = f"{len(entries())} departments, {len(kept['accounts'])} accounts, 10 sample requests\n"
    assert seeded == second.output == counted
    assert {account["role"] for account in kept["accounts"]} == set(Role) - {Role.DEPARTMENT}
    assert (own_suite.home / "demo.json").read_text() == book
    assert len({request["state"] for request in requests}) >= 7


@pytest.mark.usefixtures("seeded")
async def test_the_public_reads_figures_of_a_history_that_is_written_once(own_suite: Suite) -> None:
    refused = await run_program(own_suite, "deploy.cli.history", RABTA_ENV="production")
    assert refused.output.startswith("history: demo data is for demo and test only")
    first = await run_program(own_suite, "deploy.cli.history")
    assert first.output.rstrip().endswith("requests of the last 90 days"), first.output
    assert (await run_program(own_suite, "deploy.cli.history")).output == "the history is there\n"
    assert "no findings" in await rabta(own_suite, "verify-history")
    rebuilt = await rabta(own_suite, "figures", "rebuild")
    assert rebuilt.endswith("the figures were made anew\n")

    address = "/api/v1/public/figures"
    async with transport(own_suite.url) as http:
        whole = await http.ask("GET", address, query={"level": "all"})
        again = {"If-None-Match": whole.headers["ETag"]}
        assert (await http.ask("GET", address, query={"level": "all"}, headers=again)).status == 304
        water = (await http.ask("GET", address, query={"department": "water"})).body["rows"]
        columns = (await http.ask("GET", f"{address}/dictionary")).body["columns"]

        async def swept() -> bool | None:
            return (await http.ask("GET", address, query={"level": "all"})).body["as_of"] > whole.body["as_of"] or None

        await until(swept, "routing to bring the figures up to date by itself")
    async with aiohttp.ClientSession() as web, web.get(f"{own_suite.url}{address}.csv") as table:
        lines = list(csv.DictReader(io.StringIO(await table.text())))

    [total] = whole.body["totals"]
    assert total["received"] > 300
    assert 0 < total["on_time_not_reopened"] < total["on_time"] < total["due"] <= total["received"]
    assert all(total[name] for name in ("transferred", "escalated", "interim_replies", "disputed", "appealed", "rated"))
    assert {row["department"] for row in water} == {"water"}
    assert {"department", "service"} <= {row["level"] for row in water}
    assert list(lines[0]) == [column["name"] for column in columns]
    counted = [int(line[name]) for line in lines for name in ("received", "due", "rated") if line[name]]
    assert min(counted) >= 5


async def test_seeding_refuses_production(own_suite: Suite) -> None:
    refused = await seed(own_suite, RABTA_ENV="production")

    assert refused.output == "seed: demo data is for demo and test only: RABTA_ENV is neither\n"


@pytest.mark.usefixtures("seeded")
async def test_subscriber_answers_requests_and_ends_on_ctrl_c(own_suite: Suite) -> None:
    subscriber = await Command(own_suite, "deploy.local", "subscribe", "works", "--auto").start()
    await subscriber.says("listening on department.works")
    async with transport(own_suite.url) as http:
        citizen = client.person(
            http, DemoCitizen(1).cnic, DemoCitizen(1).password, device_of(http, DemoCitizen(1), Book(own_suite.home))
        )
        number = (await citizen.file("subscribed", LAMP)).body["number"]
        request = await resolved(citizen, number)
    await subscriber.says(f"{number}: accepted and resolved")

    assert request["outcome"] == "granted"
    assert "Stock reply of the demo" in request["history"][-1]["words"]
    assert "Dark for a whole week now." in subscriber.output
    assert await subscriber.end(signal.SIGINT) == 0
    assert "Traceback" not in subscriber.output


async def test_missing_credentials_are_reported_with_the_department(own_suite: Suite) -> None:
    command = await Command(own_suite, "deploy.local", "subscribe", "nowhere", "--auto").start()

    assert await command.end() == 1
    assert command.output.startswith("rabta: demo.json has no credentials of nowhere")


async def test_without_a_terminal_subscribe_needs_auto(own_suite: Suite) -> None:
    command = await Command(own_suite, "deploy.local", "subscribe", "works").start()

    assert await command.end() == 1
    assert "--auto" in command.output


async def test_dead_letters_are_listed_shown_without_names_and_redriven(own_suite: Suite) -> None:
    publisher = Publisher(own_suite.environment["RABTA_AMQP_URL"], "test", Topology())
    strange = Message("", "routing", b'{"strange": 1}', "strange/1", {"ce-type": "request.submitted.v1"})
    personal = Message("", "notifier", b'{"name": "Ayesha"}', "strange/2", {"ce-type": "citizen.registered.v1"})
    assert await publisher.publish([strange, personal]) == [True, True]
    await publisher.close()

    async def listed() -> str | None:
        letters_shown = await rabta(own_suite, "dead-letters", "list")
        return letters_shown if letters_shown.count("MalformedEnvelopeError 1") == 2 else None

    await until(listed, "two dead letters")
    for _ in range(2):  # showing removes nothing
        shown = await rabta(own_suite, "dead-letters", "show", "routing")
        assert '{"strange": 1}' in shown
        assert "1 of 1 letters" in shown
    hidden = await rabta(own_suite, "dead-letters", "show", "notifier.dead")
    assert "Ayesha" not in hidden

    moved = await rabta(own_suite, "dead-letters", "redrive", "routing", "--all")
    assert "strange/1" in moved
    assert "1 moved to routing" in moved

    async def back_again() -> str | None:
        letters_shown = await rabta(own_suite, "dead-letters", "show", "routing")
        return letters_shown if "1 of 1 letters" in letters_shown else None

    # It fails again, as if it had arrived for the first time.
    assert "x-rabta-attempt: 1" in await until(back_again, "the letter to die again")


async def resolved(citizen: SignedInAccount, number: str) -> dict[str, Any]:
    """The request, once its department has closed it."""

    async def look() -> dict[str, Any] | None:
        request = await citizen.request(number)
        return request if request["state"] == "resolved" else None

    return await until(look, f"{number} to be resolved")


def _login(book: str, login: str) -> tuple[str, str]:
    (entry,) = [entry for entry in json.loads(book)["accounts"] if entry["login"] == login]
    return entry["login"], entry["password"]
