"""The canary: values that stand for a person go through everything once, and are nowhere to be read afterwards.

Searched are every document of every database, every log, the metrics of every process, and every message on every
queue of the broker, dead letters among them.
"""

import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import aiohttp
import pytest

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.dump import documents
from tests.journeys.test_main_job import LAMP
from tests.portal import Citizen, Portal, until

MOST = 500


@dataclass
class Canary:
    """Somebody whose every value is found nowhere else."""

    citizen: Citizen
    word: str
    code: str = ""

    @property
    def name(self) -> str:
        """A name of letters only."""
        return f"Zarghuna {self.word}"

    @property
    def email(self) -> str:
        """An address at an example domain."""
        return f"{self.word.lower()}@example.org"

    def traces(self) -> dict[str, re.Pattern[str]]:
        """What must not be found, by what it is."""
        citizen, local = self.citizen, self.citizen.mobile.removeprefix("+92")
        plain = {
            "name": self.word,
            "CNIC": citizen.cnic,
            "bare CNIC": citizen.cnic.replace("-", ""),
            "mobile": local,
            "email": self.email,
            "password": citizen.password,
            "access token": citizen.token.rpartition(".")[2],
            "refresh token": citizen.refresh,
        }
        whole = {"code": rf"(?<![0-9A-Za-z_.:+-]){self.code}(?![0-9A-Za-z_.:+-])"}
        patterns = {what: re.escape(value) for what, value in plain.items()} | whole
        return {what: re.compile(pattern, re.IGNORECASE) for what, pattern in patterns.items()}

    def found_in(self, text: str) -> list[str]:
        """What of it stands in a text."""
        return [what for what, pattern in self.traces().items() if pattern.search(text)]


async def registered(portal: Portal) -> Canary:
    """Register with values of one's own, prove the mobile, sign in; tries that fail are among it."""
    letters = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(10))
    citizen = Citizen(
        cnic=f"35000-{secrets.randbelow(10**7):07d}-{secrets.randbelow(9) + 1}",
        mobile=f"+92300{secrets.randbelow(10**7):07d}",
        password=f"nobody guesses {letters}",
    )
    canary = Canary(citizen, letters.capitalize())
    body = {
        "name": canary.name,
        "cnic": citizen.cnic,
        "mobile": citizen.mobile,
        "email": canary.email,
        "address": f"The house of {canary.word}, Kohat",
        "password": citizen.password,
    }
    for wrong in ({**body, "mobile": "1"}, {**body, "role": canary.word}, {**body, "password": canary.word}):
        assert (await portal.ask("POST", "/api/v1/registrations", json=wrong)).status == 422
    registration = (await portal.expect(202, "POST", "/api/v1/registrations", json=body))["registration"]
    canary.code = await portal.code_sent_to(citizen.mobile)
    await portal.expect(200, "POST", f"/api/v1/registrations/{registration}/otp", json={"code": canary.code})
    await portal.expect(202, "POST", "/api/v1/registrations", json=body)  # once more: its owner is told
    wrong = {"login": citizen.cnic, "password": f"{citizen.password} {canary.word}"}
    assert (await portal.ask("POST", "/api/v1/sessions", json=wrong)).status == 401
    await portal.login(citizen)
    return canary


async def whole_life(portal: Portal, canary: Canary) -> None:
    """A complaint with words of both sides from filing to the end, a refused one, and every read of it."""
    citizen, word = canary.citizen, canary.word
    answers = {**LAMP["answers"], "description": f"It is dark at {word}'s door."}  # type: ignore[dict-item]
    filing = {**LAMP, "place": {"district": "kohat", "address": f"Beside {word}'s house"}, "answers": answers}
    refused = {**filing, "answers": {**answers, "problem": word}}
    headers = {"Idempotency-Key": "canary"}
    path = "/api/v1/requests"
    assert (await portal.ask("POST", path, token=citizen.token, json=refused, headers=headers)).status == 422
    number = (await portal.file(citizen, filing))["number"]
    department = (await portal.reaches(citizen, number, "routed"))["department"]
    officer = await portal.officer(department)
    seen = await portal.expect(200, "GET", f"{path}/{number}", token=officer)
    assert canary.found_in(json.dumps(seen))
    assert (await portal.act(officer, number, "accept")).status == 200
    assert (await portal.act(officer, number, "ask", question=f"Is {word} at home?")).status == 200
    await portal.reaches(citizen, number, "questioned")
    await portal.expect(200, "POST", f"{path}/{number}/answer", token=citizen.token, json={"answer": f"{word} is."})

    async def going_on() -> bool | None:
        seen = await portal.expect(200, "GET", f"/api/v1/assignments/{number}", token=officer)
        return True if seen["state"] == "in_progress" else None

    await until(going_on, "the answer to reach the department")
    assert (await portal.act(officer, number, "progress", note=f"We spoke to {word}.")).status == 200
    reply = f"Done as {word} wished, by telephone."
    assert (await portal.act(officer, number, "resolve", outcome="granted", reply=reply)).status == 200
    await portal.reaches(citizen, number, "resolved")
    body = {"reason": "not_done", "words": f"{word} sees no light."}
    await portal.expect(200, "POST", f"{path}/{number}/dispute", token=citizen.token, json=body)
    for address in (f"{path}/{number}", "/api/v1/me", "/api/v1/me/export", f"{path}/export", "/api/v1/notifications"):
        await portal.expect(200, "GET", address, token=citizen.token)
    await portal.ask("GET", f"/api/v1/track/{number}?mobile={citizen.last_four}")
    await portal.expect(200, "PATCH", "/api/v1/me", token=citizen.token, json={"address": f"Later {word} moved"})


