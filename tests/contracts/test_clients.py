"""Generated clients: each files a request, lists assignments and accepts one.

Generators and programs are those of `docs/clients.md`.
"""

import asyncio
import importlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.docs.asyncapi import type_name
from deploy.local.home import ROOT
from deploy.local.suite import Suite
from services.routing.feed.invented import one_of_each
from services.routing.feed.models import FeedEntry
from services.routing.subscriptions.messages import body_of
from shared.clock import utc_now
from tests.contracts.test_messages import SAMPLES
from tests.journeys.test_examples import TOWN, make_department
from tools.portal import Portal

EXAMPLES = ROOT / "examples" / "clients"
PATIENCE = 120.0


async def run(*command: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """The output of a program that succeeds."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0, output.decode()
    return output.decode()


async def setting(suite: Suite, portal: Portal, code: str) -> dict[str, str]:
    """The environment of a program: a new department, a citizen, and the request to file."""
    made = await make_department(portal, code)
    answers = {"office": code, "reference": "1", "opened": "2022-01-21 13:47", "description": "The lamp is dark."}
    filing = {"service": f"{code}-lamp", "place": {"district": TOWN.code}, "answers": answers}
    return {
        "RABTA_URL": suite.url,
        "RABTA_CLIENT_ID": made["user"],
        "RABTA_CLIENT_SECRET": made["password"],
        "RABTA_CITIZEN_TOKEN": (await portal.register()).token,
        "RABTA_FILING": json.dumps(filing),
    }


@pytest.fixture(scope="module")
async def generators(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with the Python generators, at the versions of the example."""
    folder = tmp_path_factory.mktemp("generators")
    wanted = ["--require-hashes", "--requirement", str(EXAMPLES / "python" / "requirements.txt")]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-conflicts", "--no-deps", "--no-compile"]
    await run(sys.executable, "-m", "pip", "install", *quiet, *wanted, "--target", str(folder), folder=folder)
    return {"PYTHONPATH": str(folder)}


async def test_a_client_by_openapi_python_client_files_and_accepts(
    suite: Suite, portal: Portal, generators: dict[str, str], tmp_path: Path
) -> None:
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    config = ["--config", str(EXAMPLES / "python" / "generator.yaml"), "--meta", "none"]
    where = ["--url", f"{suite.url}/api/v1/openapi.json", "--output-path", "rabta_client"]
    await run(*generate, *config, *where, folder=tmp_path, environment=generators)
    path = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{generators['PYTHONPATH']}"}
    environment = {**await setting(suite, portal, "client-python"), **path}

    program = str(EXAMPLES / "python" / "file_and_accept.py")
    printed = await run(sys.executable, program, folder=tmp_path, environment=environment)

    assert printed.split()[1] == "accepted"


async def test_types_by_datamodel_code_generator_read_every_message(
    generators: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = [sys.executable, "-m", "datamodel_code_generator", "--input-file-type", "asyncapi"]
    kind = ["--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"]
    where = ["--input", str(ROOT / "docs" / "asyncapi.yaml"), "--output", "rabta_messages.py"]
    await run(*generate, *kind, *where, folder=tmp_path, environment=generators)
    monkeypatch.syspath_prepend(tmp_path)
    types = importlib.import_module("rabta_messages")

    for name, sample in SAMPLES.items():
        getattr(types, type_name(name)).model_validate_json(json.dumps(sample))
        assert getattr(types, type_name(name)).model_fields.keys() >= sample.keys()
    for number, message in enumerate(one_of_each("power", {"en": "Power", "ur": "بجلی"}, 1, utc_now()), 1):
        read = types.FeedMessage.model_validate_json(body_of(FeedEntry(message, number, utc_now())))
        assert (read.number, read.subject) == (number, message.subject)


async def test_a_client_by_openapi_typescript_files_and_accepts(suite: Suite, portal: Portal, tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        if os.environ.get("RABTA_NEEDS_NODE") == "1":
            pytest.fail("RABTA_NEEDS_NODE=1, and there is no node or npm here")
        pytest.skip("openapi-typescript needs node and npm, which this machine does not have")
    folder = Path(shutil.copytree(EXAMPLES / "typescript", tmp_path / "client"))
    environment = await setting(suite, portal, "client-typescript")

    await run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", folder=folder)
    await run("npm", "run", "generate", folder=folder, environment=environment)
    await run("npm", "run", "check", folder=folder)
    printed = await run("node", "file-and-accept.mjs", folder=folder, environment=environment)

    assert printed.split()[1] == "accepted"
