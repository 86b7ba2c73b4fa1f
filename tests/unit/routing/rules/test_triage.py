"""Where no rule decides, and from the third transfer on, a person at the triage desk chooses the department."""

from datetime import datetime
from typing import Any, cast

from services.routing.models.acts import Transfer
from services.routing.models.assignment import Assignment
from services.routing.models.directory import TRIAGE, Choice
from services.routing.models.reasons import UNDECIDED
from services.routing.rules.service.in_force import RulesInForce
from services.routing.service.acting import MAX_TRANSFERS
from shared import events
from tests.builders import NUMBER, a_department, a_service_copy
from tests.unit.routing.office import Office, submitted

TO_ROADS, TO_POWER = Transfer(to="roads", reason="It is theirs."), Transfer(to="power", reason="It is not ours.")


class OneRule:
    """A rule set whose rule always matches."""

    def choose(self, assignment: Assignment, now: datetime) -> Choice | None:
        """The choice of the rule."""
        return Choice("roads", {"en": "All to roads.", "ur": "سب سڑکوں کو۔"}, "All to roads", 7)


async def an_office() -> Office:
    """An office with a triage desk."""
    office = await Office().open()
    await office.departments.insert_many([a_department(TRIAGE)])
    await office.directory.refresh()
    return office


def department_of(office: Office) -> Any:
    """The department that has the request."""
    return office.assignments.documents[NUMBER]["department"]


async def test_the_rule_set_decides_before_the_service_and_the_history_names_its_rule() -> None:
    office = await an_office()
    office.router.rules = cast(RulesInForce, OneRule())
    await office.receive(submitted())
    [step] = office.assignments.documents[NUMBER]["history"]
    assert (department_of(office), step["rule"], step["rules_version"]) == ("roads", "All to roads", 7)
    assert step["because"]["en"] == "All to roads."


async def test_a_request_that_no_rule_routes_goes_to_the_triage_desk_with_its_clocks() -> None:
    office = await an_office()
    office.services.documents.clear()
    copy = a_service_copy()
    copy.department = [{"when": {"lights": ["many"]}, "to": "roads", "because": {"en": "Many.", "ur": "کئی۔"}}]
    await office.services.insert_many([copy])
    await office.directory.refresh()
    await office.receive(submitted(facts={"lights": "one"}))
    document = office.assignments.documents[NUMBER]
    assert (document["department"], document["because"]) == (TRIAGE, UNDECIDED)
    assert document["due_at"] is not None


async def test_a_request_for_a_department_that_is_gone_goes_to_the_triage_desk() -> None:
    office = await an_office()
    del office.departments.documents["power"]
    await office.directory.refresh()
    await office.receive(submitted())
    assert department_of(office) == TRIAGE


async def test_the_third_transfer_goes_to_triage_and_the_event_names_who_was_wanted() -> None:
    office = await an_office()
    await office.receive(submitted())
    for act in [TO_ROADS, TO_POWER, TO_ROADS]:
        await office.as_head(act)
    document = office.assignments.documents[NUMBER]
    assert (department_of(office), MAX_TRANSFERS) == (TRIAGE, 2)
    last = [event for event in document["events"] if event["type"] == events.RequestTransferred.type][-1]
    transferred = events.RequestTransferred.model_validate_json(last["data"])
    assert (transferred.department, transferred.to, transferred.wanted) == ("power", TRIAGE, "roads")


async def test_the_triage_desk_sends_it_on_and_the_next_transfer_comes_back_to_it() -> None:
    office = await an_office()
    await office.receive(submitted())
    due_at = office.assignments.documents[NUMBER]["due_at"]
    for act in [TO_ROADS, TO_POWER, TO_ROADS, TO_ROADS]:
        await office.as_head(act)
    assert department_of(office) == "roads"
    await office.as_head(TO_POWER)
    assert department_of(office) == TRIAGE
    assert office.assignments.documents[NUMBER]["due_at"] == due_at


async def test_a_department_may_send_a_request_to_triage_by_itself() -> None:
    office = await an_office()
    await office.receive(submitted())
    await office.as_head(Transfer(to=TRIAGE, reason="We do not know who keeps it."))
    assert department_of(office) == TRIAGE
    for act, there in ((TO_ROADS, "roads"), (TO_POWER, "power"), (TO_ROADS, TRIAGE)):  # its own does not count
        await office.as_head(act)
        assert department_of(office) == there
