"""Acceptable replies, closing after a dispute, and copied replies."""

import json
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from deploy.docs.contracts import action_schema
from services.routing.models.acts import Accept, Resolve
from services.routing.models.reply import common_part, says_nothing
from services.routing.service.deciding import Actor, acceptable, possible
from shared import events
from shared.errors import ForbiddenError
from shared.rights import Role
from tests.builders import CITIZEN, NUMBER
from tests.fakes import START
from tests.unit.routing.office import Office, submitted

NOTHING = [
    "Forwarded to the concerned department.",
    "Your complaint has been forwarded to XEN for necessary action. Thank you.",
    "This does not pertain to this office.",
    "Dear citizen, this is NOT OURS.",
    "متعلقہ محکمے کو بھیج دی گئی ہے۔",
    "یہ معاملہ اس محكمے سے متعلق نہيں۔ شکریہ۔",
    "متعلقه محكمه كو بهيج دي گئي هے۔",
    "یہ ہمــارا\u200c کام نہیں۔",
    "Your complaint is for\u00adwarded to the XEN.",
]
SOMETHING = [
    "The lamp was replaced on Tuesday.",
    "We forwarded the parts to the electrician on Monday. The lamp was replaced on Tuesday and tested.",
    "It was forwarded to our own workshop in Mardan, where the motor was rewound, and it runs since Friday.",
    "لیمپ منگل کو بدل دیا گیا ہے۔",
]


@pytest.mark.parametrize("reply", NOTHING)
def test_a_reply_that_only_forwards_is_refused_with_advice_to_transfer(reply: str) -> None:
    assert says_nothing(reply)
    with pytest.raises(ValidationError) as caught:
        Resolve(outcome="granted", reply=reply)
    assert caught.value.errors()[0]["type"] == "transfer_instead"


@pytest.mark.parametrize(
    "other",
    [
        "We repaired the lamp of RB-2W8T-5H1N-R, due 9 April 2026.",
        "we repaired the lamp of RB-7F3K-9Q2M-E, due 2026-04-09.",
    ],
)
def test_number_and_dates_make_no_reply_a_different_one(other: str) -> None:
    assert common_part("We repaired the lamp of RB-7F3K-9Q2M-E, due 4 March 2026.") == common_part(other)


def test_own_words_in_a_template_make_a_reply_ones_own() -> None:
    template = "{number} کی بتی %s تک ٹھیک کر دی گئی۔ {words}"
    urdu = common_part(template % "4 مارچ 2026")
    assert urdu == common_part(template % "9 اپریل 2026")
    assert urdu != common_part(template.replace("{words}", "فیوز جل گیا تھا۔") % "4 مارچ 2026")


@pytest.mark.parametrize("reply", SOMETHING)
def test_a_reply_that_says_what_was_done_is_accepted(reply: str) -> None:
    assert not says_nothing(reply)


@pytest.mark.parametrize(
    ("outcome", "reason", "error"),
    [
        ("not_granted", None, "reason_needed"),
        ("partly_granted", None, "reason_needed"),
        ("not_granted", "not_ours", "transfer_instead"),
        ("not_granted", "forwarded", "transfer_instead"),
        ("not_granted", "because", "literal_error"),
        ("not_granted", "no_funds", None),
        ("granted", None, None),
        ("granted", "no_funds", "reason_unneeded"),
    ],
)
def test_an_outcome_that_is_not_fully_granted_needs_a_reason(
    outcome: str, reason: str | None, error: str | None
) -> None:
    body = {"outcome": outcome, "reason": reason, "reply": "There is no money for it this year."}
    follows = jsonschema_rs.is_valid(action_schema(Resolve), {"request": "RB-7F3K-9Q2M-E", "action": "resolve", **body})
    assert follows == (error is None)
    if error is None:
        assert Resolve.model_validate(body).reason == reason
        return
    with pytest.raises(ValidationError) as caught:
        Resolve.model_validate(body)
    [found] = caught.value.errors()
    assert (found["loc"], found["type"]) == (("reason",), error)


