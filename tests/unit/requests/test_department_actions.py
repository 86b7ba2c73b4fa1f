"""The actions of a department's members in this service: the listed actions are those that succeed."""

from typing import Any

from services.requests.reading.models import actions_of_department
from services.requests.request.models.lifecycle import State
from shared.rights import Role
from tests.builders import a_request
from tests.cases import cases
from tests.fakes import START

S = State
HERE: dict[str, Any] = {"department": "power"}
CASES: list[tuple[dict[str, Any], Role, list[str]]] = [
    ({"state": S.ROUTED, **HERE}, Role.OFFICER, ["merge", "attach"]),
    ({"state": S.IN_PROGRESS, **HERE}, Role.HEAD, ["merge", "attach"]),
    ({"state": S.CLOSED, "public_id": "RP-1", **HERE}, Role.OFFICER, ["publish"]),
    ({"state": S.CLOSED, "public_id": "RP-1", **HERE}, Role.DEPARTMENT, []),
    ({"state": S.ROUTED, **HERE}, Role.APPELLATE, ["attach"]),
    ({"state": S.ROUTED, **HERE}, Role.DEPARTMENT, ["attach"]),
    ({"state": S.ROUTED, **HERE}, Role.CLERK, []),
    ({"state": S.REOPENED, "disputed": True, **HERE}, Role.HEAD, ["attach"]),
    ({"state": S.ROUTED, "confidential": True, **HERE}, Role.OFFICER, ["attach"]),
    ({"state": S.ROUTED, "citizen_id": "anonymous:1", **HERE}, Role.OFFICER, ["attach"]),
    ({"state": S.ROUTED, "appeal_of": "RB-AAAA-AAAA-A", **HERE}, Role.OFFICER, ["attach"]),
    ({"state": S.DUPLICATE, **HERE}, Role.OFFICER, ["unmerge"]),
    ({"state": S.DUPLICATE, **HERE}, Role.APPELLATE, []),
    ({"state": S.RESOLVED, **HERE}, Role.OFFICER, []),
    ({"state": S.INELIGIBLE, "intended": "power"}, Role.OFFICER, ["override"]),
    ({"state": S.INELIGIBLE, "intended": "power"}, Role.APPELLATE, []),
    ({"state": S.INELIGIBLE, "intended": "water"}, Role.OFFICER, []),
    ({"state": S.ROUTED, "department": "water"}, Role.OFFICER, []),
    ({"state": S.ROUTED, "anonymised_at": START, **HERE}, Role.OFFICER, []),
]


@cases("fields, role, actions", CASES)
def test_possible_actions(fields: dict[str, Any], role: Role, actions: list[str]) -> None:
    assert actions_of_department(a_request(**fields), role, "power") == actions


def test_nobody_without_a_department_can_do_anything() -> None:
    assert actions_of_department(a_request(state=S.ROUTED), Role.OFFICER, None) == []
