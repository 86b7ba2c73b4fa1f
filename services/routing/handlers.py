"""What routing does with each event of other services: `RequestHandlers`, `SERVICE_HANDLERS`, `STAFF_HANDLERS`."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Literal

from services.routing.directory import Directory
from services.routing.models.assignment import Assignment, AssignmentState
from services.routing.models.colleague import StaffCopy
from services.routing.models.directory import ServiceCopy
from services.routing.models.reasons import REVIVED, SEPARATED
from services.routing.rules.service.in_force import RulesInForce
from services.routing.service.deciding import hide_as_before
from services.routing.service.routing import (
    BY_CITIZEN,
    BY_CLOCK,
    BY_ROUTING,
    Ending,
    RequestRouter,
)
from shared import events
from shared.bus import Delivery, Outcome
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import Event
from shared.inbox import Apply, Inbox

Handle = Callable[[Assignment, Any, datetime], None]
"""Changes an assignment because of an event, at a time."""


class RequestHandlers:
    """What routing does with each event of requests; the router decides where a request goes."""

    def __init__(self, router: RequestRouter) -> None:
        self._router = router

    @property
    def table(self) -> Mapping[type[Event], Handle]:
        """The function for each event. Those of `_ignored` concern the citizen's side only."""
        router = self._router
        return {
            events.RequestSubmitted: router.filed,
            events.RequestCorrected: router.filed,
            events.RequestOverridden: router.filed,
            events.RequestAppealFiled: self.appeal_filed,
            events.RequestAnswered: router.answered,
            events.RequestDisputed: router.disputed,
            events.RequestAppealed: router.appealed,
            events.RequestRemitted: router.remitted,
            events.RequestMerged: self.merged,
            events.RequestDuplicateJoined: self.duplicate_joined,
            events.RequestSeparated: partial(router.separated, because=SEPARATED, why="separated"),
            events.RequestRevived: partial(router.separated, because=REVIVED, why="revived"),
            events.RequestConfirmed: self.confirmed,
            events.RequestRated: self.rated,
            events.RequestWithdrawn: partial(self._end, "withdrawn"),
            events.RequestLapsed: partial(self._end, "lapsed"),
            events.RequestLetStand: partial(self._end, "let_stand"),
            events.RequestAppealDecided: partial(self._end, "appeal_decided"),
            events.RequestAnonymised: router.anonymised,
            events.RequestEvidenceAdded: self.evidence_added,
            events.RequestAttachmentAdded: self.attachment_added,
            events.RequestAttachmentRemoved: self.attachment_removed,
            events.RequestToldMore: self.told_more,
            events.RequestReminded: self.reminded,
            events.RequestCitizenCorrected: self.citizen_corrected,
            events.RequestFollowed: self._ignored,
            events.RequestUnfollowed: self._ignored,
        }

    def appeal_filed(self, assignment: Assignment, event: events.RequestAppealFiled, now: datetime) -> None:
        """Route an appeal to an authority that did not handle the original request."""
        self._router.appeal_filed(assignment, event, now)
        hide_as_before(assignment, event.hidden_from, now, by=BY_ROUTING)

    def merged(self, assignment: Assignment, event: events.RequestMerged, now: datetime) -> None:
        """Close it: it goes on under another number."""
        hide_as_before(assignment, event.hidden_from, now, by="officer")
        self._router.end(assignment, "merged", now, into=event.into)

    def duplicate_joined(self, assignment: Assignment, event: events.RequestDuplicateJoined, now: datetime) -> None:
        """Tell the department that another request was merged into this one."""
        hide_as_before(assignment, event.hidden_from, now, by="officer")
        fields = assignment.event_fields("officer")
        assignment.tell_of_change(events.RequestAbsorbed(**fields, duplicate=event.duplicate), now)

    def confirmed(self, assignment: Assignment, event: events.RequestConfirmed, now: datetime) -> None:
        """Close it: the citizen agrees with the outcome."""
        assignment.rate(event.rating, now)
        self._router.end(assignment, "confirmed", now, rating=event.rating)

    def rated(self, assignment: Assignment, event: events.RequestRated, now: datetime) -> None:
        """Tell the department how the citizen rated the finished request."""
        assignment.rate(event.rating, now)
        fields = assignment.event_fields(BY_CITIZEN)
        assignment.tell_of_change(events.RequestGraded(**fields, rating=event.rating), now)

    def evidence_added(self, assignment: Assignment, event: events.RequestEvidenceAdded, now: datetime) -> None:
        """Note a file that the department added to show what was done."""
        assignment.add_evidence(event.department, event.attachment)
        if event.department == assignment.department:
            self._file_added(assignment, event, now, by=event.actor or f"department.{event.department}")

    def attachment_added(self, assignment: Assignment, event: events.RequestAttachmentAdded, now: datetime) -> None:
        """Tell the department of a citizen's file."""
        self._file_added(assignment, event, now, by=BY_CITIZEN)

    def attachment_removed(self, assignment: Assignment, event: events.RequestAttachmentRemoved, now: datetime) -> None:
        """Tell the department that a file is gone for good."""
        fields = assignment.event_fields(BY_ROUTING if event.infected else BY_CITIZEN)
        removed = events.RequestFileRemoved(**fields, attachment=event.attachment, sha256=event.sha256)
        assignment.tell_of_change(removed, now)

    def told_more(self, assignment: Assignment, event: events.RequestToldMore, now: datetime) -> None:
        """Tell the department of words that the citizen of a merged request added."""
        fields = assignment.event_fields(BY_CITIZEN)
        assignment.tell_of_change(events.RequestWordsAdded(**fields, into=event.into), now)

    def reminded(self, assignment: Assignment, event: events.RequestReminded, now: datetime) -> None:
        """Tell the department until when its request waits for the citizen; nothing changes in it."""
        if assignment.question_open or assignment.state == AssignmentState.RESOLVED:
            about: Literal["questioned", "resolved"] = "questioned" if assignment.question_open else "resolved"
            fields = assignment.event_fields(BY_CLOCK)
            assignment.tell(events.RequestCitizenReminded(**fields, about=about, until=event.until), now)

    def citizen_corrected(self, assignment: Assignment, _: events.RequestCitizenCorrected, now: datetime) -> None:
        """Tell the department to read name and mobile of the citizen again."""
        assignment.tell_of_change(events.RequestContactChanged(**assignment.event_fields(BY_CITIZEN)), now)

    def _end(self, reason: Ending, assignment: Assignment, _: Event, now: datetime) -> None:
        """Close it, for a reason that needs nothing else of the event."""
        self._router.end(assignment, reason, now)

    @staticmethod
    def _file_added(
        assignment: Assignment,
        event: events.RequestEvidenceAdded | events.RequestAttachmentAdded,
        now: datetime,
        *,
        by: str,
    ) -> None:
        fields = assignment.event_fields(by)
        file = {"attachment": event.attachment, "content_type": event.content_type, "sha256": event.sha256}
        assignment.tell_of_change(events.RequestFileAdded(**fields, **file), now)

    @staticmethod
    def _ignored(assignment: Assignment, event: Event, now: datetime) -> None:
        """Do nothing."""


