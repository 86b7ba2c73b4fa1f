"""Appeals go past all departments that handled the first request; no person who acted on it decides."""

from datetime import timedelta
from typing import Any

import pytest

from services.routing.estimating import MIN_COUNT
from services.routing.models.acts import Accept, Resolve, Transfer
from services.routing.models.assignment import AssignmentState
from services.routing.service.deciding import Actor
from services.routing.store.assignments import Done
from shared import events
from shared.errors import ForbiddenError, InvalidError
from shared.rights import Role
from tests.builders import CITIZEN, NUMBER, a_department
from tests.fakes import START
from tests.unit.routing.office import Office

OWN = "RB-AAAA-AAAA-A"
DONE = Resolve(outcome="granted", reply="The lamp must be mended within a week.")


async def office() -> Office:
    """An office whose departments have a chain of authorities: power, regulator, ombudsman."""
    office = await Office().open()
    await office.departments.insert_many(
        [
            a_department("regulator", appeals_to="ombudsman"),
            a_department("ombudsman"),
            a_department("water"),
            a_department("ring", appeals_to="round"),
            a_department("round", appeals_to="ring"),
            a_department("own", appeals_to="own"),
            a_department("bench", appeals_to="tribunal"),
            a_department("tribunal"),
        ]
    )
    office.departments.documents["power"]["appeals_to"] = "regulator"
    await office.directory.refresh()
    return office


def filed(**changes: Any) -> events.RequestAppealFiled:
    """An appeal against a decision of power."""
    fields: dict[str, Any] = {
        "citizen_id": CITIZEN,
        "appeal_of": NUMBER,
        "service": "street-light-out",
        "service_version": 1,
        "district": "peshawar",
        "department": "power",
        "departments": ["power"],
        "actors": ["officer-1", "head-1", "department.power"],
    }
    return events.RequestAppealFiled(**fields | changes)


@pytest.mark.parametrize(
    ("department", "departments", "authority"),
    [
        ("power", ["power"], "regulator"),
        ("power", ["power", "regulator"], "ombudsman"),
        ("power", ["power", "regulator", "ombudsman"], "ombudsman"),
        ("regulator", ["power", "regulator"], "ombudsman"),
        ("roads", ["roads"], "ombudsman"),
        ("ring", ["ring", "round"], "ombudsman"),
        ("own", ["own"], "ombudsman"),
        ("bench", ["bench", "tribunal"], "ombudsman"),
        ("ombudsman", ["ombudsman"], "ombudsman"),
    ],
)
async def test_an_appeal_goes_up_the_chain_past_all_departments_that_handled_it(
    department: str, departments: list[str], authority: str
) -> None:
    court = await office()
    assert await court.receive(filed(department=department, departments=departments), number=OWN) == ["done"]
    document = court.assignments.documents[OWN]
    assert (document["department"], document["kind"], document["due_counted"]) == (authority, "appeal", "elapsed")
    event = events.RequestRouted.model_validate_json(document["events"][0]["data"])
    assert (event.kind, document["events"][0]["queue"]) == ("appeal", f"department.{authority}")


async def test_a_person_who_acted_on_the_first_request_cannot_act_on_the_appeal() -> None:
    court = await office()
    await court.receive(filed(), number=OWN)
    record = await court.assignments.get(OWN)
    assert record is not None
    for barred in (Actor("head-1", "regulator", Role.HEAD), Actor("officer-1", "regulator", Role.APPELLATE)):
        with pytest.raises(ForbiddenError, match="barred"):
            court.acting.act(record, Accept(), barred, START)
    for other in (Actor("officer-9", "regulator", Role.OFFICER), Actor("department.regulator", "regulator")):
        with pytest.raises(ForbiddenError, match="appellate-only"):
            court.acting.act(record, Accept(), other, START)
    judge = Actor("judge-1", "regulator", Role.APPELLATE)
    with pytest.raises(InvalidError):
        court.acting.act(record, Transfer(to="power", reason="They know it best."), judge, START)
    court.acting.act(record, Accept(), judge, START)
    court.acting.act(record, DONE, judge, START)
    assert str(record.state) == "closed"
    assert [envelope.type for envelope in record.emitted][-2:] == ["request.resolved.v1", "request.closed.v1"]
    event = events.RequestResolved.model_validate_json(record.emitted[-2].data)
    assert event.level == "appeal"


async def test_an_interest_in_the_first_request_is_one_in_the_appeal() -> None:
    court = await office()
    await court.receive(filed(hidden_from=["judge-1"]), number=OWN)
    document = court.assignments.documents[OWN]
    assert (document["hidden_from"], document["state"]) == (["judge-1"], "routed")
    assert [event["type"] for event in document["events"]] == ["request.routed.v1", "request.recused.v1"]


async def test_an_appeal_needs_no_evidence_and_has_no_expected_range() -> None:
    court = await office()
    court.directory.services["street-light-out"].evidence = True
    court.done.of["street-light-out"] = [Done("power", START - timedelta(days=1), START)] * MIN_COUNT
    await court.estimator.refresh()
    await court.receive(filed(), number=OWN)
    record = await court.assignments.get(OWN)
    assert record is not None
    assert '"expected"' not in str(court.assignments.documents[OWN]["events"])
    judge = Actor("judge-1", "regulator", Role.APPELLATE)
    court.acting.act(record, Accept(), judge, START)
    court.acting.act(record, DONE, judge, START)
    assert str(record.state) == "closed"


async def test_a_remitted_request_goes_to_the_head_with_the_authoritys_text() -> None:
    court = await office()
    record = court.assignments.kind(id=NUMBER, citizen_id=CITIZEN, department="power", state=AssignmentState.RESOLVED)
    appeal = events.RequestAppealed(citizen_id=CITIZEN, appeal="RB-0000-0001-X")
    court.router.appealed(record, appeal, START)
    assert str(record.state) == "under_appeal"
    court.router.remitted(record, events.RequestRemitted(citizen_id=CITIZEN, appeal=OWN, words="sealed"), START)
    assert (str(record.state), record.for_head) == ("reopened", True)
    event = events.RequestReopened.model_validate_json(record.emitted[-1].data)
    assert (event.reason, event.words, record.emitted[-1].queue) == ("appeal_granted", "sealed", "department.power")
    head = Actor("head-1", "power", Role.HEAD)
    court.acting.act(record, Accept(), head, START)
    court.acting.act(record, DONE, head, START)
    decided = events.RequestResolved.model_validate_json(record.emitted[-1].data)
    assert (decided.level, decided.final) == ("head", True), "there is no second appeal to be told of"
