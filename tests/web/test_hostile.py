"""Attacks on the pages, and accidents, over HTTP without a browser."""

import asyncio
import html
import re
from urllib.parse import urljoin, urlsplit

import aiohttp
import pytest

from deploy.local.suite import Suite
from tests.journeys.test_main_job import LAMP
from tests.web.person import People, Sessions
from tests.web.prepared import DEPARTMENT, Prepared, done, lamp
from tests.web.visitor import Visitor
from tools.portal import Portal, until

SCRIPT = """<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 191*293 }}<!--"""
ADDRESS = "Green Chowk, Mingora"
LINES = "one\r\nSet-Cookie: stolen=1\r\n\r\n<p>two"


async def citizen_of(portal: Portal) -> Visitor:
    """A new, signed-in citizen."""
    return await Visitor(portal).enter_as_citizen(await portal.register())


@pytest.fixture
async def visitor(sessions: Sessions, prepared: Prepared) -> Visitor:
    """A signed-in citizen; other tests share the session."""
    return await sessions.visitor(prepared.newcomer)


# ---- What belongs to others ----


@pytest.mark.parametrize(
    "page",
    [
        "/my/requests/{new}", "/my/requests/{new}/sent", "/my/requests/{asked}/answer",
        "/my/requests/{new}/receipt.pdf",
        "/my/requests/{new}/proof", "/my/requests/{resolved}/dispute", "/my/requests/{appeal}",
        "/apply/draft/{draft}", "/apply/draft/{draft}/check", "/my/drafts/{draft}/remove",
    ],
)  # fmt: skip
async def test_pages_show_nothing_of_another_citizens_request(
    sessions: Sessions, prepared: Prepared, page: str
) -> None:
    stranger = await sessions.visitor(prepared.newcomer)
    shown = await stranger.ask("GET", page.format(draft=prepared.draft, **prepared.numbers))
    told = html.unescape(shown.text)
    assert shown.status in (404, 410) or (shown.status, shown.location) == (303, "/my")
    assert not [word for word in (LAMP["answers"]["place"], "Kohat", "pole stand", "electrician") if word in told]  # type: ignore[index]


@pytest.mark.parametrize("act", ["withdraw", "answer", "confirm", "dispute", "appeal", "rate", "files"])
async def test_citizen_cannot_act_on_another_citizens_request(
    portal: Portal, sessions: Sessions, prepared: Prepared, act: str
) -> None:
    stranger = await sessions.visitor(prepared.newcomer)
    before = await portal.request(prepared.citizen, prepared.numbers["asked"])
    hidden = (await stranger.open("/my/password")).hidden
    fields = {"answer": "mine", "reason": "not_done", "words": "mine", "grounds": "It is mine and not theirs."}
    path = f"/my/requests/{prepared.numbers['asked']}/{act}"
    assert (await stranger.ask("POST", path, {**hidden, **fields, "rating": "1"})).status in (404, 422)
    assert await portal.request(prepared.citizen, prepared.numbers["asked"]) == before


async def test_department_sees_nothing_of_another(portal: Portal, prepared: Prepared) -> None:
    officer = await Visitor(portal).enter_as_staff("officer", "water")
    for page in ("", "/resolve", "/accept", "/merge"):
        shown = await officer.ask("GET", f"/desk/{prepared.numbers['new']}{page}")
        assert shown.status == 404
        assert "Kohat" not in shown.text
    for page in ("/desk/overview", "/admin/staff", "/counter", "/my"):
        assert (await officer.ask("GET", page)).status in (303, 403), page


# ---- Forged forms ----


