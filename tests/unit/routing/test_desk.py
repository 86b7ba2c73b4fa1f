"""Work inside a department: who is responsible, who stands in, notes, conflicts of interest, and parts."""

from typing import Any

import pytest

from services.routing.desk.models.team import Team
from services.routing.desk.service.assigning import Assign, Assigning, Claim, Release
from services.routing.desk.service.interests import Interest, declare_interest
from services.routing.desk.service.notes import Note, add_note, notes_of
from services.routing.desk.service.parts import AskPart, Parts
from services.routing.handlers import staff_changed
from services.routing.models.acts import Accept, Ask, Progress, Resolve
from services.routing.models.assignment import MAX_NOTES, MAX_PARTS, Assignment, AssignmentState
from services.routing.models.colleague import StaffCopy
from services.routing.service.deciding import Actor, at_desk, possible
from shared import events
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.rights import Role
from shared.transitions import TransitionRefusedError
from tests.builders import CITIZEN, KEYS, NUMBER, a_department, an_envelope
from tests.fakes import START
from tests.unit.routing.office import Office, submitted

TODAY, DAY = "2026-03-02", "2026-03-09"
AALIA, BILAL, CHAND, HEAD = (letter * 32 for letter in "abc9")
BY_AALIA = Actor(AALIA, "power", Role.OFFICER)
BY_HEAD = Actor(HEAD, "power", Role.HEAD)
SOFTWARE = Actor("department.power", "power", Role.DEPARTMENT)
DONE = Resolve(outcome="granted", reply="The lamp was replaced.")


def a_team(**open_by: int) -> Team:
    """Three officers and the head of a department."""
    roles = {AALIA: "officer", BILAL: "officer", CHAND: "officer", HEAD: "head"}
    members = {one: StaffCopy(id=one, role=role, department="power") for one, role in roles.items()}
    return Team(members, {account * 32: count for account, count in open_by.items()}, TODAY)


def assigning() -> Assigning:
    """The use case; its stores are not read here."""
    return Assigning(None, None, None)  # type: ignore[arg-type]


def a_part(department: str, day: str = DAY) -> AskPart:
    """A part of the work."""
    return AskPart.model_validate({"department": department, "task": "Dig a trench.", "due": day})


async def routed(office: Office | None = None, **changes: Any) -> tuple[Office, Assignment]:
    """A request at the department."""
    office = office or await Office().open()
    await office.receive(submitted(**changes))
    record = await office.assignments.get(NUMBER)
    assert record is not None
    return office, record


def types(record: Assignment) -> list[str]:
    """The types of the events that it has emitted since it was loaded."""
    return [envelope.type for envelope in record.emitted]


async def test_the_first_to_act_or_accept_is_responsible() -> None:
    office, record = await routed()
    for act, actor, responsible in (
        (Ask(question="Which lamp?"), SOFTWARE, SOFTWARE.id),
        (Progress(note="Looked at it."), BY_AALIA, AALIA),
        (Progress(note="Looked again."), BY_HEAD, AALIA),
        (Progress(note="The part came."), SOFTWARE, AALIA),
    ):
        if record.state == "questioned":
            office.router.answered(record, events.RequestAnswered(citizen_id=CITIZEN), START)
        office.acting.act(record, act, actor, START)
        assert record.taken_by == responsible, act


async def test_an_officer_is_chosen_and_hears_of_it() -> None:
    _, record = await routed()
    assert assigning().apply(a_team(), record, Assign(to=BILAL), BY_HEAD, START)
    assert (record.taken_by, record.state, record.responded_at) == (BILAL, "routed", None)
    assert types(record) == ["request.assigned.v1"]
    assert not assigning().apply(a_team(), record, Assign(to=BILAL), BY_HEAD, START)
    assert assigning().apply(a_team(), record, Claim(), BY_AALIA, START)
    assert (record.taken_by, record.history[-1]["officer"]) == (AALIA, AALIA)
    assert assigning().apply(a_team(), record, Release(), BY_AALIA, START)
    assert record.taken_by is None
    with pytest.raises(InvalidError):
        assigning().apply(a_team(), record, Assign(to="f" * 32), BY_HEAD, START)
    with pytest.raises(NotFoundError):
        assigning().apply(a_team(), record, Claim(), Actor(AALIA, "roads", Role.OFFICER), START)


