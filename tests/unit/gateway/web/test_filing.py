"""Applying and complaining with a fake service: every form, nothing lost, and sent once."""

import re
from collections.abc import AsyncIterator
from html import unescape

import aiohttp
import pytest

from gateway.web.session import WebSession
from tests.unit.gateway.fake_services import gateway_before
from tests.unit.gateway.web.browser import Browser, field_of, signed_in
from tests.unit.gateway.web.filing_office import ALIKE, DRAFT, KEY, NUMBER, Desk
from tests.unit.gateway.web.services_forms import FORMS, SAMPLES

LAMP = {"problem": "out", "street": "public", "place": "Bank Road", "description": "Dark for a week."}
BAD = "<script>alert(1)</script>"
AT = f"/apply/draft/{DRAFT}"
RUBBISH = "/anonymous/apply/rubbish-not-collected"


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[tuple[str, Desk]]:
    desk = Desk()
    async with gateway_before(desk, rate_limits=False) as url:
        yield url, desk


@pytest.fixture
def desk(gateway: tuple[str, Desk]) -> Desk:
    gateway[1].reset()
    return gateway[1]


@pytest.fixture
async def browser(gateway: tuple[str, Desk], desk: Desk) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Browser(http, gateway[0], WebSession(signed_in=signed_in()))


def hidden_in(html: str) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found}


async def sent(browser: Browser, path: str, **fields: str) -> tuple[aiohttp.ClientResponse, str]:
    """The form of a page, filled in; two underscores stand for a dot."""
    _, html = await browser.get(path)
    return await pressed(browser, path, html, **fields)


async def pressed(browser: Browser, path: str, html: str, **fields: str) -> tuple[aiohttp.ClientResponse, str]:
    """Send the form of an open page."""
    typed = {name.replace("__", "."): value for name, value in fields.items()}
    return await browser.post(path, hidden_in(html) | typed)


@pytest.mark.parametrize("code", SAMPLES)
@pytest.mark.parametrize("language", ["", "/ur"])
async def test_every_question_of_every_service_has_a_page(
    browser: Browser, desk: Desk, code: str, language: str
) -> None:
    desk.keep(code, SAMPLES[code]["valid"])
    which = "ur" if language else "en"
    for step in FORMS[code].steps:
        answer, html = await browser.get(f"{language}{AT}/{step.number}")
        assert (answer.status, html.count("<h1")) == (200, 1)
        for question in step.questions:
            assert f'name="{question.field}' in html
    answer, html = await browser.get(f"{language}{AT}/check")
    assert (answer.status, html.count("<h1")) == (200, 1)
    rows = re.findall(r"<dt>(.*?)</dt>", re.sub(r"</?bdi[^>]*>", "", html))
    titles = [question.title[which].replace("'", "&#39;") for question in FORMS[code].questions]
    assert [row for row in rows if row in titles] == titles


async def test_first_page_creates_a_draft(browser: Browser, desk: Desk) -> None:
    answer, _ = await sent(
        browser, "/ur/apply/street-light-out", answers__problem="out", answers__street="public", go="on"
    )
    assert (answer.status, answer.headers["Location"]) == (303, f"/ur{AT}/2")
    assert desk.drafts[DRAFT][1]["answers"] == {"problem": "out", "street": "public"}


async def test_other_answers_under_a_used_key_create_another_draft(browser: Browser, desk: Desk) -> None:
    _, html = await browser.get("/apply/street-light-out")
    for problem in ("out", "row-out"):
        answer, _ = await pressed(
            browser, "/apply/street-light-out", html, answers__problem=problem, answers__street="public"
        )
        assert answer.status == 303
        assert desk.drafts[DRAFT][1]["answers"]["problem"] == problem


async def test_open_application_is_shown_before_the_first_question(browser: Browser, desk: Desk) -> None:
    desk.active.append({"number": NUMBER})
    _, html = await browser.get("/apply/domicile-certificate")
    assert f'href="/my/requests/{NUMBER}"' in html
    _, html = await browser.get("/apply/street-light-out")
    assert NUMBER not in html


async def test_missing_answers_of_the_first_page_become_errors(browser: Browser, desk: Desk) -> None:
    answer, _ = await sent(browser, "/apply/street-light-out", answers__problem="out")
    assert answer.headers["Location"] == f"{AT}/1?mend=1"
    _, html = await browser.get(f"{AT}/1?mend=1")
    assert "What kind of street: choose an answer" in html
    assert 'value="out" checked' in html


async def test_page_is_saved_whichever_button_is_pressed(browser: Browser, desk: Desk) -> None:
    for going, location in (("on", f"{AT}/3"), ("back", f"{AT}/1"), ("", f"{AT}/3"), ("leave", "/my")):
        desk.keep("street-light-out", {})
        fields = {"place__district": "kohat", "answers__place": f"Road {going} 5", "go": going}
        answer, _ = await sent(browser, f"{AT}/2", **fields)
        assert (answer.status, answer.headers["Location"]) == (303, location)
        assert desk.drafts[DRAFT][1]["answers"]["place"] == f"Road {going} 5"
    assert browser.session.note.startswith("Saved.")