async def test_token_of_another_session_is_refused(portal: Portal) -> None:
    victim, thief = await citizen_of(portal), await citizen_of(portal)
    token = (await thief.open("/apply/blocked-drain")).hidden["_token"]
    own = (await victim.open("/apply/blocked-drain")).hidden
    for forged in (token, "", "00" * 32, own["_token"][:-2] + "00"):
        shown = await victim.ask("POST", "/apply/blocked-drain", {**own, "_token": forged, "answers.place": "Mingora"})
        assert shown.status == 409
        assert "Mingora" in shown.text  # it is given back, to be looked over
    assert not re.search(r"/apply/draft/", (await victim.open("/my")).text)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_form_from_another_site_is_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    own = (await visitor.open("/my/password")).hidden
    typed = {**own, "old_password": "a", "password": "b"}
    for path in ("/my/password", "/sign-out", "/track", "/sign-in"):
        assert (await visitor.ask("POST", path, typed, **headers)).status == 403
    assert (await visitor.ask("GET", "/my")).status == 200


async def test_pages_cannot_be_framed_and_run_no_foreign_script(visitor: Visitor) -> None:
    for path in ("/", "/ur", "/my", "/nowhere", "/sign-in", "/staff/sign-in", "/dev/outbox"):
        headers = (await visitor.ask("GET", path)).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy or path == "/dev/outbox"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] in ("same-origin", "no-referrer")


# ---- Cookies ----


async def test_altered_cookie_opens_nothing(portal: Portal) -> None:
    victim, other = await citizen_of(portal), await citizen_of(portal)
    good = victim.cookies["rabta"]
    middle = len(good) // 2
    altered = [
        good[:-1], good[:middle], "", "x", good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :],
        good[:middle] + other.cookies["rabta"][middle:], good * 3, "null", "%00", "gAAAA",
    ]  # fmt: skip
    for cookie in altered:
        shown = await Visitor(portal).ask("GET", "/my", Cookie=f"rabta={cookie}")
        assert (shown.status, shown.location.partition("?")[0]) == (303, "/sign-in"), cookie[:20]


async def test_cookie_is_hidden_from_scripts_and_other_sites(portal: Portal) -> None:
    shown = await Visitor(portal).ask("GET", "/sign-in")
    [line] = [line for line in shown.cookies if line.startswith("rabta=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in line.split(";")}


async def test_old_cookie_does_not_sign_in_after_signing_out(portal: Portal) -> None:
    visitor = await citizen_of(portal)
    before = dict(visitor.cookies)
    await sign_out(visitor)
    await until_over(portal, before)


async def until_over(portal: Portal, cookies: dict[str, str]) -> None:
    """Wait until a session has ended."""

    async def refused() -> bool | None:
        return True if (await Visitor(portal, dict(cookies)).ask("GET", "/my/data")).status == 303 else None

    await until(refused, "the old cookie to open nothing")


# ---- What is typed ----


async def test_markup_in_every_field_stays_text(people: People, portal: Portal) -> None:
    """Citizens and officers write scripts to one another; no browser runs them."""
    citizen = await portal.register()
    words = {**LAMP["answers"], "place": SCRIPT, "description": SCRIPT}  # type: ignore[dict-item]
    place = {**lamp()["place"], "address": SCRIPT}
    number = (await portal.file(citizen, lamp(answers=words, place=place)))["number"]
    await portal.reaches(citizen, number, "routed")
    await done(portal, number, "accept")
    await done(portal, number, "progress", note=SCRIPT)
    await done(portal, number, "ask", question=SCRIPT)
    await portal.reaches(citizen, number, "questioned")
    answer = {"answer": SCRIPT}
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/answer", token=citizen.token, json=answer)
    await portal.reaches(citizen, number, "in_progress")
    await until(lambda: resolves(portal, number), "the answer to arrive")
    await portal.reaches(citizen, number, "resolved")
    dispute = {"reason": "not_done", "words": SCRIPT}
    await portal.expect(200, "POST", f"/api/v1/requests/{number}/dispute", token=citizen.token, json=dispute)
    await portal.reaches(citizen, number, "reopened")
    for person, pages in (
        (await people.citizen(citizen, await people.somebody()), (f"/my/requests/{number}", "/my", "/my/messages")),
        (await people.staff("officer", DEPARTMENT, await people.somebody()), (f"/desk/{number}", f"/desk?q={number}")),
        (await people.staff("head", DEPARTMENT, await people.somebody()), (f"/desk/{number}", f"/desk?q={SCRIPT}")),
    ):
        for page in pages:
            await person.open(page)
            assert await person.page.locator("img[src=x], main script").count() == 0, page
            assert "55963" not in (await person.text()).split(), page
        assert person.strange == []


async def resolves(portal: Portal, number: str) -> bool | None:
    """Resolve with a script as the reply, as soon as the department can."""
    officer = await portal.officer(DEPARTMENT)
    answer = await portal.act(officer, number, "resolve", outcome="granted", reply=SCRIPT)
    return answer.status == 200 or None


@pytest.mark.parametrize(
    "page", ["/services?q={}", "/track?number={}", "/anonymous?number={}", "/sign-in?next={}", "/help/{}", "/my?q={}"]
)
async def test_markup_in_an_address_stays_text(visitor: Visitor, page: str) -> None:
    shown = await visitor.ask("GET", page.format("%3Cscript%3Ealert(1)%3C/script%3E%22%27"))
    assert "<script>alert" not in shown.text
    assert "\"'" not in shown.text


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/%09/evil.example", "javascript:alert(1)",
     "/my\r\nX-Bad: 1",     "/\t/evil.example", "\\\\evil.example", "/ur//evil.example", "@evil.example"],
)  # fmt: skip
async def test_signing_in_never_redirects_to_another_site(portal: Portal, address: str) -> None:
    login, password = await portal.credentials("officer", DEPARTMENT)
    visitor = Visitor(portal)
    shown = await visitor.send("/staff/sign-in", login=login, password=password, next=address)
    assert shown.status == 303
    assert urlsplit(urljoin(portal.url, shown.location)).netloc == urlsplit(portal.url).netloc
    assert "x-bad" not in shown.headers


