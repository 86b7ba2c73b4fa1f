"""Every message in both languages: complete, short, and safe with any text by people."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.handlers import FOLLOWED, HANDLERS, follower_message
from services.notifier.models.combining import COMBINATIONS
from services.notifier.models.message import NOWHERE, Day, Hour, MessageSpec, Named, Sealed, Value
from services.notifier.writing.library import LANGUAGES
from services.notifier.writing.sms import MAX_PARTS, parts
from services.notifier.writing.templates import clean, render, shown, texts
from shared.events import CitizenRegistrationRepeated, Event, RequestProgressed, RequestReminded, RequestResolved
from shared.seal import SealBrokenError, SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, an_envelope
from tests.cases import cases
from tests.fakes import START
from tests.unit.notifier.samples import EVENTS, LONG, LONG_URDU, code, free, routed, with_words


def wanted(event: Event) -> MessageSpec:
    """The message that an event causes."""
    subject = CITIZEN if event.type.startswith("citizen.") else NUMBER
    return HANDLERS[event.type].message(event, an_envelope(event, subject=subject))


def starts_in_urdu(text: str) -> bool:
    """Whether a phone displays it from the right, by its first letter."""
    letter = re.search(r"[^\W\d_]", text)
    return letter is not None and "\u0600" <= letter[0] <= "\u06ff"


def words(event: Event, language: str) -> str:
    """The text of that message."""
    return render(wanted(event), language, KEYS)


def test_every_handled_event_has_a_sample() -> None:
    assert {event.type for event in EVENTS} == {kind for kind, one in HANDLERS.items() if one.channels != (NOWHERE,)}


def test_every_template_is_used_and_every_event_has_one() -> None:
    followers = {follower_message(CITIZEN, an_envelope(event)).template for event in EVENTS if event.type in FOLLOWED}
    together = {one.template for earlier in COMBINATIONS.values() for one in earlier.values()}
    told = {name for name in texts().templates if name.startswith(("citizen.", "request.")) or name == "followed.step"}
    assert {wanted(event).template for event in EVENTS} | followers | together == told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", [event for event in EVENTS if event.type in FOLLOWED], ids=lambda e: e.type)
def test_follower_message_quotes_nobody(event: Event, language: str) -> None:
    text = render(follower_message(CITIZEN, an_envelope(event)), language, KEYS)
    assert "$" not in text
    assert NUMBER in text
    assert parts(text) == 1 or (language == "ur" and parts(text) == 2 and starts_in_urdu(text))
    assert '"' not in text


@cases("language", LANGUAGES)
@cases("event", EVENTS)
def test_a_message_is_complete_and_short(event: Event, language: str) -> None:
    text = words(event, language)
    assert not re.search(r"\{|\}|None", text)
    if texts().templates[wanted(event).template].sms is None:
        return
    assert "\n" not in text
    if language == "en":
        assert parts(text) == 1 or "department says" in text
    else:
        assert parts(text) <= 2 or '"' in text
        assert starts_in_urdu(text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("long", [LONG, LONG_URDU, "x" * 5000, "😀" * 900, "^" * 900], ids=lambda text: text[:4])
def test_long_texts_of_people_are_shortened_and_ours_stay(long: str, language: str) -> None:
    for event, short in zip(with_words(long), with_words("short"), strict=True):
        text = words(event, language)
        assert parts(text) == MAX_PARTS
        assert re.search(r"\.\.\.\"|…\"", text)
        assert text.endswith(words(short, language).rpartition('"')[2])


def test_the_code_comes_first_with_a_warning_not_to_share_it() -> None:
    assert words(code(), "en").startswith("482913 is your Rabta code to register.")
    assert "Never share this code" in words(code(), "en")
    assert words(code(), "ur").startswith("482913")
    assert "14:10" in words(code(), "en")


def test_a_code_for_the_counter_is_to_be_told_to_the_clerk_only() -> None:
    rendered = words(code(counter=True), "en")
    assert "Tell it to the clerk who is registering you now and to nobody else." in rendered
    assert "never ask" not in rendered
    assert "کلرک" in words(code(counter=True), "ur")


def test_the_message_of_an_appeals_decision_is_about_the_appeal() -> None:
    decided = free(RequestResolved, "reply", "We heard both.", outcome="not_granted", level="appeal")
    rendered = words(decided, "en")
    assert rendered == f'Appeal {NUMBER} is decided: it was not granted. The authority says: "We heard both."'
    assert "درخواست" not in words(decided, "ur")


def test_a_final_decision_offers_no_appeal() -> None:
    decided = free(RequestResolved, "reply", "The lamp was mended.", outcome="granted", level="head", final=True)
    reminded = RequestReminded(citizen_id=CITIZEN, about="resolved_by_head", until=START, final=True)
    for event in (decided, reminded):
        assert "or appeal" not in words(event, "en")
        assert "اپیل کریں" not in words(event, "ur")
    assert "This is final." in words(decided, "en")


def test_an_unproven_mobile_is_not_told_to_log_in() -> None:
    assert "log in" in words(CitizenRegistrationRepeated(), "en")
    unproven = words(CitizenRegistrationRepeated(unproven=True), "en")
    assert "log in" not in unproven
    assert "code" in unproven


def test_a_code_is_never_shown_again() -> None:
    for language in LANGUAGES:
        again = shown("citizen.code_issued", language)
        assert again
        assert not re.search("[0-9]", again)
    assert shown("request.accepted", "en") is None


def test_a_date_is_in_the_citizens_language_and_pakistans_time() -> None:
    assert "1 April 2026" in words(routed(), "en")
    assert "1 اپریل 2026" in words(routed(), "ur")


def test_a_department_may_have_a_long_name() -> None:
    assert parts(words(routed("Very " * 60, "بہت " * 60), "ur")) <= MAX_PARTS


def test_a_web_address_in_a_note_is_not_a_link() -> None:
    text = words(free(RequestProgressed, "note", "Write to complaints@kp.gov.pk or see https://kp.gov.pk/help."), "en")
    assert "complaints@kp.gov.pk or see https:// kp. gov. pk/help." in text


@pytest.mark.parametrize("breaking", ["\r\n", "\n", "\u2028", "\u2029", "\x00", "\x1b", "\x85", "\v"])
def test_a_message_has_one_line(breaking: str) -> None:
    text = words(free(RequestProgressed, "note", f"one{breaking}Rabta: your code is 1"), "en")
    assert "one Rabta: your code is 1" in text


def test_text_cannot_change_the_direction_of_later_text() -> None:
    assert clean("a\u202eb\u2066c\u200fd") == "abcd"
    assert clean("می\u200cشود") == "می\u200cشود"


@pytest.mark.parametrize("written", ["$number", "${reply}", "$$", "{0.__class__}", "%s", "{number}", "$note"])
def test_placeholders_in_a_text_are_not_filled(written: str) -> None:
    assert f'"{written}"' in words(free(RequestProgressed, "note", written), "en")


@given(st.text(max_size=600))
def test_any_text_can_be_quoted(written: str) -> None:
    for event in with_words(written):
        for language in LANGUAGES:
            text = words(event, language)
            assert parts(text) <= MAX_PARTS
            assert "\n" not in text


@pytest.mark.parametrize(
    ("purpose", "owner"), [(SealPurpose.CITIZEN_CODE, NUMBER), (SealPurpose.REQUEST_NOTE, "RB-0000-0000-0")]
)
def test_text_sealed_for_another_purpose_or_request_is_refused(purpose: SealPurpose, owner: str) -> None:
    note = Sealed(KEYS.seal("x", purpose, owner=owner), SealPurpose.REQUEST_NOTE, NUMBER)
    moved = MessageSpec(CITIZEN, "request.progressed", {"number": "x", "note": note})
    with pytest.raises(SealBrokenError):
        render(moved, "en", KEYS)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("plain", "plain"),
        (3, "3"),
        ({"en": "Water", "ur": "پانی"}, "پانی"),
        ({"en": "Water"}, "Water"),
        (Day(START), "2 مارچ 2026"),
        (Hour(START), "14:00"),
        (Named("kind.complaint"), "شکایت"),
    ],
)
def test_values(value: Value, told: str) -> None:
    values = {"number": "RB-1", "note": value}
    assert f'"{told}"' in render(MessageSpec(CITIZEN, "request.progressed", values), "ur", KEYS)