async def a_dead_letter(servers: Servers, canary: Canary) -> None:
    """What was said of the canary, under a type that nobody understands: it ends among the dead letters."""
    said = next(text for name, text in documents(servers.mongo_url) if name.endswith(f"citizens/{canary.citizen.id}"))
    admin = urlsplit(servers.amqp_admin_url)
    vhost = quote(unquote(urlsplit(servers.amqp_url).path.removeprefix("/")), safe="")
    message = {
        "properties": {"message_id": "canary", "headers": {"ce-type": "citizen.unknown.v1", "ce-id": "canary"}},
        "routing_key": "notifier",
        "payload": said,
        "payload_encoding": "string",
    }
    headers = {"Authorization": aiohttp.encode_basic_auth(admin.username or "", admin.password or "")}
    url = f"{admin.scheme}://{admin.hostname}:{admin.port}/api/exchanges/{vhost}/amq.default/publish"
    async with aiohttp.ClientSession(headers=headers) as http, http.post(url, json=message) as answer:
        assert (await answer.json())["routed"]

    async def dead() -> bool | None:
        return True if canary.citizen.id in (await on_queues(servers))["queue notifier.dead"] else None

    await until(dead, "the dead letter")


async def on_queues(servers: Servers) -> dict[str, str]:
    """Every message on every queue of the broker, left where it is."""
    admin = urlsplit(servers.amqp_admin_url)
    vhost = quote(unquote(urlsplit(servers.amqp_url).path.removeprefix("/")), safe="")
    base = f"{admin.scheme}://{admin.hostname}:{admin.port}/api/queues/{vhost}"
    headers = {"Authorization": aiohttp.encode_basic_auth(admin.username or "", admin.password or "")}
    found = {}
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.get(base) as answer:
            names = [queue["name"] for queue in await answer.json()]
        for name in names:
            ask = {"count": MOST, "ackmode": "ack_requeue_true", "encoding": "auto"}
            async with http.post(f"{base}/{quote(name, safe='')}/get", json=ask) as answer:
                if answer.status == 200:
                    found[f"queue {name}"] = json.dumps(await answer.json(), ensure_ascii=False)
    return found


async def metrics(suite: Suite) -> dict[str, str]:
    """What each process tells of itself."""
    told = {}
    async with aiohttp.ClientSession() as http:
        for process in suite.processes:
            async with http.get(f"{suite.told_by(process.name)}/metrics") as answer:
                told[f"metrics of {process.name}"] = await answer.text()
    return told


def logs(home: Path) -> dict[str, str]:
    """Everything that was logged, by whatever process."""
    return {str(file.name): file.read_text(errors="replace") for file in home.rglob("*.log") if file.is_file()}


@pytest.fixture
async def canary(portal: Portal) -> Canary:
    """Somebody who has been through everything."""
    canary = await registered(portal)
    await whole_life(portal, canary)
    return canary


async def test_a_person_is_nowhere_to_be_read(canary: Canary, suite: Suite, servers: Servers, home: Path) -> None:
    await a_dead_letter(servers, canary)
    stored = dict(documents(servers.mongo_url))
    assert any(canary.citizen.id in text for text in stored.values())
    places = {**stored, **logs(home), **await metrics(suite), **await on_queues(servers)}
    assert {"identity.log", "metrics of gateway", "queue notifier.dead"} <= places.keys()
    found = {place: traces for place, text in places.items() if (traces := canary.found_in(text))}
    assert found == {}


def test_the_search_finds_what_there_is() -> None:
    """What is looked for would be seen: in a document, a log line, a message."""
    citizen = Citizen("35000-1234567-1", "+923001234567", "a password", "h.b.signature", "a-refresh")
    canary = Canary(citizen, "Zmbr", "482913")
    for text in ('{"mobile": "03001234567"}', "code=482913", "cnic 3500012345671", "zmbr@EXAMPLE.org", "h.b.signature"):
        assert canary.found_in(text), text
    assert not canary.found_in("2026-03-02T09:00:00.482913Z and 1482913")
