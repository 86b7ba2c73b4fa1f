"""The examples that departments copy, run as they stand: a complaint goes in, the citizen sees their reply."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.cli.demo.city import service_entry
from deploy.cli.demo.mapping import Named
from deploy.local.home import ROOT
from deploy.local.suite import Suite
from tests.portal import Portal, until

TOWN = Named(code="exampleville", en="Exampleville", ur="مثال نگر")
PATIENCE = 60.0


@asynccontextmanager
async def running(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> AsyncIterator[None]:
    """A program that listens for as long as the block lasts; what it said is told when the block fails."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said: list[str] = []

    async def read() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            said.append(line.decode())

    async def listening() -> bool | None:
        return any("listening on" in line for line in said) or None

    reading = asyncio.create_task(read())
    try:
        await until(listening, "the subscriber to listen", PATIENCE)
        yield
    except AssertionError as error:
        raise AssertionError(f"{error}; the subscriber said: {''.join(said)}") from None
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading


async def make_department(portal: Portal, code: str) -> dict[str, str]:
    """A department of its own with a service that leads to it; its credentials."""
    token = await portal.admin_token()
    words = {"en": f"Department {code}", "ur": "محکمہ"}
    entry = {"code": code, "name": words, "head": words, "appellate_authority": words, "districts": []}
    service = service_entry(f"{code}-lamp", "Lamp", "lamps", TOWN, [code])
    made: dict[str, str] = await portal.expect(201, "POST", "/api/v1/admin/departments", token=token, json=entry)
    await portal.expect(201, "POST", "/api/v1/admin/services", token=token, json=service)
    return made


def environment_of(suite: Suite, department: Mapping[str, str]) -> dict[str, str]:
    """What the README tells a department to set."""
    broker = urlsplit(suite.environment["RABTA_AMQP_URL"])
    return {
        "PATH": os.environ["PATH"],
        "RABTA_URL": suite.url,
        "RABTA_BROKER_URL": broker._replace(netloc=broker.netloc.rpartition("@")[2]).geturl(),
        "RABTA_CLIENT_ID": department["user"],
        "RABTA_CLIENT_SECRET": department["password"],
    }


async def file_and_wait(portal: Portal, code: str) -> None:
    """A citizen complains and sees the example's reply."""
    citizen = await portal.register()
    answers = {"office": code, "reference": "1", "opened": "2022-01-21 13:47", "description": "The lamp is dark."}
    filing = {"service": f"{code}-lamp", "place": {"district": TOWN.code}, "answers": answers}
    number = (await portal.file(citizen, filing))["number"]

    request = await portal.reaches(citizen, number, "resolved")
    assert request["outcome"] == "granted"
    assert request["history"][-1]["words"] == f"Our crew has dealt with {number}."
    assert [entry["to"] for entry in request["history"]][-3:] == ["routed", "accepted", "resolved"]


async def test_the_python_example(suite: Suite, portal: Portal) -> None:
    department = await make_department(portal, "example-python")
    command = [sys.executable, str(ROOT / "examples" / "python" / "subscriber.py")]

    async with running(command, ROOT / "examples" / "python", environment_of(suite, department)):
        await file_and_wait(portal, "example-python")


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Node example, to install its package in."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("RABTA_NEEDS_NODE") == "1":
            pytest.fail("RABTA_NEEDS_NODE=1, and there is no node or npm here")
        pytest.skip("the Node example needs node and npm, which this machine does not have")
    return Path(shutil.copytree(ROOT / "examples" / "node", tmp_path_factory.mktemp("node") / "example"))


async def test_the_node_example(suite: Suite, portal: Portal, node_folder: Path) -> None:
    npm = await asyncio.create_subprocess_exec(
        "npm", "install", "--no-audit", "--no-fund", "--no-package-lock",
        cwd=node_folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await npm.communicate()
    assert npm.returncode == 0, output.decode()
    department = await make_department(portal, "example-node")

    async with running(["node", "subscriber.mjs"], node_folder, environment_of(suite, department)):
        await file_and_wait(portal, "example-node")
