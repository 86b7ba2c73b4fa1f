"""Sends every case as every principal, and keeps what was wrong with the answers."""

import secrets
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from tests.fuzz.cases import ENDS_THE_CALLER, Call, all_cases, operations
from tests.fuzz.judge import wrongs
from tests.fuzz.principals import Principal, Scene

PATIENCE = 15.0
AT_ONCE = 4


@dataclass
class Findings:
    """What a run saw."""

    wrong: Counter[str] = field(default_factory=Counter)
    """How often, by operation, principal and what was wrong."""
    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    whole: bool = True
    """Whether every case was sent before the time was up."""

    def lines(self) -> list[str]:
        """A line for each kind of wrong answer."""
        return [f"{times} x {what}" for what, times in sorted(self.wrong.items())]


def fuzz(url: str, scene: Scene, examples: int, seconds: float) -> Findings:
    """Call everything with `examples` fitting and as many unfitting cases an operation, at most `seconds` long.

    Every operation is called once, also when that takes longer.
    """
    findings = Findings()
    described = operations(scene.description)
    end = time.monotonic() + seconds
    sessions = {principal.name: requests.Session() for principal in scene.principals}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for turn, case in enumerate(all_cases(described, examples, scene.places)):
            if turn >= len(described) and time.monotonic() > end:
                findings.whole = False
                break
            label = case.operation.label
            findings.operations.add(label)

            def one(principal: Principal, case: Call = case, turn: int = turn) -> tuple[Principal, int, list[str]]:
                return principal, *sent(url, case.derive(), principal, sessions[principal.name], turn, scene.canaries)

            for principal, status, found in pool.map(one, callers(scene, label)):
                findings.statuses[status] += 1
                findings.wrong.update(f"{label} as {principal.name}: {what}" for what in found)
    findings.wrong.update(lost(url, scene))
    return findings


def callers(scene: Scene, label: str) -> Iterator[Principal]:
    """Who calls an operation, and with which of their accounts."""
    for principal in scene.principals:
        if label not in ENDS_THE_CALLER or not principal.token:
            yield principal
        elif principal.spare:
            yield Principal(principal.name, principal.spare)


def sent(
    url: str, case: Call, principal: Principal, session: requests.Session, turn: int, canaries: tuple[str, ...]
) -> tuple[int, list[str]]:
    """Send a case; the status and what was wrong with the answer."""
    headers = {"Authorization": f"Bearer {principal.token}"} if principal.token else {}
    if turn % 4:  # also without them, now and then
        headers |= {"Idempotency-Key": secrets.token_hex(8), "If-Match": f'"{turn % 3 + 1}"'}
    if turn % 2:
        headers["Accept-Language"] = "ur"
    try:
        answer = case.call(base_url=url, session=session, headers=headers, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        return 0, [f"no answer: {type(error).__name__}"]
    return answer.status_code, wrongs(case, answer, canaries)


def lost(url: str, scene: Scene) -> list[str]:
    """Which principals were no longer signed in at the end: their calls would have shown nothing."""
    found = []
    for principal in scene.principals:
        headers = {"Authorization": f"Bearer {principal.token}"}
        status = requests.get(f"{url}/api/v1/me/sessions", headers=headers, timeout=PATIENCE).status_code
        if principal.token and status == 401:
            found.append(f"{principal.name} was signed out during the run")
    return found
