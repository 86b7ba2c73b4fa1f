"""One action on many requests: each once, whoever sends it and however often."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest

from services.routing.desk.models.named import ReplyTemplates, is_filled
from services.routing.desk.service.bulk import BulkActing
from services.routing.desk.service.reply_templates import DepartmentTemplates
from services.routing.models.acts import Accept, Progress, Resolve
from services.routing.models.colleague import StaffCopy
from services.routing.service.colleagues import StaffNames
from services.routing.service.deciding import Actor
from services.routing.service.views import PURPOSES
from services.routing.store.assignments import AssignmentStore
from services.routing.store.departments import StaffCopyStore
from shared.rights import Role
from tests.builders import KEYS
from tests.cases import cases
from tests.fakes import MemoryStore
from tests.unit.routing.office import Office, submitted

OFFICER, COLLEAGUE = (Actor(digit * 32, "power", Role.OFFICER) for digit in "12")
NUMBERS = [f"RB-000{n}-0000-0" for n in range(5)]
FUSE = Resolve(outcome="granted", reply="We repaired the lamp of {number}, due {due}. The fuse was burnt.")


async def opened() -> tuple[Office, BulkActing]:
    """Five requests at a department, and its bulk actions."""
    office = await Office().open()
    for number in NUMBERS:
        await office.receive(submitted(), number=number)
    staff = cast(StaffCopyStore, MemoryStore(StaffCopy))
    templates = DepartmentTemplates(
        MemoryStore(ReplyTemplates), office.directory, StaffNames(staff, office.directory, KEYS)
    )
    store = cast(AssignmentStore, office.assignments)
    return office, BulkActing(store, office.acting, cast(Any, None), templates, KEYS)


async def seen(office: Office) -> dict[str, int]:
    """All requests in their revision now."""
    records = await office.assignments.load_many(NUMBERS)
    return {number: records[number].rev for number in NUMBERS}


def replies(office: Office) -> list[str]:
    """The last words of each request."""
    last = [office.assignments.documents[number]["history"][-1] for number in NUMBERS]
    steps = zip(NUMBERS, last, strict=True)
    return [KEYS.unseal(step["sealed_words"], PURPOSES[step["action"]], owner=number) for number, step in steps]


async def test_the_same_action_sent_twice_at_once_is_carried_out_once() -> None:
    office, bulk = await opened()
    chosen = await seen(office)
    await bulk.carry_out(OFFICER, Accept(), chosen)
    chosen = await seen(office)
    note = Progress(note="An electrician comes for {number}.")
    both = await asyncio.gather(*(bulk.carry_out(OFFICER, note, chosen) for _ in range(2)))
    assert all(any(outcome.problem is None for outcome in pair) for pair in zip(*both, strict=True))
    for number in NUMBERS:
        actions = [step["action"] for step in office.assignments.documents[number]["history"]]
        assert actions == ["route", "accept", "progress"]
    assert replies(office) == [f"An electrician comes for {number}." for number in NUMBERS]
    again = await bulk.carry_out(OFFICER, note, chosen)
    assert [outcome.problem for outcome in again] == [None] * 5
    colleague = await bulk.carry_out(COLLEAGUE, note, chosen)
    assert [outcome.problem and outcome.problem.status for outcome in colleague] == [412] * 5


async def test_a_request_that_is_hidden_from_the_officer_is_not_found() -> None:
    office, bulk = await opened()
    office.assignments.documents[NUMBERS[0]]["hidden_from"] = [OFFICER.id]
    outcomes = await bulk.carry_out(OFFICER, Accept(), await seen(office))
    assert [outcome.problem and outcome.problem.status for outcome in outcomes] == [404, None, None, None, None]
    assert [office.assignments.documents[number]["state"] for number in NUMBERS[:2]] == ["routed", "accepted"]


async def test_a_request_that_another_writer_changed_meanwhile_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    office, bulk = await opened()

    async def overtaken(_: Any) -> set[str]:
        return {NUMBERS[0]}

    monkeypatch.setattr(office.assignments, "save_many", overtaken)
    outcomes = await bulk.carry_out(OFFICER, Accept(), await seen(office))
    assert [outcome.problem and outcome.problem.status for outcome in outcomes] == [412, None, None, None, None]


async def test_one_reply_to_many_is_copied_though_numbers_and_dates_are_filled_in() -> None:
    office, bulk = await opened()
    await bulk.carry_out(OFFICER, Accept(), await seen(office))
    for n, number in enumerate(NUMBERS):
        office.assignments.documents[number]["due_at"] += timedelta(days=n)
    outcomes = await bulk.carry_out(OFFICER, FUSE, await seen(office))
    assert [outcome.problem for outcome in outcomes] == [None] * 5
    assert all(office.assignments.documents[number]["copied"] for number in NUMBERS)
    assert len(set(replies(office))) == 5


async def test_same_template_with_own_words_is_not_copied() -> None:
    office, bulk = await opened()
    await bulk.carry_out(OFFICER, Accept(), await seen(office))
    for n, one in enumerate((await seen(office)).items()):
        reply = FUSE.reply.replace("The fuse was burnt.", f"Lamp {n} got a new cable.")
        [outcome] = await bulk.carry_out(OFFICER, Resolve(outcome="granted", reply=reply), dict([one]))
        assert outcome.problem is None
    assert not [number for number in NUMBERS if office.assignments.documents[number].get("copied")]


@cases(
    "text, words, same",
    [
        ("Done.", "Done.", True),
        ("Done.", "Done. More.", False),
        ("Dear {officer}, {number}.", "Dear Ali, RB-1.", True),
        ("{number}{due}x{number}", "1x2", True),
        ("ab{due}bc", "abc", False),
        ("a{due}bc{due}cd", "a bcd", False),
        ("{due}" * 800 + "x", "y" * 4000, False),
    ],
)
def test_a_filled_text_is_recognised_by_what_stands_around_its_fields(text: str, words: str, same: bool) -> None:
    assert is_filled(text, words) is same
