"""What verification may know of a citizen, and what events say of its results."""

from typing import Any

from services.requests.catalogue.verification import UNVERIFIED, Checks, RuleResult
from services.requests.request.models.request import CitizenCopy, Request
from shared import events
from shared.records import Records


def filed_event(
    kind: type[events.RequestSubmitted] | type[events.RequestCorrected], request: Request, results: list[RuleResult]
) -> events.RequestFiled:
    """The event that tells of a filing or a correction: ids and closed answers, nothing that somebody wrote."""
    failed = [result.code for result in results if not result.passed]
    return kind.model_validate({**filed_fields(request), "failed_rules": failed})


def filed_fields(request: Request) -> dict[str, Any]:
    """What every event says that leads to routing."""
    return {
        "citizen_id": request.citizen_id,
        "service": request.service,
        "service_version": request.service_version,
        "kind": request.kind,
        "district": request.district,
        "facts": request.facts,
        "state": request.state,
    }


async def identity_of(citizens: Records[CitizenCopy], citizen_id: str, checks: Checks) -> str:
    """What the registry of identities said of a citizen, read only where a rule may look at it."""
    citizen = await citizens.get(citizen_id) if checks.asks_identity else None
    return citizen.identity if citizen is not None else UNVERIFIED
