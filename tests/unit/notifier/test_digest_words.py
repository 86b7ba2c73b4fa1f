"""The text of a digest: at most three SMS for any number of requests; an email lists all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.models.following import STEP, newest
from services.notifier.models.notification import Notification
from services.notifier.sending import digests
from services.notifier.sending.digests import digest_words
from services.notifier.writing.library import LANGUAGES
from services.notifier.writing.sms import MAX_PARTS, parts
from services.notifier.writing.templates import texts
from tests.fakes import START

STEPS = sorted(name for name in texts().names if name.startswith("step."))
SAID = st.lists(st.sampled_from(STEPS), min_size=1, max_size=40)


def numbered(steps: list[str]) -> list[tuple[str, str]]:
    """A request for each step."""
    return [(f"RB-{place:04}-9Q2M-E", step) for place, step in enumerate(steps)]


@given(SAID, st.sampled_from(LANGUAGES))
def test_sms_digest_lists_what_fits_and_counts_the_rest(steps: list[str], language: str) -> None:
    steps_by_number = numbered(steps)
    text = digest_words(steps_by_number, language, "sms")
    told = [number for number, _ in steps_by_number if number in text]
    assert parts(text) <= MAX_PARTS
    assert told == [number for number, _ in steps_by_number][: len(told)], "the newest come first"
    assert told
    if len(told) < len(steps_by_number):
        assert f" {len(steps_by_number) - len(told)} " in text.splitlines()[-1]
    assert all(texts().names[step][language] in text for _, step in steps_by_number[: len(told)]), "no words are cut"


@given(SAID, st.sampled_from(LANGUAGES))
def test_an_email_digest_lists_all_requests(steps: list[str], language: str) -> None:
    text = digest_words(numbered(steps), language, "email")
    assert all(f"{number}: {texts().names[step][language]}" in text for number, step in numbered(steps))


def test_digest_of_thousands_of_requests_is_written_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt renders the whole digest: 5,000 requests once delayed the courier by ten seconds."""
    tries = 0

    def counted(text: str) -> int:
        nonlocal tries
        tries += 1
        return parts(text)

    monkeypatch.setattr(digests, "parts", counted)
    assert " 49" in digest_words(numbered(["step.accepted"] * 5000), "en", "sms").splitlines()[-1]
    assert tries < 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_single_step_fits_into_an_sms(language: str) -> None:
    assert all(parts(digest_words([("RB-7F3K-9Q2M-E", step)], language, "sms")) <= MAX_PARTS for step in STEPS)


def test_digest_has_the_newest_step_of_each_request() -> None:
    def step(number: str, seq: int, name: str) -> Notification:
        at = START.replace(minute=seq)
        id_ = f"routing/{number}/{seq}:sms:citizen-2"
        return Notification(
            id=id_, citizen_id="citizen-2", subject=number, template=STEP, channel="sms", created_at=at, step=name
        )

    steps = [step("A", 3, "step.resolved"), step("B", 4, "step.accepted"), step("A", 1, "step.accepted")]
    assert newest(steps) == newest(steps[::-1]) == [("B", "step.accepted"), ("A", "step.resolved")]
