"""Sample requests in different states, so that no list of a fresh demo is empty."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.cli.client import SignedInAccount
from deploy.cli.transport import ApiError
from deploy.local.errors import LocalError
from shared.yaml_file import read_yaml

SECONDS = 30.0
Officers = Callable[[str], SignedInAccount]
Step = Mapping[str, Any]


def samples() -> list[dict[str, Any]]:
    """The content of the samples file."""
    loaded: list[dict[str, Any]] = read_yaml(Path(__file__).with_suffix(".yaml"))
    return loaded


async def ensure_samples(citizens: Mapping[int, SignedInAccount], officers: Officers) -> int:
    """File the samples and take their steps, unless that was done; returns their number."""
    wanted = samples()
    for n, citizen in citizens.items():
        mine = [sample for sample in wanted if sample["citizen"] == n]
        there = (await citizen.ask("GET", "/requests", query={"limit": "100"})).body["requests"]
        if len(there) < len(mine):
            await asyncio.gather(*(ensure_sample(sample, citizen, officers) for sample in mine))
    return len(wanted)


async def ensure_sample(sample: Mapping[str, Any], citizen: SignedInAccount, officers: Officers) -> None:
    """File a sample and take the steps that were not taken yet."""
    number = (await citizen.file(f"demo/{sample['key']}", sample["filing"])).body["number"]
    steps: Sequence[Step] = sample.get("steps", [])
    for place, step in enumerate(steps):
        times = sum(one["act"] == step["act"] for one in steps[: place + 1])
        await _until_done(number, step, times, citizen, officers)


async def _until_done(number: str, step: Step, times: int, citizen: SignedInAccount, officers: Officers) -> None:
    """Take the step as soon as it is possible, unless it was taken before."""
    take = _by_officer if step["by"] == "officer" else _by_citizen
    end = time.monotonic() + SECONDS
    while not await _tried(take(number, step, times, citizen, officers)):
        if time.monotonic() > end:
            raise LocalError(f"{number}: {step['act']} was not possible within {SECONDS:.0f} s")
        await asyncio.sleep(0.1)


async def _tried(taking: Awaitable[bool]) -> bool:
    """False while the request has not arrived yet, or if another process was faster."""
    try:
        return await taking
    except ApiError as error:
        if error.status not in (404, 409, 412):
            raise
        return False


async def _by_citizen(number: str, step: Step, times: int, citizen: SignedInAccount, _: Officers) -> bool:
    request = await citizen.request(number)
    if _taken(request, step, times):
        return True
    if step["act"] not in request["actions"] or request["state"] == "verifying":
        return False
    await citizen.do(number, step["act"], step.get("with"))
    return True


async def _by_officer(number: str, step: Step, times: int, citizen: SignedInAccount, officers: Officers) -> bool:
    code = (await citizen.request(number))["department"]
    if code is None:
        return False
    officer = officers(code)
    assignment = await officer.assignment(number)
    if _taken(assignment.body, step, times):
        return True
    if step["act"] not in assignment.body["actions"]:
        return False
    await officer.act(number, step["act"], step.get("with"), etag=assignment.headers["ETag"])
    return True


def _taken(record: Mapping[str, Any], step: Step, times: int) -> bool:
    actions = [entry["action"] for entry in record["history"]]
    return actions.count(step["act"]) >= times