async def test_a_deputy_gets_what_is_assigned_to_a_colleague_who_is_away() -> None:
    _, record = await routed()
    team = a_team()
    team.members[BILAL].go_away("2026-03-01", "2026-03-02", CHAND)
    team.members[CHAND].go_away("2026-03-02", "2026-03-09", AALIA)
    assigning().apply(team, record, Assign(to=BILAL), BY_HEAD, START)
    assert (record.taken_by, record.history[-1]["deputy_for"]) == (AALIA, BILAL)
    team.members[CHAND].go_away("2026-03-02", "2026-03-09", BILAL)  # nobody is left: it stays with the chosen one
    assigning().apply(team, record, Assign(to=BILAL), BY_HEAD, START)
    assert record.taken_by == BILAL


async def test_the_least_loaded_officer_who_is_present_is_chosen() -> None:
    _, record = await routed()
    team = a_team(a=3, b=1, c=2)
    team.members[BILAL].go_away(TODAY, TODAY, None)
    assigning().apply(team, record, Assign(), BY_HEAD, START)
    assert (record.taken_by, team.open_by[CHAND]) == (CHAND, 3)
    record.hidden_from = [AALIA, CHAND]
    record.taken_by = None
    assigning().apply(team, record, Assign(), BY_HEAD, START)
    assert record.taken_by == HEAD
    record.hidden_from, record.barred, record.taken_by = [], [AALIA, CHAND], None
    assigning().apply(team, record, Assign(), BY_HEAD, START)
    assert record.taken_by == HEAD
    record.hidden_from = [AALIA, CHAND, HEAD]
    with pytest.raises(ConflictError, match="nobody-present"):
        assigning().apply(team, record, Assign(), SOFTWARE, START)


async def test_notes_stay_with_the_department_and_end_with_the_person() -> None:
    _, record = await routed()
    add_note(record, Note(text="Call her first.", mentions=[BILAL, BILAL]), a_team(), BY_AALIA, KEYS, START)
    assert types(record) == ["request.mentioned.v1"]
    assert b"Call" not in record.emitted[-1].data
    [note] = notes_of(record, "power")
    assert (note["by"], note["mentions"]) == (AALIA, [BILAL])
    assert notes_of(record, "roads") == []
    with pytest.raises(InvalidError):
        add_note(record, Note(text="Look.", mentions=["f" * 32]), a_team(), BY_AALIA, KEYS, START)
    record.sealed_point = "sealed"
    record.forget_person("nobody")
    assert record.notes == []
    assert not record.sealed_point


async def test_a_note_is_refused_where_it_cannot_stay() -> None:
    _, record = await routed()
    note = Note(text="Call her first.", mentions=[BILAL])
    record.hidden_from = [BILAL]
    with pytest.raises(InvalidError):
        add_note(record, note, a_team(), BY_AALIA, KEYS, START)
    record.hidden_from, record.notes = [], [{}] * MAX_NOTES
    with pytest.raises(ConflictError, match="too-many-notes"):
        add_note(record, note, a_team(), BY_AALIA, KEYS, START)
    record.notes, record.state = [], AssignmentState.CLOSED
    with pytest.raises(TransitionRefusedError):
        add_note(record, note, a_team(), BY_AALIA, KEYS, START)


def test_an_absence_ends_when_the_member_moves_to_another_department() -> None:
    member = StaffCopy(id=BILAL, role="officer", department="power")
    member.go_away(TODAY, DAY, None)
    for department, away in (("power", True), ("roads", False)):
        moved = events.StaffChanged(role="officer", department=department, active=True)
        staff_changed(member, moved, an_envelope(moved, subject=BILAL))
        assert member.is_away(TODAY) is away


async def test_an_officer_with_an_interest_has_nothing_to_do_with_it() -> None:
    office, record = await routed()
    assigning().apply(a_team(), record, Claim(), BY_AALIA, START)
    with pytest.raises(ForbiddenError):
        declare_interest(record, Interest(officer=BILAL), a_team(), BY_AALIA, office.router, KEYS, START)
    declare_interest(record, Interest(), a_team(), BY_AALIA, office.router, KEYS, START)
    assert (record.taken_by, record.department, record.hidden_from) == (None, "power", [AALIA])
    assert types(record)[-2:] == ["request.recused.v1", "request.assigned.v1"]
    with pytest.raises(NotFoundError):
        assigning().apply(a_team(), record, Claim(), BY_AALIA, START)


async def test_an_interest_in_a_merged_request_is_one_in_its_primary() -> None:
    office, record = await routed()
    assigning().apply(a_team(), record, Claim(), BY_AALIA, START)
    assert not await office.assignments.save_many([record])
    joined = events.RequestDuplicateJoined(citizen_id=CITIZEN, duplicate="RB-1", hidden_from=[AALIA])
    await office.receive(joined, joined)
    stored = office.assignments.documents[NUMBER]
    assert (stored["hidden_from"], stored.get("taken_by")) == ([AALIA], None)
    assert [event["type"] for event in stored["events"]].count("request.recused.v1") == 1


