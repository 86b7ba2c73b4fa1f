"""The outbox page, and read marks."""

from dataclasses import replace
from datetime import timedelta

from services.notifier.api.outbox import page
from services.notifier.models.notification import Notification
from services.notifier.own_messages import is_read
from tests.fakes import START


def message(words: str = "Hello", language: str = "en", days: int = 0, channel: str = "sms") -> dict[str, str]:
    """A message in the outbox."""
    at = (START - timedelta(days=days)).isoformat()
    return {"to": "+923001234567", "words": words, "language": language, "channel": channel, "at": at}


def test_the_page_shows_words_time_and_a_masked_number() -> None:
    text = page([message("482913 is your code")])
    assert "482913 is your code" in text
    assert "+92300…67" in text
    assert "1234567" not in text
    assert ">14:00:00<" in text


def test_only_a_code_is_shown_in_large_digits() -> None:
    assert "<b>482913</b>" in page([message("482913 is your code")])
    assert "<b>482913</b>" in page([message("482913 آپ کا کوڈ ہے", "ur")])
    assert 'class="code"' not in page([message("RB-123456-A is at the department since 12:30, call 0300123456.")])


def test_the_page_names_the_channel() -> None:
    assert ">SMS<" in page([message()])
    assert ">Email<" in page([message(channel="email")])


def test_the_searched_number_stays_in_the_form_and_is_escaped() -> None:
    assert 'value="&#34;&gt;&lt;script&gt;"' in page([], '"><script>')
    assert "No message went to this number" in page([], "+92300")


def test_urdu_is_displayed_from_right_to_left() -> None:
    assert 'lang="ur" dir="rtl">سلام<' in page([message("سلام", "ur")])


def test_texts_of_people_are_escaped() -> None:
    assert "&lt;script&gt;" in page([message("<script>")])


def test_days_have_headings_newest_first() -> None:
    text = page([message(), message(), message(days=1)])
    assert text.count("<h2>") == 2
    assert text.index("2 March 2026") < text.index("1 March 2026")


def test_an_empty_outbox_says_so() -> None:
    assert "No message" in page([])


def test_a_message_is_new_until_it_is_read_or_a_month_old() -> None:
    new = Notification(
        id="a/b/1:sms", citizen_id="c", subject="b", template="request.accepted", channel="sms", created_at=START
    )
    assert not is_read(new, START + timedelta(days=29))
    assert is_read(new, START + timedelta(days=31))
    assert is_read(replace(new, read_at=START), START)
