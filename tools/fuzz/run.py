"""Sends every case as every principal, and records what was wrong with the responses."""

import re
import secrets
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from tools.fuzz.cases import ENDS_THE_CALLER, Call, all_cases, operations
from tools.fuzz.judge import wrongs
from tools.fuzz.places import Places
from tools.fuzz.principals import Principal, Scene

PATIENCE = 15.0
AT_ONCE = 4


@dataclass
class Findings:
    """The result of a run."""

    wrong: Counter[str] = field(default_factory=Counter)
    """Numbers of wrong responses, by operation, principal and fault."""
    statuses: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    succeeded: dict[str, set[str]] = field(default_factory=dict)
    """Operations that succeeded, by principal: a run in which everything is refused shows little."""
    whole: bool = True
    """Whether every case was sent in time."""

    def lines(self) -> list[str]:
        """A line for each kind of wrong response."""
        return [f"{times} x {what}" for what, times in sorted(self.wrong.items())]


def fuzz(url: str, scene: Scene, examples: int, seconds: float, *, brief: bool = False) -> Findings:
    """Call each operation with `examples` cases that match and as many that do not, for at most `seconds`.

    Every operation is called once, even if that takes longer. In a brief run, of the callers without the right only one
    calls: `tests/integration/test_rights.py` tries all of them.
    """
    findings = Findings(succeeded={principal.name: set() for principal in scene.principals})
    places, guarded = Places(scene.places), needing_a_revision(scene.description)
    roles = roles_of(scene.description) if brief else {}
    described = operations(scene.description)
    end = time.monotonic() + seconds
    sessions = {principal.name: session_from(n) for n, principal in enumerate(scene.principals)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for turn, case in enumerate(all_cases(described, examples, places)):
            if turn >= len(described) and time.monotonic() > end:
                findings.whole = False
                break
            label = case.operation.label
            findings.operations.add(label)

            def one(principal: Principal, case: Call = case, turn: int = turn) -> tuple[Principal, int, list[str]]:
                session, copy = sessions[principal.name], case.derive()
                headers = headers_of(principal, turn)
                if (turn < len(described) or turn % 4) and case.operation.label in guarded:
                    headers["If-Match"] = revision(url, copy, session, headers)
                return principal, *sent(url, copy, session, headers, scene.canaries, places)

            chosen = having_the_right(list(callers(scene, label)), roles.get(label), turn)
            for principal, status, found in pool.map(one, chosen):
                findings.statuses[status] += 1
                if 200 <= status < 300:
                    findings.succeeded[principal.name].add(label)
                findings.wrong.update(f"{label} as {principal.name}: {what}" for what in found)
    findings.wrong.update(lost(url, scene))
    return findings


def callers(scene: Scene, label: str) -> Iterator[Principal]:
    """The callers of an operation, each with the account to use."""
    for principal in scene.principals:
        if label not in ENDS_THE_CALLER or not principal.token:
            yield principal
        elif label in principal.spares:
            yield Principal(principal.name, principal.spares[label])


def having_the_right(callers: Sequence[Principal], roles: Collection[str] | None, turn: int) -> Sequence[Principal]:
    """The callers in these roles, and one other, each time another; all of them without roles."""
    if roles is None:
        return callers
    others = [caller for caller in callers if caller.name not in roles]
    return [caller for caller in callers if caller.name in roles] + others[turn % max(1, len(others)) :][:1]


def roles_of(description: dict[str, Any]) -> dict[str, Collection[str]]:
    """The roles that have the right to an operation, for all that need one."""
    return {
        f"{method.upper()} {path}": operation["x-roles"]
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if "x-roles" in operation
    }


def headers_of(principal: Principal, turn: int) -> dict[str, str]:
    """The headers of a call: token, language and, usually, an Idempotency-Key."""
    headers = {"Authorization": f"Bearer {principal.token}"} if principal.token else {}
    if turn % 4:
        headers["Idempotency-Key"] = secrets.token_hex(8)
    if turn % 2:
        headers["Accept-Language"] = "ur"
    return headers


def session_from(n: int) -> requests.Session:
    """A session with its own client address, so that the limits of one test do not affect the others."""
    session = requests.Session()
    session.headers["X-Forwarded-For"] = f"192.0.2.{n + 1}"
    return session


def needing_a_revision(description: dict[str, Any]) -> set[str]:
    """The operations that take an If-Match."""
    return {
        f"{method.upper()} {path}"
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if "If-Match" in {given["name"] for given in operation.get("parameters", ())}
    }


def revision(url: str, case: Call, session: requests.Session, headers: dict[str, str]) -> str:
    """The present ETag of the case's thing as its caller sees it; a guess if the caller may not see it."""
    named = re.match(r"(.*?)\{(\w+)\}", case.operation.path)
    path = f"{named[1]}{case.path_parameters[named[2]]}" if named else case.operation.path
    answer = session.get(f"{url}{path}", headers=headers, timeout=PATIENCE)
    return answer.headers.get("ETag", '"1"')


def sent(
    url: str, case: Call, session: requests.Session, headers: dict[str, str], canaries: tuple[str, ...], places: Places
) -> tuple[int, list[str]]:
    """Send a case; returns the status and what was wrong with the response."""
    try:
        answer = case.call(base_url=url, session=session, headers=headers, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        return 0, [f"no answer: {type(error).__name__}"]
    places.learn(case.operation.label, answer)
    return answer.status_code, wrongs(case, answer, canaries)


def lost(url: str, scene: Scene) -> list[str]:
    """Principals that were no longer signed in at the end, so that their calls showed nothing."""
    found = []
    for principal in scene.principals:
        headers = {"Authorization": f"Bearer {principal.token}"}
        status = requests.get(f"{url}/api/v1/me/sessions", headers=headers, timeout=PATIENCE).status_code
        if principal.token and status == 401:
            found.append(f"{principal.name} was signed out during the run")
    return found
