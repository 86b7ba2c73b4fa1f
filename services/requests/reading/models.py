"""What members of staff can do with a request, and limits of wrong digits."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.requests.duplicates.models import is_private
from services.requests.request.models.attachment import MAX_OF_A_SIDE
from services.requests.request.models.files import can_add
from services.requests.request.models.lifecycle import AT_DEPARTMENT, UNVERIFIED, State
from services.requests.request.models.request import MAX_STEPS, Request
from shared.rights import OFFICERS, WORKERS, Role


def has_or_gets(request: Request, department: str | None) -> bool:
    """Whether the request is at the department, or would go there."""
    return department is not None and department in (request.department, request.intended)


def actions_of_department(
    request: Request, role: Role, department: str | None, *, is_primary: bool = False
) -> list[str]:
    """What a reader with that role and department can do now, for clients that show buttons.

    `is_primary`: other requests were merged into it.
    """
    if request.anonymised_at is not None or department is None:
        return []
    possible = {
        "override": role in OFFICERS and request.state in UNVERIFIED and request.intended == department,
        "merge": role in OFFICERS and _can_merge(request, department) and not is_primary,
        "unmerge": role in OFFICERS and request.state == State.DUPLICATE,
        "publish": role in OFFICERS and request.department == department and request.public_id is not None,
        "attach": role in WORKERS and _can_attach(request, department),
    }
    return [action for action, can in possible.items() if can]


def _can_merge(request: Request, department: str | None) -> bool:
    here = request.department == department and request.state in AT_DEPARTMENT
    alone = request.disputed or is_private(request)
    return here and not alone and len(request.history) < MAX_STEPS


def _can_attach(request: Request, department: str | None) -> bool:
    here = request.department == department and can_add(request, "evidence")
    return here and sum(entry["kind"] == "evidence" for entry in request.attachments) < MAX_OF_A_SIDE


@dataclass(frozen=True)
class Bucket:
    """A token bucket: `most` attempts at once, refilled by one after `every`; `code` is the problem when empty."""

    most: int
    every: timedelta
    code: str


HERE = Bucket(10, timedelta(minutes=30), "digits-locked-here")
NUMBER = Bucket(100, timedelta(minutes=10), "digits-locked")
AN_ADDRESS_AN_HOUR = 300


def of_an_address(most: int) -> Bucket:
    """For an address, which hundreds of people may share: `most` attempts over all numbers, refilled in an hour."""
    return Bucket(most, timedelta(hours=1) / most, "network-failures")


@dataclass(frozen=True)
class TrackLimits:
    """Limits of wrong digits: for a number from one address, for a number, and for an address.

    One guess in 10,000 is correct. One address has 48 attempts a day for a number, all addresses together 144: a chance
    of about one in 70 a day. Citizens are locked out only if ten addresses have used up their attempts.
    """

    here: Bucket = HERE
    number: Bucket = NUMBER
    address: Bucket = field(default_factory=lambda: of_an_address(AN_ADDRESS_AN_HOUR))


@dataclass(frozen=True)
class Tally:
    """How many attempts were granted; if too few, the seconds until the next one, and the problem."""

    granted: int
    seconds: int
    code: str
