"""What happens as a due date comes nearer and passes: a warning, the breach, escalation, and the duty to reply."""

import json
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.models.acts import Accept, Ask, Delay, Progress
from services.routing.models.assignment import CLOCK_MARKS, RUNNING, Assignment
from services.routing.models.clock import MAX_INTERIM_REPLIES
from services.routing.service import clocks
from services.routing.service.clocks import DueClocks
from services.routing.service.deciding import Actor, possible
from services.routing.store.assignments import DueAssignment, due_assignment
from shared import events
from shared.clock import PAKISTAN
from shared.errors import ConflictError, InvalidError
from shared.rights import Role
from tests.builders import CITIZEN, NUMBER, a_service_copy
from tests.cases import cases
from tests.fakes import START
from tests.unit.routing.office import AssignmentsInMemory, Office, submitted

DAY = timedelta(days=1)
OFFICER = Actor("officer-1", "power", Role.OFFICER)


class Desk:
    """An office with one assignment; the test decides when its clock is checked."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.clocks = DueClocks(office.assignments, office.directory, office.router)  # type: ignore[arg-type]

    async def one(self) -> Assignment:
        return (await self.office.assignments.load_many([NUMBER]))[NUMBER]

    async def sweep(self, after: timedelta) -> list[str]:
        """The types of the events that the clock emits this long after routing."""
        one = await self.one()
        assert one.routed_at is not None
        before = len(self.office.event_types())
        self.clocks.step(one, one.routed_at + after)
        assert not await self.office.assignments.save_many([one])
        return [kind.removeprefix("request.").removesuffix(".v1") for kind in self.office.event_types()[before:]]

    async def act(self, *acts: Any, after: timedelta) -> None:
        one = await self.one()
        assert one.routed_at is not None
        for act in acts:
            self.office.acting.act(one, act, OFFICER, one.routed_at + after)
        assert not await self.office.assignments.save_many([one])

    def last(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.office.assignments.documents[NUMBER]["events"][-1]["data"])
        return data


async def desk(**service: Any) -> Desk:
    """A request that is due ten days after it was routed, by the clock."""
    office = await Office().open(knows_services=False)
    await office.services.insert_many([a_service_copy(**{"due": {"days": 10, "calendar": "elapsed"}, **service})])
    await office.receive(submitted())
    return Desk(office)


def promised(one: Assignment, days: int) -> Delay:
    """A new date so many days after the due date."""
    assert one.due_at is not None
    day = (one.due_at.astimezone(PAKISTAN) + days * DAY).date()
    return Delay.model_validate({"reason": "The lamp has to be ordered.", "until": day.isoformat()})


async def test_the_clock_warns_once_then_marks_as_late_then_escalates_level_by_level() -> None:
    one = await desk()
    assert await one.sweep(7 * DAY) == []
    assert await one.sweep(7.5 * DAY) == ["due_soon"]
    assert await one.sweep(9 * DAY) == []
    assert await one.sweep(10 * DAY) == ["overdue", "escalated"]
    assert (one.last()["to"], one.last()["official"]["en"]) == ("head", "Head of power")
    assert await one.sweep(19 * DAY) == []
    assert await one.sweep(20 * DAY) == ["escalated"]
    assert (one.last()["to"], one.last()["level"]) == ("organisation", 2)
    assert (await one.one()).clock_at is None


async def test_a_long_outage_loses_no_step_and_warns_of_nothing_that_is_late() -> None:
    assert await (await desk()).sweep(90 * DAY) == ["overdue", "escalated", "escalated"]


async def test_a_complaint_reaches_the_head_of_the_organisation_on_day_41() -> None:
    one = await desk(due={"days": 30, "calendar": "elapsed"})
    await one.sweep(30 * DAY)
    assert await one.sweep(40.9 * DAY) == []
    assert await one.sweep(41 * DAY) == ["escalated"]


async def test_a_service_declares_its_own_levels() -> None:
    levels = [{"to": "head", "after": {"days": 1, "calendar": "elapsed"}}, {"to": "organisation"}]
    one = await desk(due={"days": 10, "calendar": "elapsed", "escalate": levels})
    assert await one.sweep(10 * DAY) == ["overdue"]
    assert await one.sweep(11 * DAY) == ["escalated", "escalated"]


async def test_work_and_a_transfer_do_not_move_the_clock() -> None:
    one = await desk()
    due = (await one.one()).clock_at
    await one.act(Accept(), Progress(note="We come on Tuesday."), after=DAY)
    await one.office.act(json.dumps({"request": NUMBER, "action": "transfer", "to": "roads", "reason": "-"}).encode())
    assert (await one.one()).clock_at == due


async def test_a_question_moves_every_time_by_as_long_as_it_took() -> None:
    one = await desk()
    before = await one.one()
    await one.act(Ask(question="Which lamp?"), after=DAY)
    assert (await one.one()).clock_at is None
    assert await one.sweep(30 * DAY) == []
    one.office.assignments.documents[NUMBER]["paused_at"] -= 5 * DAY
    await one.office.receive(events.RequestAnswered(citizen_id=CITIZEN))
    after = await one.one()
    assert before.due_at is not None
    assert after.due_at is not None
    assert before.warn_at is not None
    moved = after.due_at - before.due_at
    assert after.warn_at == before.warn_at + moved == after.clock_at
    assert [level["at"] - moved for level in after.levels or ()] == [level["at"] for level in before.levels or ()]


HOUR = timedelta(hours=1)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 90)), max_size=12))
def test_each_mark_comes_once_so_much_time_has_run_whatever_the_pauses(spans: list[tuple[bool, int]]) -> None:
    levels = [{"at": START + 100 * HOUR, "to": "head"}, {"at": START + 200 * HOUR, "to": "organisation"}]
    one = Assignment(id=NUMBER, due_at=START + 100 * HOUR, warn_at=START + 75 * HOUR, levels=levels)
    one.set_clock_at(runs=True)
    now, ran, marks = START, 0, list[str]()
    for runs, hours in spans:
        for _ in range(hours):
            now, ran = now + HOUR, ran + runs
            if runs:
                marks += marks_of(one, now)
            else:
                one.shift(lambda at: at + HOUR)
        one.set_clock_at(runs=True)
    reached = [(75, "due_soon"), (100, "overdue"), (100, "escalate"), (200, "escalate")]
    assert marks == [mark for hours, mark in reached if ran >= hours]


def marks_of(one: Assignment, now: datetime) -> list[str]:
    """The marks that the clock makes now."""
    marks = list[str]()
    one.set_clock_at(runs=True)
    while mark := one.next_mark(now):
        marks.append(mark)
        if mark == "due_soon":
            one.warned_at = now
        elif mark == "overdue":
            one.overdue_at = now
        else:
            one.escalate()
        one.set_clock_at(runs=True)
    return marks


async def test_an_assignment_from_before_clocks_gets_its_levels_from_the_sweep() -> None:
    one = await desk()
    document = one.office.assignments.documents[NUMBER]
    for name in ("levels", "warn_at"):
        del document[name]
    document["clock_at"] = document["due_at"]  # as AssignmentStore.start_clocks sets it
    assert await one.sweep(10 * DAY) == ["overdue", "escalated"]


async def test_a_new_date_is_told_and_leaves_the_due_date() -> None:
    one = await desk()
    due = (await one.one()).due_at
    with pytest.raises(ConflictError, match="delay-too-early"):
        await one.act(promised(await one.one(), 5), after=DAY)
    await one.act(promised(await one.one(), 5), after=8 * DAY)
    record = await one.one()
    assert (record.due_at, record.taken_by, one.office.event_types()[-1]) == (due, None, "request.delayed.v1")
    assert (one.last()["count"], record.state) == (1, "routed")
    assert await one.sweep(10 * DAY) == ["overdue", "escalated"]  # the new date pauses nothing


async def test_a_new_date_is_owed_while_it_is_late_and_none_is_in_force() -> None:
    one = await desk()
    record = await one.one()
    assert record.routed_at is not None
    assert not record.owes_new_date(record.routed_at + 9 * DAY)
    assert record.owes_new_date(record.routed_at + 11 * DAY)
    await one.act(promised(record, 5), after=11 * DAY)
    record = await one.one()
    assert record.routed_at is not None
    assert not record.owes_new_date(record.routed_at + 12 * DAY)
    assert record.owes_new_date(record.routed_at + 25 * DAY)


@cases("days", (-20, 0, 120))
async def test_a_new_date_is_after_the_due_date_and_within_ninety_days(days: int) -> None:
    one = await desk()
    with pytest.raises(InvalidError):
        await one.act(promised(await one.one(), days), after=11 * DAY)


async def test_a_department_gives_three_new_dates_and_no_more() -> None:
    one = await desk()
    for n in range(MAX_INTERIM_REPLIES):
        await one.act(promised(await one.one(), 5 + 10 * n), after=11 * DAY)
    with pytest.raises(ConflictError, match="delays-used-up"):
        await one.act(promised(await one.one(), 60), after=12 * DAY)
    record = await one.one()
    assert record.routed_at is not None
    assert "delay" not in possible(record, OFFICER, record.routed_at + 12 * DAY)


@cases("until", ("2026-3-1", "tomorrow", 1773000000, "2026-03-16T00:00:00"))
def test_a_new_date_is_a_day_in_its_one_spelling(until: object) -> None:
    with pytest.raises(ValueError, match="until"):
        Delay.model_validate({"reason": "We wait.", "until": until})


def test_marks_of_the_clock_keep_the_state() -> None:
    for state in RUNNING:
        for mark in CLOCK_MARKS:
            one = Assignment(id=NUMBER, state=state)
            one.take(mark, START, by="clock")
            assert one.state is state


class DueStore(AssignmentsInMemory):
    """Assignments with due clocks; those in `unwritable` make a write fail."""

    unwritable: frozenset[str] = frozenset()

    async def clocks_due(self, now: datetime, after: tuple[datetime, str] | None, limit: int) -> list[DueAssignment]:
        due = sorted((document["clock_at"], number) for number, document in self.documents.items())
        later = [place for place in due if place[0] <= now and (after is None or place > after)]
        return [due_assignment({"_id": number, **self.documents[number]}) for _, number in later[:limit]]

    async def save_many(self, records: Sequence[Assignment]) -> set[str]:
        if any(record.id in self.unwritable for record in records):
            raise ValueError
        return await super().save_many(records)


async def test_an_assignment_that_cannot_be_read_or_written_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "BATCH", 2)
    one = await desk()
    store, document = DueStore(Assignment), one.office.assignments.documents[NUMBER]
    store.documents = {f"RB-{n}": {**deepcopy(document), "_id": f"RB-{n}"} for n in range(5)}
    del store.documents["RB-1"]["rev"]
    store.unwritable = frozenset({"RB-3"})
    after_due = document["due_at"] + DAY
    sweep = DueClocks(store, one.office.directory, one.office.router, lambda: after_due)  # type: ignore[arg-type]
    assert await sweep.sweep() == 3
    late = {number for number, document in store.documents.items() if document.get("overdue_at")}
    assert late == {"RB-0", "RB-2", "RB-4"}