async def test_line_breaks_in_fields_inject_no_headers(sessions: Sessions, prepared: Prepared) -> None:
    visitor = await sessions.visitor(prepared.newcomer)
    for path, fields in (
        ("/track", {"number": LINES, "digits": LINES}),
        ("/anonymous", {"number": LINES, "key": LINES}),
        ("/apply/blocked-drain", {"answers.place": LINES, "go": LINES}),
        ("/sign-in", {"login": LINES, "password": LINES, "next": LINES}),
    ):
        hidden = (await visitor.ask("GET", path)).hidden
        shown = await visitor.ask("POST", path, {**hidden, **fields})
        assert shown.status < 500, path
        assert not [line for line in shown.cookies if line.startswith("stolen")]
        assert "<p>two" not in shown.text


# ---- Accidents ----


async def test_double_click_files_once(portal: Portal) -> None:
    citizen = await portal.register()
    visitor = await Visitor(portal).enter_as_citizen(citizen)
    draft = await portal.expect(
        201, "POST", "/api/v1/drafts", token=citizen.token, json=lamp(), headers={"Idempotency-Key": "k"}
    )
    path = f"/apply/draft/{draft['id']}/check"
    page = await visitor.open(path)
    first, second = await asyncio.gather(*(visitor.ask("POST", path, page.hidden) for _ in range(2)))
    assert (first.status, second.status, first.location) == (303, 303, second.location)
    back = await visitor.ask("POST", path, page.hidden)  # the back button, and sent once more
    assert back.location == first.location
    listed = await portal.expect(200, "GET", "/api/v1/requests", token=citizen.token)
    assert len(listed["requests"]) == 1


async def test_action_sent_twice_is_done_once(portal: Portal) -> None:
    citizen = await portal.register()
    number = (await portal.file(citizen, lamp()))["number"]
    await portal.reaches(citizen, number, "routed")
    await done(portal, number, "accept")
    officer = await Visitor(portal).enter_as_staff("officer", DEPARTMENT)
    first, second = await officer.twice(f"/desk/{number}/ask", question="Which pole is it?")
    assert [(one.status, one.location) for one in (first, second)] == [(303, f"/desk/{number}")] * 2
    await portal.reaches(citizen, number, "questioned")
    visitor = await Visitor(portal).enter_as_citizen(citizen)
    first, second = await visitor.twice(f"/my/requests/{number}/answer", answer="The third one.")
    assert [(one.status, one.location) for one in (first, second)] == [(303, f"/my/requests/{number}")] * 2
    told = [step["action"] for step in (await portal.request(citizen, number))["history"]]
    assert (told.count("question"), told.count("answer")) == (1, 1)


