"""The canary: a person's values go through every feature once, and are readable nowhere afterwards.

The search covers every document of every database and every write in the replication log, every log, the metrics of
every process, every event, every message on every queue (dead letters among them), and the broker's files; for each
value in every spelling (`tests/personal_data.py`).
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.attachments import send
from tests.integration.leaking import Broker, broker_files, logs, metrics, remembered
from tests.journeys.test_filers import file_for
from tests.journeys.test_main_job import LAMP
from tests.journeys.test_own_data import changed_mobile
from tests.journeys.test_proof import fetched
from tests.personal_data import documents, spellings, unpacked
from tools.filings import TEACHER
from tools.people import new_cnic, new_mobile
from tools.portal import Citizen, Portal, until


@dataclass
class Canary:
    """A citizen with unique values; `mobiles` are the earlier ones."""

    citizen: Citizen
    word: str
    code: str = ""
    mobiles: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """A name of letters only."""
        return f"Zarghuna {self.word}"

    @property
    def email(self) -> str:
        """An address at an example domain."""
        return f"{self.word.lower()}@example.org"

    def traces(self) -> dict[str, bytes]:
        """The values that must not be found, by kind and spelling; for random tokens their digests."""
        citizen = self.citizen
        values = {
            "name": self.name,
            "word": self.word,
            "CNIC": citizen.cnic,
            "bare CNIC": citizen.cnic.replace("-", ""),
            "email": self.email,
            "password": citizen.password,
            "access token": citizen.token.rpartition(".")[2],
            "refresh token": citizen.refresh,
        }
        for n, mobile in enumerate([citizen.mobile, *self.mobiles]):
            local = mobile.removeprefix("+92")
            values |= {f"mobile {n}": mobile, f"local mobile {n}": local, f"mobile {n} as typed": f"0{local}"}
        traces = {f"{what} {how}": text for what, value in values.items() for how, text in spellings(value).items()}
        return {what: text for what, text in traces.items() if not what.startswith("refresh token its")}

    def found_in(self, blob: bytes, traces: Mapping[str, bytes] | None = None) -> list[str]:
        """The values that some bytes contain; `traces` are those of this canary, if they are at hand."""
        looked_for = traces or self.traces()
        code = re.compile(rf"(?<![0-9A-Za-z_.:+-]){self.code}(?![0-9A-Za-z_.:+-])".encode())
        found = []
        for text in unpacked(blob):
            small = text.lower()
            found += [what for what, trace in looked_for.items() if trace in small]
            found += ["code"] if self.code and text.isascii() and code.search(text) else []
        return found


async def registered(portal: Portal) -> Canary:
    """Register with the canary's values, prove the mobile, sign in, with failed attempts."""
    letters = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(10))
    citizen = Citizen(
        cnic=new_cnic(),
        mobile=new_mobile(),
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
    """A complaint with texts of both sides from filing to closing, a refused one, and every read."""
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
    assert canary.found_in(json.dumps(seen).encode())
    assert (await portal.act(officer, number, "accept")).status == 200
    assert (await portal.act(officer, number, "ask", question=f"Is {word} at home?")).status == 200
    await portal.reaches(citizen, number, "questioned")
    await portal.expect(200, "POST", f"{path}/{number}/answer", token=citizen.token, json={"answer": f"{word} is."})

    await portal.once(f"/api/v1/assignments/{number}", lambda seen: seen["state"] == "in_progress", token=officer)
    assert (await portal.act(officer, number, "progress", note=f"We spoke to {word}.")).status == 200
    reply = f"Done as {word} wished, by telephone."
    assert (await portal.act(officer, number, "resolve", outcome="granted", reply=reply)).status == 200
    await portal.reaches(citizen, number, "resolved")
    body = {"reason": "not_done", "words": f"{word} sees no light."}
    await portal.expect(200, "POST", f"{path}/{number}/dispute", token=citizen.token, json=body)
    await more(portal, canary, number)
    for address in (f"{path}/{number}", "/api/v1/me", "/api/v1/me/export", f"{path}/export", "/api/v1/notifications"):
        await portal.expect(200, "GET", address, token=citizen.token)
    await portal.ask("GET", f"/api/v1/track/{number}?mobile={citizen.last_four}")
    await portal.expect(200, "PATCH", "/api/v1/me", token=citizen.token, json={"address": f"Later {word} moved"})
    canary.mobiles.append(await changed_mobile(portal, citizen))


async def more(portal: Portal, canary: Canary, number: str) -> None:
    """A file, a draft, searches, acts of a clerk, and an anonymous complaint."""
    citizen, word, token = canary.citizen, canary.word, canary.citizen.token
    assert (await send(portal, token, to=number, X_File_Name=f"{word}.jpg")).status == 201
    draft = {**TEACHER, "answers": {"description": f"{word} began this."}}
    headers = {"Idempotency-Key": "canary-draft"}
    assert (await portal.ask("POST", "/api/v1/drafts", token=token, json=draft, headers=headers)).status == 201
    await portal.expect(200, "GET", f"/api/v1/requests?q={word}", token=token)
    await portal.ask("GET", f"/api/v1/requests/{word}?mobile={citizen.mobile}", token=token)
    await portal.ask("GET", f"/api/v1/{citizen.cnic}/{word}", token=token)
    for sub in ("receipt", "proof"):
        await portal.expect(200, "GET", f"/api/v1/requests/{number}/{sub}", token=token)
    await fetched(portal, f"/api/v1/requests/{number}/receipt.pdf", token, "*/*")
    clerk = await portal.staff("clerk")
    for asked in ({"cnic": citizen.cnic}, {"mobile": citizen.mobile}):
        await portal.expect(200, "POST", "/api/v1/citizens/lookup", token=clerk, json=asked)
    answers = {**TEACHER["answers"], "description": f"{word} says that class four has no teacher."}  # type: ignore[dict-item]
    assert (await file_for(portal, clerk, citizen, f"canary-{word}", answers=answers)).status == 201
    headers = {"Idempotency-Key": f"{word}-{citizen.mobile}"}
    nameless = {**TEACHER, "answers": answers}
    await portal.expect(201, "POST", "/api/v1/anonymous-requests", json=nameless, headers=headers)


async def a_dead_letter(servers: Servers, broker: Broker, canary: Canary) -> None:
    """An event about the canary with an unknown type, which ends among the dead letters."""
    text_of_citizen = next(
        text for name, text in documents(servers.mongo_url) if name.endswith(f"citizens/{canary.citizen.id}")
    )
    await broker.publish("notifier", {"ce-type": "citizen.unknown.v1", "ce-id": "canary"}, text_of_citizen)

    async def dead() -> bool | None:
        return True if canary.citizen.id.encode() in (await broker.messages())["queue notifier.dead"] else None

    await until(dead, "the dead letter")


@dataclass
class Traces:
    """A canary that used every feature, and the places to search."""

    canary: Canary
    places: dict[str, bytes]


@pytest.fixture
async def traces(portal: Portal, suite: Suite, servers: Servers, home: Path) -> Traces:
    """All places, collected while a queue gets every event."""
    began = datetime.now(UTC)
    async with Broker(servers).heard() as broker:
        canary = await registered(portal)
        await whole_life(portal, canary)
        await a_dead_letter(servers, broker, canary)
        stored = {name: text.encode() for name, text in documents(servers.mongo_url)}
        told = {**await metrics(suite), **await broker.messages()}
        kept = {**logs(home), **broker_files(servers, home)}
        return Traces(canary, {**stored, **remembered(servers.mongo_url, began), **told, **kept})


async def test_a_person_is_nowhere_to_be_read(traces: Traces) -> None:
    canary, places = traces.canary, traces.places
    assert any(canary.citizen.id.encode() in text for text in places.values())
    assert {"identity.log", "metrics of gateway", "queue notifier.dead", "queue canary"} <= places.keys()
    assert any(place.startswith("rabbitmq/") for place in places)
    assert any(b"citizen.registered.v1" in text for place, text in places.items() if place.startswith("oplog"))
    assert b"citizen.registered.v1" in places["queue canary"]
    looked_for = canary.traces()
    found = {place: leaks for place, text in places.items() if (leaks := canary.found_in(text, looked_for))}
    assert found == {}


def test_the_search_finds_what_there_is() -> None:
    """The search itself works: it finds a value in a document, a log line and a message."""
    citizen = Citizen("35000-1234567-1", "+923001234567", "a password", "h.b.signature", "a-refresh")
    canary = Canary(citizen, "Zmbr", "482913")
    for text in ('{"mobile": "03001234567"}', "code=482913", "cnic 3500012345671", "zmbr@EXAMPLE.org", "h.b.signature"):
        assert canary.found_in(text.encode()), text
    assert not canary.found_in(b"2026-03-02T09:00:00.482913Z and 1482913")