async def test_the_interest_of_a_head_sends_it_one_level_up() -> None:
    office = await Office().open()
    await office.departments.insert_many([a_department("ombudsman")])
    await office.directory.refresh()
    office, record = await routed(office)
    due = record.due_at
    declare_interest(record, Interest(), a_team(), BY_HEAD, office.router, KEYS, START)
    assert (record.department, record.due_at, record.barred_departments) == ("ombudsman", due, ["power"])
    assert types(record)[-2:] == ["request.transferred.v1", "request.routed.v1"]
    assert "department.power" in {envelope.queue for envelope in record.emitted}


async def test_a_complaint_about_a_department_goes_to_the_office_above_it() -> None:
    office = await Office().open()
    await office.departments.insert_many([a_department("ombudsman")])
    await office.directory.refresh()
    _, record = await routed(office, facts={"lights": "one", "names_department": "power"})
    assert (record.department, record.barred_departments) == ("ombudsman", ["power"])
    assert "about" in record.because["en"]
    queues = [event.get("queue") for event in office.assignments.documents[NUMBER]["events"]]
    assert "department.power" not in queues


async def test_a_request_waits_for_its_parts() -> None:
    office, record = await routed()
    parts = Parts(office.directory, office.router, None, KEYS)  # type: ignore[arg-type]
    office.acting.act(record, Accept(), BY_AALIA, START)
    for department, day in (("power", DAY), ("nowhere", DAY), ("roads", "2027-03-09")):
        with pytest.raises(InvalidError):
            parts.ask(record, a_part(department, day), BY_AALIA, START)
    record.barred_departments = ["roads"]
    with pytest.raises(InvalidError):
        parts.ask(record, a_part("roads"), BY_AALIA, START)
    record.barred_departments, record.parts = [], [{"id": "", "state": "done"}] * MAX_PARTS
    with pytest.raises(ConflictError, match="too-many-parts"):
        parts.ask(record, a_part("roads"), BY_AALIA, START)
    record.parts = []
    parts.ask(record, a_part("roads"), BY_AALIA, START)
    [part] = record.parts
    both = ["department.power", "department.roads"]
    assert (record.emitted[-1].type, record.emitted[-1].queues) == ("request.part_asked.v1", both)
    assert "resolve" not in possible(record, BY_AALIA, START)
    assert "part" in at_desk(record, BY_AALIA)
    with pytest.raises(ConflictError, match="parts-open") as refused:
        office.acting.act(record, DONE, BY_AALIA, START)
    assert "oads" in str(refused.value.params["departments"])
    by_roads = Actor("department.roads", "roads", Role.DEPARTMENT)
    with pytest.raises(NotFoundError):
        parts.answer(record, part["id"], "done", "Dug.", BY_AALIA, START)
    with pytest.raises(InvalidError):
        parts.answer(record, part["id"], "refused", None, by_roads, START)
    parts.answer(record, part["id"], "accepted", None, by_roads, START)
    with pytest.raises(ConflictError, match="parts-open"):
        office.acting.act(record, DONE, BY_AALIA, START)
    parts.answer(record, part["id"], "done", "Dug.", by_roads, START)
    changes = [(one.type, one.queues) for one in record.emitted if one.type == "request.part_changed.v1"]
    assert changes == [("request.part_changed.v1", both)] * 2
    with pytest.raises(ConflictError, match="part-over"):
        parts.cancel(record, part["id"], BY_AALIA, START)
    office.acting.act(record, DONE, BY_AALIA, START)
    record.forget_person("nobody")
    assert not any(name.startswith("sealed_") for name in record.parts[0])


async def test_the_end_of_a_request_cancels_its_parts() -> None:
    office, record = await routed()
    parts = Parts(office.directory, office.router, None, KEYS)  # type: ignore[arg-type]
    parts.ask(record, a_part("roads"), BY_AALIA, START)
    assert not await office.assignments.save_many([record])
    await office.receive(events.RequestWithdrawn(citizen_id=CITIZEN))
    [part] = office.assignments.documents[NUMBER]["parts"]
    assert part["state"] == "cancelled"
    stored = office.assignments.documents[NUMBER]["events"]
    told = [(event["type"], event.get("queue"), event.get("second_queue")) for event in stored]
    assert ("request.part_changed.v1", "department.power", "department.roads") in told
