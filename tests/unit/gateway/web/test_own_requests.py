"""The pages of the citizen's own requests with fake services: every state, every step, and conflicts."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.web.citizen.requests.correcting import failed_answers, named_in
from gateway.web.citizen.requests.dashboard import soonest_first
from gateway.web.citizen.requests.steps import ANSWER, OTHERS
from gateway.web.forms.form import Form
from gateway.web.forms.steps import ServiceForm
from gateway.web.session import WebSession
from services.requests.request.models.lifecycle import STAGES, ActorKind, State, actions_of
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.web.browser import Browser, field_of, signed_in

NUMBER, APPEAL, KEY = "RB-7F3K-9Q2M-E", "RB-2C8D-4H6J-J", "7F3K-9Q2M-XE40-TB5N"
BAD = "<script>alert(1)</script>"
DAY = "2026-03-02T09:00:00.000Z"
YES = {"type": "object", "properties": {"answers": {"properties": {"owner": {"const": True}}}}}
SERVICE: dict[str, Any] = {
    "code": "water-leak",
    "kind": "complaint",
    "name": {"en": "Water main leaking", "ur": "پانی کا رساؤ"},
    "department": [{"to": "water", "because": {"en": "Water.", "ur": "پانی۔"}}],
    "eligibility": [{"code": "owner", "requires": YES, "failed": {"en": "Not yours.", "ur": "آپ کا نہیں۔"}}],
    "attachments": {"most": 5},
    "charter": {"documents": []},
    "form": {
        "required": ["owner"],
        "properties": {
            "owner": {"type": "boolean", "x-title": {"en": "Yours", "ur": "آپ کا"}},
            "place": {"type": "string", "x-title": {"en": "Where", "ur": "کہاں"}},
        },
    },
}


def whole(state: str, **more: Any) -> dict[str, Any]:
    """A request as its holder sees it, with markup in every text."""
    entry = {"by": None, "at": DAY, "from": "submitted"}
    history = [
        {**entry, "n": 1, "action": "submit", "who": "citizen", "to": "submitted"},
        {**entry, "n": 2, "action": "route", "who": "routing", "to": "routed", "department": "water", "because": BAD},
        {**entry, "n": 3, "action": "question", "who": "department", "to": "questioned", "words": BAD},
        {**entry, "n": 4, "action": "resolve", "who": "department", "to": state, "words": BAD, "outcome": "granted"},
    ]
    return {
        "number": NUMBER, "service": "water-leak", "kind": "complaint", "state": state, "stage": STAGES[State(state)],
        "district": "swat", "department": "water", "department_name": f"Water {BAD}", "submitted_at": DAY,
        "changed_at": DAY, "due_at": DAY, "due_paused": False, "expected": None, "outcome": None, "answer_by": DAY,
        "appeal": None, "appeal_of": None, "respond_by": None, "place": {"district": "swat", "address": BAD},
        "service_version": 1, "attachments": [], "answers": {"owner": False, "place": BAD}, "confidential": False,
        "track_code": "4567", "filed_by_clerk": False, "history": history, "may_attach": True,
        "merged_into": APPEAL if state == State.DUPLICATE else None,
        "actions": actions_of(ActorKind.CITIZEN, State(state)),
        "checks": [{"code": "owner", "passed": False, "words": BAD}], **more,
    }  # fmt: skip


class Office(FakeServices):
    """One request, of a citizen and of the holder of its key; `conflict` refuses every step."""

    request: dict[str, Any]
    conflict = False
    steps: list[tuple[str, Any]]
    opened_by = ""

    async def _any(self, request: Request) -> Response:
        path, body = request.url.path, await request.body()
        if path in ("/api/v1/catalogue/water-leak", "/api/v1/departments", "/api/v1/districts"):
            known: dict[str, list[Any]] = {"departments": [], "districts": []}
            return JSONResponse(SERVICE if path.endswith("leak") else known)
        scheme, _, key = request.headers["authorization"].partition(" ")
        if scheme == "Key" and key != KEY:
            return problem(404, "not-found")
        if request.method == "GET":
            return JSONResponse(self.request)
        self.opened_by = request.headers["authorization"]
        self.steps.append((f"{request.method} {path}", json.loads(body)))
        return problem(409, "transition-refused") if self.conflict else JSONResponse(self.request)


def problem(status: int, code: str) -> Response:
    """A refusal."""
    return JSONResponse({"type": f"/problems/{code}", "title": "Not now", "detail": "Look again."}, status)


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[tuple[str, Office]]:
    office = Office()
    async with gateway_before(office) as url:
        yield url, office


@pytest.fixture
def office(gateway: tuple[str, Office]) -> Office:
    office = gateway[1]
    office.request, office.conflict, office.steps = whole("questioned"), False, []
    return office


@pytest.fixture
async def browser(gateway: tuple[str, Office], office: Office) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Browser(http, gateway[0], WebSession(signed_in=signed_in(), keys={NUMBER: KEY}))


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("address", ["/my/requests", "/ur/my/requests", "/anonymous", "/ur/anonymous"])
async def test_every_state_has_its_page(browser: Browser, office: Office, state: State, address: str) -> None:
    office.request = whole(str(state))
    answer, html = await browser.get(f"{address}/{NUMBER}")
    assert answer.status == 200
    assert BAD not in html
    assert html.count("<h1") == 1
    assert html.count('class="btn"') <= 1


@pytest.mark.parametrize("step", ["answer", "confirm", "dispute", "appeal", "rate", "withdraw", "separate", "correct"])
@pytest.mark.parametrize("language", ["", "/ur"])
async def test_every_step_has_a_form(browser: Browser, office: Office, step: str, language: str) -> None:
    office.request = whole("questioned", actions=[step])
    answer, html = await browser.get(f"{language}/my/requests/{NUMBER}/{step}")
    assert answer.status == 200
    assert 'id="form"' in html
    assert BAD not in html


async def test_impossible_step_shows_the_request(browser: Browser, office: Office) -> None:
    answer, html = await browser.get(f"/my/requests/{NUMBER}/dispute")
    assert answer.status == 200
    assert "That step is no longer possible." in html
    assert 'name="answer"' in html


async def sent(browser: Browser, path: str, **fields: str) -> tuple[aiohttp.ClientResponse, str]:
    """Open a page and send its form."""
    _, html = await browser.get(path)
    return await browser.post(path, {"_token": field_of(html, "_token"), "_key": field_of(html, "_key"), **fields})


async def test_answer_is_sent_and_the_request_shown(browser: Browser, office: Office) -> None:
    answer, _ = await sent(browser, f"/ur/my/requests/{NUMBER}", answer=" The red one ")
    assert (answer.status, answer.headers["Location"]) == (303, f"/ur/my/requests/{NUMBER}")
    assert office.steps == [(f"POST /api/v1/requests/{NUMBER}/answer", {"answer": "The red one"})]


async def test_key_opens_the_request_and_is_in_no_address(browser: Browser, office: Office) -> None:
    answer, html = await sent(browser, f"/anonymous/{NUMBER}/answer", answer="The red one")
    assert (answer.status, answer.headers["Location"]) == (303, f"/anonymous/{NUMBER}")
    assert office.steps == [(f"POST /api/v1/requests/{NUMBER}/answer", {"answer": "The red one"})]
    assert office.opened_by == f"Key {KEY}", "and not the account that is signed in besides"
    assert KEY not in html


async def test_empty_fields_are_not_sent(browser: Browser, office: Office) -> None:
    answer, html = await sent(browser, f"/my/requests/{NUMBER}", answer=" ")
    assert (answer.status, office.steps) == (422, [])
    assert "Write your answer." in html


async def test_rating_is_sent_to_its_own_address(browser: Browser, office: Office) -> None:
    office.request = whole("closed", actions=["rate"])
    await sent(browser, f"/my/requests/{NUMBER}/rate", rating="4", words="Quick.")
    assert office.steps == [(f"POST /api/v1/requests/{NUMBER}/rating", {"rating": 4, "words": "Quick."})]


async def test_all_corrected_answers_are_sent(browser: Browser, office: Office) -> None:
    office.request = whole("information_needed")
    await sent(browser, f"/my/requests/{NUMBER}/correct", **{"answers.owner": "yes", "answers.place": "Mingora"})
    assert office.steps == [(f"PATCH /api/v1/requests/{NUMBER}", {"answers": {"owner": True, "place": "Mingora"}})]


async def test_step_sent_twice_leads_to_the_same_page(browser: Browser, office: Office) -> None:
    taken = {"n": 5, "action": "answer", "who": "citizen", "by": None, "at": DAY, "to": "in_progress", "words": "Red"}
    office.request["history"].append(taken)
    office.conflict = True
    answer, _ = await sent(browser, f"/my/requests/{NUMBER}", answer="Red")
    assert (answer.status, answer.headers["Location"]) == (303, f"/my/requests/{NUMBER}")


async def test_overtaken_holder_sees_the_state_and_the_typed_text(browser: Browser, office: Office) -> None:
    office.conflict = True
    answer, html = await sent(browser, f"/my/requests/{NUMBER}", answer=BAD)
    assert answer.status == 409
    assert "You see the request as it is now." in html
    assert "&lt;script&gt;" in html
    assert BAD not in html


async def test_without_a_key_the_page_asks_for_it(browser: Browser, office: Office) -> None:
    browser.session.keys.clear()
    answer, _ = await browser.get(f"/anonymous/{NUMBER}")
    assert (answer.status, answer.headers["Location"]) == (303, f"/anonymous?number={NUMBER}")


async def test_key_opens_its_request_and_can_be_forgotten(browser: Browser, office: Office) -> None:
    browser.session.keys.clear()
    answer, _ = await sent(browser, "/anonymous", number=NUMBER, key="AAAA-AAAA-AAAA-AAAA")
    assert (answer.status, browser.session.keys) == (404, {})
    answer, _ = await sent(browser, "/anonymous", number=NUMBER.lower(), key=f" {KEY} ")
    assert answer.headers["Location"] == f"/anonymous/{NUMBER}"
    assert browser.session.keys == {NUMBER: KEY}
    await sent(browser, f"/anonymous/{NUMBER}/leave")
    assert browser.session.keys == {}


async def test_followed_request_is_shown_without_texts(browser: Browser, office: Office) -> None:
    known = ("number", "service", "kind", "state", "stage", "submitted_at", "changed_at", "due_at", "due_paused")
    steps = [{"n": 1, "action": "submit", "state": "submitted", "at": DAY}]
    more = {"department": "Water Supply", "expected": None, "outcome": None, "history": steps}
    office.request = {name: whole("routed")[name] for name in known} | more
    answer, html = await browser.get(f"/my/requests/{NUMBER}")
    assert answer.status == 200
    assert "Stop following" in html


def test_answers_of_a_failed_rule_come_first() -> None:
    assert failed_answers(whole("information_needed"), ServiceForm.of(SERVICE)) == {"owner"}
    rule = {"if": {"properties": {"a": {}}}, "then": {"anyOf": [{"properties": {"b": {"const": 1}}}]}}
    assert set(named_in(rule)) == {"a", "b"}


def test_step_with_other_text_is_another_step() -> None:
    request = {"history": [{"action": "answer", "who": "citizen", "words": "Red"}]}
    assert ANSWER.was_taken(request, {"answer": "Red"})
    assert not ANSWER.was_taken(request, {"answer": "Blue"})
    [withdraw] = [step for step in OTHERS if step.name == "withdraw"]
    assert not withdraw.was_taken(request, {})
    assert withdraw.was_taken({"history": [{"action": "withdraw", "who": "citizen"}]}, {"words": "New words"})


def test_rating_is_a_number_or_nothing() -> None:
    [confirm] = [step for step in OTHERS if step.name == "confirm"]
    assert confirm.body(Form([("rating", "5")])) == {"rating": 5}
    assert confirm.body(Form([("rating", "five")])) == confirm.body(Form()) == {}


def test_requests_are_sorted_by_their_time() -> None:
    page = {"requests": [{"due_at": None}, {"due_at": "2026-03-09"}, {"due_at": "2026-03-02"}], "next": None}
    days = [request["due_at"] for request in soonest_first(page, "due_at")["requests"]]
    assert days == ["2026-03-02", "2026-03-09", None]
