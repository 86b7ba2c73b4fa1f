"""Tracking by number: limits on guessing, equal answers, and ETags."""

import asyncio
from collections import Counter

from shared.tracking_number import new_number
from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Portal


async def test_guessing_digits_is_stopped_without_locking_out_the_citizen(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, _ = await at_department(portal, citizen, LAMP)
    right = int(citizen.last_four)
    guesses = [f"{(right + n) % 10000:04d}" for n in range(1, 201)]
    answers = await asyncio.gather(*(portal.ask("GET", f"/api/v1/track/{number}?mobile={guess}") for guess in guesses))
    assert Counter(answer.status for answer in answers) == {404: 10, 429: 190}
    for path in (f"/api/v1/track/{number}", f"/api/v1/track/{number}/updates", f"/api/v1/track/{number}/events"):
        locked = await portal.ask("GET", f"{path}?mobile={citizen.last_four}")
        assert locked.status == 429
        assert 0 < int(locked.headers["retry-after"]) <= 3600
    assert (await portal.request(citizen, number))["state"] == "routed"


async def test_an_unknown_number_and_wrong_digits_get_the_same_answer(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, _ = await at_department(portal, citizen, LAMP)
    unknown = new_number()
    wrong = f"{(int(citizen.last_four) + 1) % 10000:04d}"
    for _ in range(11):
        known, none = [await portal.ask("GET", f"/api/v1/track/{n}?mobile={wrong}") for n in (number, unknown)]
        known.body.pop("instance")
        none.body.pop("instance")
        seconds = [answer.headers.pop("retry-after", "") for answer in (known, none)]
        if known.status == 429:
            assert all(0 < int(each) <= 3600 for each in seconds)
            assert none.status == 429
        else:
            assert known.body == none.body
            assert known.status == none.status == 404


async def test_unchanged_tracking_is_a_304(portal: Portal) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    path = f"/api/v1/track/{number}?mobile={citizen.last_four}"
    first = await portal.ask("GET", path)
    tag = first.headers["etag"]
    assert first.headers["vary"] == "Accept-Language"
    for sent in (tag, f"W/{tag}", f'"other", W/{tag}', "*"):
        answer = await portal.ask("GET", path, headers={"If-None-Match": sent})
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, "", tag)
        assert answer.headers["vary"] == "Accept-Language"
    head = await portal.ask("HEAD", path)
    assert (head.status, head.body or "", head.headers["etag"]) == (200, "", tag)
    assert (await portal.ask("HEAD", path, headers={"If-None-Match": tag})).status == 304
    urdu = await portal.ask("GET", path, headers={"If-None-Match": tag, "Accept-Language": "ur"})
    assert (urdu.status, urdu.body["number"]) == (200, number)
    assert (await portal.act(officer, number, "accept")).status == 200
    await portal.reaches(citizen, number, "accepted")
    changed = await portal.ask("GET", path, headers={"If-None-Match": tag})
    assert (changed.status, changed.body["state"]) == (200, "accepted")