def resolving(number: str, reply: str) -> list[bytes]:
    """Accept and resolve."""
    resolve = {"request": number, "action": "resolve", "outcome": "granted", "reply": reply}
    return [json.dumps({"request": number, "action": "accept"}).encode(), json.dumps(resolve).encode()]


def told(office: Office, number: str) -> Any:
    """The events about the outcome."""
    [data] = [e["data"] for e in office.assignments.documents[number]["events"] if e["type"] == "request.resolved.v1"]
    return events.RequestResolved.model_validate_json(data)


async def test_the_fourth_request_with_the_same_reply_is_flagged_as_copied() -> None:
    office = await Office().open()
    for n in range(5):
        await office.receive(submitted(), number=f"RB-{n}")
    for n in range(4):
        await office.act(*resolving(f"RB-{n}", "The  work was DONE today." if n % 2 else "The work was done today."))
    await office.act(*resolving("RB-4", "The lamp at the school gate was replaced."))
    assert [told(office, f"RB-{n}").copied for n in range(5)] == [None, None, None, True, None]
    assert office.assignments.documents["RB-3"]["history"][-1]["copied"] is True
    record = await office.assignments.get("RB-3")
    assert record is not None
    assert record.reply_print
    record.forget_person("nobody")
    assert record.reply_print is None


@pytest.mark.parametrize("written", ["RB-{n}K3K-9Q2M-E: ", "Your complaint rb{n}k3k9q2me. ", "RB-{n}k3k-9q2m-e "])
async def test_a_copied_reply_is_detected_although_each_names_its_own_number(written: str) -> None:
    office = await Office().open()
    for n in range(4):
        await office.receive(submitted(), number=f"RB-{n}")
        await office.act(*resolving(f"RB-{n}", f"{written.format(n=n)}The work was done today."))
    assert [told(office, f"RB-{n}").copied for n in range(4)] == [None, None, None, True]


async def test_a_batch_of_equal_replies_is_detected_too() -> None:
    office = await Office().open()
    for n in range(4):
        await office.receive(submitted(), number=f"RB-{n}")
    await office.act(*(body for n in range(4) for body in resolving(f"RB-{n}", "The work was done today.")))
    assert {told(office, f"RB-{n}").copied for n in range(4)} == {True}


async def test_after_a_dispute_only_a_head_who_did_not_close_it_can_close_it() -> None:
    office = await Office().open()
    await office.receive(submitted())
    record = await office.assignments.get(NUMBER)
    assert record is not None
    officer = Actor("officer-1", "power", Role.OFFICER)
    done = Resolve(outcome="granted", reply="The lamp was replaced.")
    office.acting.act(record, Accept(), officer, START)
    office.acting.act(record, done, officer, START)
    office.router.disputed(record, events.RequestDisputed(citizen_id=CITIZEN, reason="not_done"), START)
    for other in (Actor("officer-2", "power", Role.OFFICER), Actor("department.power", "power", Role.DEPARTMENT)):
        with pytest.raises(ForbiddenError, match="head-only"):
            office.acting.act(record, Accept(), other, START)
        assert possible(record, other, START) == ["ask"]
    with pytest.raises(ForbiddenError, match="barred"):
        office.acting.act(record, Accept(), Actor("officer-1", "power", Role.HEAD), START)
    assert possible(record, officer, START) == ["ask"]
    assert possible(record, Actor("head-1", "power", Role.HEAD), START) == ["accept", "ask", "transfer"]
    assert [acceptable(record, one) for one in (officer, Actor("head-1", "power", Role.HEAD))] == [False, True]
    office.acting.act(record, Accept(), Actor("head-1", "power", Role.HEAD), START)
    with pytest.raises(ForbiddenError, match="head-only"):
        office.acting.act(record, done, Actor("department.power", "power", Role.DEPARTMENT), START)
    office.acting.act(record, done, Actor("head-1", "power", Role.HEAD), START)
    resolved = [envelope for envelope in record.emitted if envelope.type == "request.resolved.v1"]
    assert events.RequestResolved.model_validate_json(resolved[-1].data).level == "head"