def handlers_of(router: RequestRouter) -> dict[str, Apply[Assignment]]:
    """The handlers of the events of requests, as an inbox takes them."""

    def applying(handle: Handle) -> Apply[Assignment]:
        return lambda assignment, event, _: handle(assignment, event, utc_now())

    return {contract.type: applying(handle) for contract, handle in RequestHandlers(router).table.items()}


def service_published(copy: ServiceCopy, service: events.ServicePublished, _: Envelope) -> None:
    """Copy the catalogue's department rules and time limits."""
    copy.version, copy.kind, copy.name = service.version, service.kind, service.name
    copy.due, copy.respond, copy.department = service.due, service.respond, service.department
    copy.evidence = bool(service.evidence)
    copy.category = service.category or copy.category


def staff_named(colleague: StaffCopy, event: events.StaffNamed, _: Envelope) -> None:
    """Keep the name of a member of staff, sealed as it came, for their colleagues."""
    colleague.sealed_name = event.name


def staff_changed(colleague: StaffCopy, place: events.StaffChanged, _: Envelope) -> None:
    """Keep where somebody works, for assigning and for deputies; what they may do is told by their token."""
    if place.department != colleague.department:
        colleague.come_back()  # an absence was entered for the work at the department before
    colleague.role, colleague.department, colleague.active = place.role, place.department, place.active


def service_withdrawn(_: ServiceCopy, __: Event, ___: Envelope) -> None:
    """Do nothing: its filed requests are routed as before."""


SERVICE_HANDLERS: dict[str, Apply[ServiceCopy]] = {
    events.ServicePublished.type: service_published,
    events.ServiceWithdrawn.type: service_withdrawn,
}
STAFF_HANDLERS: dict[str, Apply[StaffCopy]] = {
    events.StaffNamed.type: staff_named,
    events.StaffChanged.type: staff_changed,
}


class RequestInbox:
    """Handles the events of requests, after loading the services that they name, and areas if a rule asks for them."""

    def __init__(self, inbox: Inbox[Assignment], directory: Directory, rules: RulesInForce | None = None) -> None:
        self._inbox = inbox
        self._directory = directory
        self._rules = rules

    async def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """One outcome for each delivery."""
        await self._directory.load_missing({named for delivery in deliveries if (named := _service_of(delivery.body))})
        if self._rules is not None and self._rules.asks_for_areas:
            await self._rules.look_up([place for delivery in deliveries if (place := _place_of(delivery))])
        return await self._inbox.take(deliveries)


def _service_of(body: bytes) -> tuple[str, int] | None:
    """The service and version that a filing names; None for any other event, and for an unreadable body."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        data = json.loads(body)
        return str(data["service"]), int(data["service_version"])
    return None


def _place_of(delivery: Delivery) -> tuple[str, str] | None:
    """The number and the sealed point of a filing; None for anything else."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        return delivery.envelope.subject, str(json.loads(delivery.body)["point"])
    return None