async def test_wrong_answer_is_saved_and_becomes_an_error(browser: Browser, desk: Desk) -> None:
    desk.keep("no-water-supply", {})
    answer, html = await sent(browser, f"{AT}/1", answers__hours_without="many", answers__consumer_number=BAD)
    assert answer.status == 422
    assert "Hours without water: write a whole number in digits, such as 3" in html
    assert desk.drafts[DRAFT][1]["answers"]["hours_without"] == "many"
    assert BAD not in html


async def test_location_outside_the_district_can_be_removed(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", LAMP)
    delhi = {"place__district": "kohat", "place__latitude": "28.6139", "place__longitude": "77.2090"}
    answer, html = await sent(browser, f"{AT}/2", **delhi, answers__place="Bannu Road 7")
    assert answer.status == 422
    assert "This point is not in or near Kohat" in html
    assert "Bannu Road 7" in html
    assert 'href="#f-place-latitude"' in html
    answer, _ = await pressed(
        browser, f"{AT}/2", html, place__district="kohat", answers__place="Bannu Road 7", place__without_point="yes"
    )
    assert (answer.status, answer.headers["Location"]) == (303, f"{AT}/3")
    assert desk.drafts[DRAFT][1]["place"] == {"district": "kohat"}


async def test_future_date_becomes_an_error_of_its_field(browser: Browser, desk: Desk) -> None:
    desk.keep("birth-certificate", {})
    step = next(step for step in FORMS["birth-certificate"].steps if "answers.date_of_birth" in step.fields)
    born = {
        f"answers__date_of_birth__{part}": value for part, value in (("day", "9"), ("month", "3"), ("year", "2099"))
    }
    answer, html = await sent(browser, f"{AT}/{step.number}", **born)
    assert answer.status == 422
    assert "Date of birth: This date has not come yet" in html
    assert "Today at the latest." in html
    assert 'value="2099"' in html


async def test_answer_to_a_removed_question_is_dropped(browser: Browser, desk: Desk) -> None:
    answers = SAMPLES["domicile-certificate"]["valid"]
    desk.keep("domicile-certificate", {**answers, "documents_at_hand": True})
    answer, _ = await sent(browser, f"{AT}/check", go="send")
    assert answer.headers["Location"] == f"/my/requests/{NUMBER}/sent"
    [filed] = desk.filed.values()
    assert filed["answers"] == answers


async def test_missing_documents_are_listed_before_sending(browser: Browser, desk: Desk) -> None:
    desk.keep("domicile-certificate", SAMPLES["domicile-certificate"]["valid"])
    _, html = await browser.get(f"{AT}/files")
    for document in FORMS["domicile-certificate"].documents:
        assert f'name="document.{document["code"]}"' in html
    _, html = await browser.get(f"{AT}/check")
    assert "3 conditions are not met" in html
    assert "Add this document: Two passport-size photographs" in html


async def test_second_window_does_not_overwrite_the_first(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", LAMP)
    _, first = await browser.get(f"{AT}/2")
    _, second = await browser.get(f"{AT}/2")
    await pressed(browser, f"{AT}/2", first, place__district="swat", answers__place="First street")
    fields = {"place__district": "swat", "answers__place": "Second street"}
    answer, html = await pressed(browser, f"{AT}/2", second, **fields)
    assert answer.status == 409
    assert "Second street" in html
    assert desk.drafts[DRAFT][1]["answers"]["place"] == "First street"
    answer, _ = await pressed(browser, f"{AT}/2", html, **fields)
    assert answer.status == 303
    assert desk.drafts[DRAFT][1]["answers"]["place"] == "Second street"


async def test_autosave_returns_the_new_revision(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", LAMP)
    _, html = await browser.get(f"{AT}/3")
    answer, _ = await pressed(browser, f"{AT}/3/save", html, answers__description="Half a")
    assert (answer.status, answer.headers["ETag"]) == (204, '"2"')
    answer, _ = await pressed(browser, f"{AT}/3/save", html, answers__description="Half a word")
    assert answer.status == 409


async def test_missing_draft_and_missing_page_are_reported(browser: Browser, desk: Desk) -> None:
    answer, html = await browser.get(f"{AT}/1")
    assert (answer.status, "This draft is no longer there" in html) == (410, True)
    desk.keep("street-light-out", {})
    assert (await browser.get(f"{AT}/9"))[0].status == 404
    assert (await browser.get("/apply/no-such"))[0].status == 404


async def test_resuming_a_draft_opens_the_first_page_with_an_error(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", {name: LAMP[name] for name in ("problem", "street")})
    assert (await browser.get(AT))[0].headers["Location"] == f"{AT}/2"
    desk.keep("street-light-out", LAMP)
    assert (await browser.get(AT))[0].headers["Location"] == f"{AT}/check"


async def test_page_sent_twice_files_one_request(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", LAMP)
    _, html = await browser.get(f"{AT}/check")
    for _time in range(2):
        answer, _ = await pressed(browser, f"{AT}/check", html)
        assert (answer.status, answer.headers["Location"]) == (303, f"/my/requests/{NUMBER}/sent")
    [body] = desk.filed.values()
    assert (body["answers"], body["draft"], desk.drafts) == (LAMP, DRAFT, {})


async def test_changes_of_another_window_are_not_sent_unseen(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", LAMP)
    _, html = await browser.get(f"{AT}/check")
    desk.keep("street-light-out", {**LAMP, "description": "Something else."})
    await pressed(browser, f"{AT}/check", html)
    [body] = desk.filed.values()
    assert body["answers"] == LAMP


async def test_altered_or_foreign_check_page_is_not_sent(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", LAMP)
    _, html = await browser.get(f"{AT}/check")
    whole = field_of(html, "whole")
    answer, _ = await pressed(browser, f"{AT}/check", html, whole=f"{whole[:-4]}AAAA")
    assert (answer.status, desk.filed) == (422, {})
    browser.session.signed_in = signed_in(account="b" * 32)
    _, other = await browser.get(f"{AT}/check")
    await pressed(browser, f"{AT}/check", other, whole=whole)
    assert desk.filed == {}


async def test_possible_duplicates_are_offered_and_can_be_followed(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", LAMP)
    assert (await browser.get(f"{AT}/similar"))[0].headers["Location"] == f"{AT}/check"
    desk.alike.append(ALIKE)
    _, html = await browser.get(f"{AT}/similar")
    assert "About 80 metres away" in html
    answer, _ = await pressed(browser, f"{AT}/similar", html)
    assert answer.headers["Location"] == f"{AT}/check"
    answer, _ = await pressed(browser, f"{AT}/similar", html, follow=str(ALIKE["number"]))
    assert (answer.headers["Location"], desk.followed) == ("/my/followed", [ALIKE["number"]])


async def test_citizen_can_hide_the_name(browser: Browser, desk: Desk) -> None:
    desk.keep("street-light-out", LAMP)
    assert (await sent(browser, f"{AT}/name", name="else"))[0].status == 422
    answer, _ = await sent(browser, f"{AT}/name", name="hidden")
    assert (answer.headers["Location"], desk.drafts[DRAFT][1]["confidential"]) == (f"{AT}/check", True)


async def test_without_session_the_ways_to_file_are_shown(browser: Browser) -> None:
    browser.session = WebSession()
    _, html = await browser.get("/apply/rubbish-not-collected")
    assert f'href="{RUBBISH}"' in html
    assert 'href="/sign-in?next=%2Fapply%2Frubbish-not-collected"' in html
    _, html = await browser.get("/apply/street-light-out")
    assert "/anonymous/" not in html
    answer, _ = await browser.get("/anonymous/apply/street-light-out")
    assert answer.headers["Location"] == "/apply/street-light-out"


async def test_filing_without_a_name_stores_nothing_and_sends_no_token(browser: Browser, desk: Desk) -> None:
    answer, html = await sent(browser, RUBBISH, answers__waste="household")
    assert answer.status == 422
    _, html = await pressed(browser, RUBBISH, html, answers__waste="household", answers__days_left="۴")
    _, html = await pressed(browser, RUBBISH, html, place__district="mardan", answers__place="Canal Road")
    assert (hidden_in(html)["page"], "textarea" in html) == ("3", True)
    _, check = await pressed(browser, RUBBISH, html, answers__description="It overflows every day.")
    _, changing = await pressed(browser, RUBBISH, check, go="change-2")
    assert 'value="Canal Road"' in changing
    assert hidden_in(changing)["return"] == "check"
    for _time in range(2):
        answer, _ = await pressed(browser, RUBBISH, check, go="send")
        assert (answer.status, answer.headers["Location"]) == (303, f"/anonymous/{NUMBER}/sent")
    [body] = desk.filed.values()
    assert body["answers"]["days_left"] == 4
    assert (browser.session.keys, browser.session.digits) == ({NUMBER: KEY}, {NUMBER: "4567"})
    asked = [request for request in desk.seen if request.url.path.startswith("/api/v1/anonymous")]
    assert asked
    assert not any("authorization" in request.headers for request in asked)
    assert desk.drafts == {}


async def test_altered_pages_without_a_name_start_again(browser: Browser, desk: Desk) -> None:
    _, html = await sent(browser, RUBBISH, answers__waste="household", answers__days_left="4")
    answer, html = await pressed(browser, RUBBISH, html, kept="gAAAA", page="check", go="send")
    assert (answer.status, hidden_in(html)["page"], desk.filed) == (409, "1", {})
