"""`rabta verify-history` and `rabta verify-receipt` on a running suite."""

import asyncio
import json
import os
import sys
from pathlib import Path

from deploy.local.home import ROOT
from deploy.local.suite import Suite
from tests.journeys.test_main_job import LAMP
from tools.portal import Portal


async def rabta(suite: Suite, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    environment = {**os.environ, **suite.environment, "RABTA_HOME": str(suite.home), "COLUMNS": "200"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.local", *arguments),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_receipts_and_proofs_verify_with_the_published_keys_and_roots(
    portal: Portal, suite: Suite, tmp_path: Path
) -> None:
    citizen = await portal.register()
    filed = await portal.file(citizen, LAMP)
    number = filed["number"]
    await portal.reaches(citizen, number, "routed")
    files = {
        "proof.json": await portal.expect(200, "GET", f"/api/v1/requests/{number}/proof", token=citizen.token),
        "filed.json": filed,
        "keys.json": await portal.expect(200, "GET", "/.well-known/receipt-keys.json"),
    }
    for name, body in files.items():
        (tmp_path / name).write_text(json.dumps(body))
    for name in ("proof.json", "filed.json"):
        code, words = await rabta(suite, "verify-receipt", str(tmp_path / name), "--keys", str(tmp_path / "keys.json"))
        assert code == 0, words
        assert f"received: {number}" in words
    code, words = await rabta(suite, "verify-receipt", str(tmp_path / "nothing"))
    assert code != 0
    assert words.startswith("rabta: ")
    assert words.count("\n") == 1
