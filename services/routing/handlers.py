"""What routing does with each event of other services: `handlers_of`, `SERVICE_HANDLERS` and `STAFF_HANDLERS`."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from services.routing.directory import Directory
from services.routing.models.assignment import Assignment
from services.routing.models.colleague import StaffName
from services.routing.models.directory import ServiceCopy
from services.routing.service.routing import REVIVED, RequestRouter
from shared import events
from shared.bus import Delivery, Outcome
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import Event
from shared.inbox import Apply, Inbox


def handlers_of(router: RequestRouter) -> dict[str, Apply[Assignment]]:
    """The handlers of the events of requests; `router` decides."""

    def filed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Route a request that passed its rules; one that did not waits for its correction."""
        router.filed(assignment, cast(events.RequestFiled, event), utc_now())

    def answered(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Let the department go on: the citizen answered its question."""
        router.answered(assignment, utc_now())

    def confirmed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: the citizen agrees with the outcome."""
        router.end(assignment, "confirmed", utc_now())

    def disputed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Reopen it for the head of the department: the citizen disagrees with the outcome."""
        router.disputed(assignment, cast(events.RequestDisputed, event), utc_now())

    def withdrawn(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: the citizen withdrew it."""
        router.end(assignment, "withdrawn", utc_now())

    def anonymised(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Erase everything that could identify a person."""
        assignment.forget_person(cast(events.RequestAnonymised, event).citizen_id)

    def lapsed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: the citizen did not answer in time."""
        router.end(assignment, "lapsed", utc_now())

    def let_stand(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: the citizen did not dispute the outcome in time."""
        router.end(assignment, "let_stand", utc_now())

    def merged(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: it goes on under another number."""
        router.end(assignment, "merged", utc_now(), into=cast(events.RequestMerged, event).into)

    def separated(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Give the department a request back that was merged by mistake."""
        router.separated(assignment, utc_now())

    def revived(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Give the department a merged request back, because its primary was closed without being done."""
        router.separated(assignment, utc_now(), REVIVED)

    def appealed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Pause it: nobody at the department may act until the authority has decided the appeal."""
        router.appealed(assignment, utc_now())

    def appeal_filed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Route an appeal to an authority that did not handle the original request."""
        router.appeal_filed(assignment, cast(events.RequestAppealFiled, event), utc_now())

    def remitted(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Reopen it for the head of the department: the authority sent it back."""
        router.remitted(assignment, cast(events.RequestRemitted, event), utc_now())

    def appeal_decided(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: the authority upheld the head's decision."""
        router.end(assignment, "appeal_decided", utc_now())

    def nothing_to_do(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Do nothing: the event concerns the citizen's side only."""

    def evidence_added(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Note a file that the department added to show what was done."""
        added = cast(events.RequestEvidenceAdded, event)
        assignment.add_evidence(added.department, added.attachment)

    return {
        events.RequestFollowed.type: nothing_to_do,
        events.RequestUnfollowed.type: nothing_to_do,
        events.RequestMerged.type: merged,
        events.RequestSeparated.type: separated,
        events.RequestRevived.type: revived,
        events.RequestSubmitted.type: filed,
        events.RequestCorrected.type: filed,
        events.RequestOverridden.type: filed,
        events.RequestAnswered.type: answered,
        events.RequestConfirmed.type: confirmed,
        events.RequestDisputed.type: disputed,
        events.RequestWithdrawn.type: withdrawn,
        events.RequestAnonymised.type: anonymised,
        events.RequestLapsed.type: lapsed,
        events.RequestLetStand.type: let_stand,
        events.RequestReminded.type: nothing_to_do,
        events.RequestAppealed.type: appealed,
        events.RequestAppealFiled.type: appeal_filed,
        events.RequestRemitted.type: remitted,
        events.RequestAppealDecided.type: appeal_decided,
        events.RequestRated.type: nothing_to_do,
        events.RequestEvidenceAdded.type: evidence_added,
    }


def service_published(copy: ServiceCopy, event: Event, _: Envelope) -> None:
    """Copy the catalogue's department rules and time limits."""
    service = cast(events.ServicePublished, event)
    copy.version, copy.kind, copy.name = service.version, service.kind, service.name
    copy.due, copy.respond, copy.department = service.due, service.respond, service.department
    copy.evidence = bool(service.evidence)


def staff_named(colleague: StaffName, event: Event, _: Envelope) -> None:
    """Keep the name of a member of staff, sealed as it came, for their colleagues."""
    colleague.sealed_name = cast(events.StaffNamed, event).name


def staff_changed(_: StaffName, __: Event, ___: Envelope) -> None:
    """Do nothing: an officer's token says where they work. The event counts in their sequence only."""


SERVICE_HANDLERS: dict[str, Apply[ServiceCopy]] = {events.ServicePublished.type: service_published}
STAFF_HANDLERS: dict[str, Apply[StaffName]] = {
    events.StaffNamed.type: staff_named,
    events.StaffChanged.type: staff_changed,
}


class RequestInbox:
    """Handles the events of requests, after loading the services that they name."""

    def __init__(self, inbox: Inbox[Assignment], directory: Directory) -> None:
        self._inbox = inbox
        self._directory = directory

    async def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """One outcome for each delivery."""
        await self._directory.load_missing({named for delivery in deliveries if (named := _service_of(delivery.body))})
        return await self._inbox.take(deliveries)


def _service_of(body: bytes) -> tuple[str, int] | None:
    """The service and version that a filing names; None for any other event, and for an unreadable body."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        data = json.loads(body)
        return str(data["service"]), int(data["service_version"])
    return None
