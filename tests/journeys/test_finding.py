"""Searching a citizen's own requests."""

from typing import Any, cast
from urllib.parse import urlencode

import pytest

from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Citizen, Portal

ANSWERS: dict[str, Any] = cast(dict[str, Any], LAMP["answers"])


async def found(portal: Portal, citizen: Citizen, **asked: str) -> list[str]:
    """The numbers in a list."""
    page = await portal.expect(200, "GET", f"/api/v1/requests?{urlencode(asked)}", token=citizen.token)
    return [line["number"] for line in page["requests"]]


async def test_a_request_is_found_by_words_in_either_script_and_by_the_reply(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    filing = {**LAMP, "answers": {**ANSWERS, "description": "سکول کے پاس Khyber بازار میں اندھیرا ہے"}}
    number, _, officer = await at_department(portal, citizen, filing)
    await portal.file(citizen, LAMP)
    for text in ("khyber", "اندھيرا", "KHYBER سکول", number, number.replace("-", "").lower()):
        assert await found(portal, citizen, q=text) == [number], text
        assert await found(portal, other, q=text) == []
    assert len(await found(portal, citizen, q="بتی")) + len(await found(portal, citizen, q="street")) >= 2
    assert (await portal.act(officer, number, "accept")).status == 200
    reply = "The bulb was exchanged at noon."
    assert (await portal.act(officer, number, "resolve", outcome="granted", reply=reply)).status == 200
    await portal.reaches(citizen, number, "resolved")
    assert await found(portal, citizen, q="bulb") == [number]
    assert await found(portal, citizen, stage="completion", q="bulb") == [number]
    assert await found(portal, citizen, state="resolved") == [number]
    assert await found(portal, citizen, state="withdrawn") == []


@pytest.mark.parametrize(
    "query",
    [
        "q[$ne]=1", "q=%7B%22$gt%22:%22%22%7D", "q=.*", "q=%5E(a%2B)%2B$", "q=%00", "q=$where", "state[$ne]=routed",
        "q=%E2%80%8C", "cursor=1-%7B%7D", "service[$regex]=.*",
    ],
)  # fmt: skip
async def test_a_hostile_search_finds_no_more_and_breaks_nothing(portal: Portal, query: str) -> None:
    citizen = await portal.register()
    await portal.file(citizen, LAMP)
    answer = await portal.ask("GET", f"/api/v1/requests?{query}", token=citizen.token)
    assert answer.status in (200, 400, 422)
    if answer.status == 200 and query.startswith("q="):
        assert answer.body["requests"] == []


@pytest.mark.parametrize(
    "query", [f"q={'a' * 1000}", f"q={'a' * 10_000}", "from=yesterday", "from=1700000000", "to=2026-02-30", "state=no",
              "stage=no", "kind=no", "service=%2e%2e", "limit=101", "cursor=x", "from=2026-01-01T00:00:00Z"],
)  # fmt: skip
async def test_an_invalid_query_is_a_problem(portal: Portal, query: str) -> None:
    citizen = await portal.register()
    answer = await portal.ask("GET", f"/api/v1/requests?{query}", token=citizen.token)
    assert answer.status in (400, 422)
    assert answer.body["type"].startswith("/problems/")
