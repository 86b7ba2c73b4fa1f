"""`rabta retention` on a running suite: dry run, run, and the result."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.home import ROOT
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Portal, until


async def retention(suite: Suite, *arguments: str) -> str:
    """The output of the command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.local",
        "retention",
        *arguments,
        cwd=ROOT,
        env={**os.environ, **suite.environment, "RABTA_HOME": str(suite.home)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


async def test_the_command_anonymises_a_request_after_its_retention_time(
    suite: Suite, servers: Servers, portal: Portal
) -> None:
    citizen = await portal.register()
    number, _, _ = await at_department(portal, citizen, LAMP)
    kept, _, _ = await at_department(portal, citizen, LAMP)
    for each in (number, kept):
        await portal.expect(200, "POST", f"/api/v1/requests/{each}/withdraw", token=citizen.token, json={})
    long_ago = datetime.now(UTC) - timedelta(days=366)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
    requests = client["rabta_requests"]["requests"]

    async def seen_to() -> bool | None:
        """Wait until merged requests (here none) were handled; before that nothing is anonymised."""
        aged = {"$set": {"changed_at": long_ago}, "$inc": {"rev": 1}}
        done = await requests.update_one({"_id": number, "passes_on": {"$ne": True}}, aged)
        return True if done.matched_count else None

    await until(seen_to, "the end of the request to be seen to")
    would = await retention(suite, "--dry-run")
    assert "1 requests would be anonymised" in would
    [line] = [line for line in would.splitlines() if line.startswith("street-light-out")]
    assert line.split() == ["street-light-out", "withdrawn", "1", "oldest", f"{long_ago:%Y-%m-%d}"]
    assert (await portal.request(citizen, number))["state"] == "withdrawn"

    assert "1 requests anonymised" in await retention(suite)
    assert (await portal.ask("GET", f"/api/v1/requests/{number}", token=citizen.token)).status == 404
    assert (await portal.request(citizen, kept))["state"] == "withdrawn"

    async def forgotten() -> bool | None:
        """Wait until routing has anonymised it too."""
        assignment = await client["rabta_routing"]["assignments"].find_one({"_id": number})
        return True if assignment and assignment["citizen_id"] != citizen.id else None

    assert await until(forgotten, "routing to forget the citizen")
