"""What those at a department can do with a request here; what they do with the assignment, routing tells."""

from services.requests.duplicates.models.following import closed_to_others
from services.requests.request.models.attachment import MAX_OF_A_SIDE
from services.requests.request.models.files import can_add
from services.requests.request.models.lifecycle import AT_DEPARTMENT, UNVERIFIED, State
from services.requests.request.models.request import MAX_STEPS, Request
from shared.rights import OFFICERS, WORKERS, Role


def has_or_gets(request: Request, department: str | None) -> bool:
    """Whether it is at the department, or would go there if verification did not hold it up."""
    return department is not None and department in (request.department, request.intended)


def actions_of_department(
    request: Request, role: Role, department: str | None, *, is_primary: bool = False
) -> list[str]:
    """What somebody who reads it in that role, at that department, can do now, for clients that show buttons.

    `is_primary`: others were merged into it.
    """
    if request.anonymised_at is not None or department is None:
        return []
    possible = {
        "override": role in OFFICERS and request.state in UNVERIFIED and request.intended == department,
        "merge": role in OFFICERS and _can_merge(request, department) and not is_primary,
        "unmerge": role in OFFICERS and request.state == State.DUPLICATE,
        "attach": role in WORKERS and _can_attach(request, department),
    }
    return [action for action, can in possible.items() if can]


def _can_merge(request: Request, department: str | None) -> bool:
    here = request.department == department and request.state in AT_DEPARTMENT
    alone = request.disputed or closed_to_others(request)
    return here and not alone and len(request.history) < MAX_STEPS


def _can_attach(request: Request, department: str | None) -> bool:
    here = request.department == department and can_add(request, "evidence")
    return here and sum(entry["kind"] == "evidence" for entry in request.attachments) < MAX_OF_A_SIDE
