"""Inbound SMS: each gets one answer, or help, and nothing about other people's requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.inbound.command import Command, CommandKind, read_command
from services.notifier.models.notification import DeliveryState
from services.notifier.models.preferences import Group
from services.notifier.models.standing import STANDINGS, name_of
from services.notifier.writing.templates import texts
from shared.events import (
    CitizenMobileUnproven,
    RequestAccepted,
    RequestFollowed,
    RequestResumed,
    RequestWithdrawn,
)
from shared.paging import cursor_of, read_cursor
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_delivery, an_envelope
from tests.cases import cases
from tests.unit.notifier.answers import Phones
from tests.unit.notifier.samples import MOBILE, OF_DEPARTMENT, registered, routed

OTHER, ELSEWHERE = "citizen-2", "+923457654321"
ACCEPTED = RequestAccepted.model_validate({**OF_DEPARTMENT, "heard": 1})


async def phones(language: str = "en") -> Phones:
    """A citizen with a request at a department, and another citizen."""
    world = Phones()
    await world.citizens.take([a_delivery(an_envelope(registered(language), subject=CITIZEN))])
    other = registered("ur", ELSEWHERE, of=OTHER)
    await world.citizens.take([a_delivery(an_envelope(other, subject=OTHER))])
    for seq, event in enumerate((routed(), ACCEPTED), 1):
        await world.notifier.take([a_delivery(an_envelope(event, seq))])
    return world


@pytest.mark.parametrize(
    "text",
    [
        "STATUS RB-7F3K-9Q2M-E",
        "rb7f3k9q2me",
        "status rb 7f3k 9q2m e please",
        "RB-۷F۳K-۹Q۲M-E",
        "Meri shikayat RB-7F3K-9Q2M-E ka kya hal hai?",
        "حالت RB-7F3K-9Q2M-E",
        "کیفیت: RB–7F3K–9Q2M–E",
        "RB-7F3K-9Q2M-E STOP",
    ],
)
def test_a_number_in_any_spelling_asks_for_the_state(text: str) -> None:
    assert read_command(text).number == "RB-7F3K-9Q2M-E"
    assert read_command(text).kind is CommandKind.STATUS


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("STOP", Command(CommandKind.STOP)),
        ("stop sms please", Command(CommandKind.STOP)),
        ("band karo", Command(CommandKind.STOP, language="ur")),
        ("بند کریں", Command(CommandKind.STOP, language="ur")),
        ("Start", Command(CommandKind.START)),
        ("شروع", Command(CommandKind.START, language="ur")),
        ("shuru karo", Command(CommandKind.START, language="ur")),
        ("bijli band hai", Command(CommandKind.HELP, language="ur")),
        ("please stop the leak in our street", Command(CommandKind.HELP)),
        ("STATUS", Command(CommandKind.HELP)),
        ("", Command(CommandKind.HELP)),
        ("RB-7F3K", Command(CommandKind.HELP)),
    ],
)
def test_a_command_must_be_the_whole_text(text: str, command: Command) -> None:
    assert read_command(text) == command


async def test_the_citizen_gets_the_state_its_date_and_the_due_date() -> None:
    world = await phones()
    [answer] = await world.send(f"STATUS {NUMBER}")
    assert answer.startswith(
        f"{NUMBER}: the department is working on it, since 2 March 2026. It is due by 1 April 2026."
    )


@pytest.mark.parametrize(
    ("account", "text"), [("ur", f"STATUS {NUMBER}"), ("en", f"حالت {NUMBER}"), ("en", f"halat {NUMBER}")]
)
async def test_the_answer_is_in_the_language_of_the_sms_or_the_account(account: str, text: str) -> None:
    world = await phones(account)
    [answer] = await world.send(text)
    assert answer.startswith(f"درخواست {NUMBER}")
    assert "محکمہ اس پر کام کر رہا ہے" in answer


async def test_a_follower_gets_the_state_too() -> None:
    world = await phones()
    await world.notifier.take([a_delivery(an_envelope(RequestFollowed(citizen_id=OTHER), 2))])
    [answer] = await world.send(f"STATUS {NUMBER}", ELSEWHERE)
    assert "working on it" in answer or "کام کر رہا ہے" in answer


@pytest.mark.parametrize("sender", [ELSEWHERE, "+923009999999"])
async def test_another_phone_gets_the_answer_for_an_unknown_number(sender: str) -> None:
    told = await (await phones()).send(f"STATUS {NUMBER}", sender)
    assert told == await (await phones()).send("STATUS RB-0000-0000-0", sender)
    assert "7F3K" not in told[0].replace("RB-7F3K-9Q2M-E", "")


async def test_an_unproven_mobile_belongs_to_no_account() -> None:
    world = await phones()
    unproven = CitizenMobileUnproven(mobile=KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=CITIZEN))
    await world.citizens.take([a_delivery(an_envelope(unproven, 2, subject=CITIZEN))])
    [answer] = await world.send(NUMBER)
    assert "since" not in answer


async def test_repeated_sms_is_answered_once_to_its_phone() -> None:
    world = await phones()
    for _ in range(3):
        await world.send(NUMBER, id="SM-1")
    world.clock.advance(seconds=6)
    await world.courier.round()
    assert len(world.answers()) == 1
    provider = world.courier.providers["sms"][0]
    assert [(to, words) for _, to, words in provider.sent if "since" in words] == [(MOBILE, world.answers()[0])]  # type: ignore[attr-defined]


async def test_an_unknown_phone_gets_help() -> None:
    world = await phones()
    await world.send("hello", "+923009999999")
    await world.courier.round()
    [made] = [one for one in world.notifications.all() if one.id.startswith("inbound/")]
    assert made.state is DeliveryState.DELIVERED


async def test_any_id_of_an_sms_works_in_list_cursors() -> None:
    world = await phones()
    await world.send(NUMBER, id="پیغام " * 100)
    [made] = [one for one in world.notifications.all() if one.id.startswith("inbound/")]
    assert read_cursor(cursor_of(made.created_at, made.id))[1] == made.id


async def test_help_is_sent_once_a_day_and_answers_ten_times_an_hour() -> None:
    world = await phones()
    assert len(await world.send("hello")) == 1
    assert await world.send("hello") == []
    answered = [await world.send(NUMBER) for _ in range(20)]
    assert sum(map(len, answered)) == 9
    world.clock.advance(minutes=61)
    assert len(await world.send(NUMBER)) == 1
    assert await world.send("hello") == []
    world.clock.advance(minutes=60 * 24)
    assert len(await world.send("hello")) == 1


@pytest.mark.parametrize("sender", ["+8558", "+3737", "+15550001111", "Rabta"])
async def test_machines_get_no_answer(sender: str) -> None:
    assert await (await phones()).send(NUMBER, sender) == []


async def test_stop_and_start_apply_to_every_account_of_the_phone() -> None:
    world = await phones()
    await world.citizens.take([a_delivery(an_envelope(registered("ur", MOBILE, of="citizen-3"), subject="citizen-3"))])
    [stopped] = await world.send("STOP")
    assert "You will still get codes, decisions and questions" in stopped
    for account in (CITIZEN, "citizen-3"):
        chosen = await world.choosing.chosen(account)
        assert {group: chosen.channel(group) for group in (Group.PROGRESS, Group.FOLLOWING)} == {
            Group.PROGRESS: "none",
            Group.FOLLOWING: "none",
        }
        assert chosen.channel(Group.DECISIONS) is None
    await world.send("شروع")
    assert (await world.choosing.chosen(CITIZEN)).channel(Group.PROGRESS) == "sms"
    assert (await world.choosing.chosen(OTHER)).channel(Group.PROGRESS) is None


async def test_a_shared_phone_gets_the_state_for_the_right_account() -> None:
    world = await phones()
    await world.citizens.take([a_delivery(an_envelope(registered("ur", MOBILE, of="citizen-0"), subject="citizen-0"))])
    [answer] = await world.send(f"STATUS {NUMBER}")
    assert answer.startswith(NUMBER)  # in the language of its citizen, who is not the first of the house
    [made] = [one for one in world.notifications.all() if one.id.startswith("inbound/")]
    assert made.citizen_id == CITIZEN


async def test_status_ignores_what_the_department_did_after_the_end() -> None:
    world = await phones()
    await world.notifier.take([a_delivery(an_envelope(RequestWithdrawn(citizen_id=CITIZEN), 2))])
    late = RequestResumed.model_validate({**OF_DEPARTMENT, "heard": 1})
    await world.notifier.take([a_delivery(an_envelope(late, 3))])
    [answer] = await world.send(NUMBER)
    assert answer.startswith(f"{NUMBER}: it is withdrawn")
    assert "due" not in answer


TEMPLATES = sorted(name for name in texts().templates if name.startswith("request."))
SILENT = {"request.followed", "request.followed.merged", "request.unfollowed"}


@cases("template", TEMPLATES)
def test_every_message_about_a_request_has_a_state(template: str) -> None:
    assert (name_of(template) is None) == (template in SILENT)


def test_every_state_has_a_text() -> None:
    assert {f"standing.{name}" for name in STANDINGS} <= texts().names.keys()


@given(st.text(max_size=700), st.sampled_from([MOBILE, "+923009999999"]))
async def test_any_text_gets_at_most_one_answer(text: str, sender: str) -> None:
    world = await phones()
    await world.send(text, sender, id="SM-1")
    await world.send(text, sender, id="SM-1")
    assert len(world.answers()) <= 1