async def test_unsent_form_is_sealed(visitor: Visitor) -> None:
    hidden = (await visitor.open("/my/data/address")).hidden
    del visitor.cookies["rabta"]
    shown = await visitor.ask("POST", "/my/data/address", {**hidden, "address": ADDRESS})
    assert 'name="password"' in shown.text
    assert len(shown.hidden["_resume"]) > 100
    assert ADDRESS not in shown.text
    cut = {**shown.hidden, "_resume": shown.hidden["_resume"][:-8], "login": "nobody", "password": "none"}
    assert (await visitor.ask("POST", "/sign-in", cut)).status in (401, 422)


async def sign_out(visitor: Visitor) -> None:
    """End a session, wherever else it is used."""
    page = (await visitor.open("/my/data")).text
    token = re.findall(r'name="_token" value="([^"]+)"', page)[0]
    assert (await visitor.ask("POST", "/sign-out", {"_token": token})).status == 303


async def test_other_language_keeps_the_typed_text(visitor: Visitor) -> None:
    hidden = (await visitor.open("/apply/blocked-drain")).hidden
    typed = {**hidden, "_show": "1", "answers.problem": "overflowing"}
    shown = await visitor.ask("POST", "/ur/apply/blocked-drain", typed)
    assert shown.status == 200
    assert 'lang="ur" dir="rtl"' in shown.text
    assert 'value="overflowing" checked' in shown.text
    assert shown.hidden["_key"] == hidden["_key"]


async def test_too_large_form_is_answered_with_a_page(visitor: Visitor) -> None:
    hidden = (await visitor.open("/apply/blocked-drain")).hidden
    large = await visitor.ask("POST", "/apply/blocked-drain", {**hidden, "answers.place": "x" * 200_000})
    many = await visitor.ask("POST", "/apply/blocked-drain", {**hidden, **{f"f{n}": "1" for n in range(2_000)}})
    for shown in (large, many):
        assert 400 <= shown.status < 500
        assert "<h1>" in shown.text


async def test_typed_text_survives_a_stopped_service(visitor: Visitor, suite: Suite) -> None:
    hidden = (await visitor.open("/apply/blocked-drain")).hidden
    requests = suite.process("requests")
    requests.kill()
    try:
        shown = await visitor.ask("POST", "/apply/blocked-drain", {**hidden, "answers.place": "Mingora, Green Chowk"})
        page = await visitor.ask("GET", "/services")
    finally:
        requests.start()
        requests.wait_ready()
    assert shown.status in (502, 503)
    assert "Mingora, Green Chowk" in shown.text
    assert "<h1>" in page.text
    assert page.headers["content-type"].startswith("text/html")
    sent = await visitor.ask("POST", "/apply/blocked-drain", {**shown.hidden})
    assert sent.status == 303
    assert "/apply/draft/" in sent.location


async def test_every_field_of_a_filing_is_refused_quickly(portal: Portal) -> None:
    """Too long headers, unknown methods and invalid addresses get pages, and cause no error."""
    async with aiohttp.ClientSession(portal.url) as http:
        for method, path, status in (
            ("DELETE", "/my", 405), ("PUT", "/", 405), ("GET", "/my/requests/..%2f..%2f", 404), ("GET", "/%00", 404),
            ("GET", "/" + "a" * 3000, 404), ("GET", "/ur/ur/", 404),
        ):  # fmt: skip
            async with http.request(method, path, allow_redirects=False) as answer:
                assert answer.status in (status, 303, 400, 414), (method, path[:20], answer.status)
                assert answer.status < 500
