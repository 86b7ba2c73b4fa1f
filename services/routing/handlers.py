"""What routing does with each event of other services: `handlers_of`, `SERVICE_HANDLERS` and `STAFF_HANDLERS`."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from services.routing.directory import Directory
from services.routing.models.assignment import Assignment
from services.routing.models.colleague import StaffCopy
from services.routing.models.directory import ServiceCopy
from services.routing.models.reasons import REVIVED
from services.routing.service.hiding import hide_as_before
from services.routing.service.routing import BY_CITIZEN, BY_ROUTING, PublishedRules, RequestRouter
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
        rating = cast(events.RequestConfirmed, event).rating
        assignment.rate(rating, utc_now())
        router.end(assignment, "confirmed", utc_now(), rating=rating)

    def disputed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Reopen it for the head of the department: the citizen disagrees with the outcome."""
        router.disputed(assignment, cast(events.RequestDisputed, event), utc_now())

    def withdrawn(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: the citizen withdrew it."""
        router.end(assignment, "withdrawn", utc_now())

    def anonymised(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Erase everything that could identify a person."""
        router.anonymised(assignment, cast(events.RequestAnonymised, event), utc_now())

    def lapsed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: the citizen did not answer in time."""
        router.end(assignment, "lapsed", utc_now())

    def let_stand(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: the citizen did not dispute the outcome in time."""
        router.end(assignment, "let_stand", utc_now())

    def merged(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Close it: it goes on under another number."""
        joined = cast(events.RequestMerged, event)
        hide_as_before(assignment, joined.hidden_from, utc_now(), by="officer")
        router.end(assignment, "merged", utc_now(), into=joined.into)

    def separated(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Give the department a request back that was merged by mistake."""
        router.separated(assignment, utc_now())

    def revived(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Give the department a merged request back, because its primary was closed without being done."""
        router.separated(assignment, utc_now(), REVIVED, "revived")

    def appealed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Pause it: nobody at the department may act until the authority has decided the appeal."""
        router.appealed(assignment, cast(events.RequestAppealed, event), utc_now())

    def appeal_filed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Route an appeal to an authority that did not handle the original request."""
        appeal = cast(events.RequestAppealFiled, event)
        router.appeal_filed(assignment, appeal, utc_now())
        hide_as_before(assignment, appeal.hidden_from, utc_now(), by=BY_ROUTING)

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
        if added.department == assignment.department:
            fields = assignment.event_fields(added.actor or f"department.{added.department}")
            file = {"attachment": added.attachment, "content_type": added.content_type, "sha256": added.sha256}
            router.tell(assignment, events.RequestFileAdded(**fields, **file), utc_now())

    def attachment_added(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Tell the department of a citizen's file."""
        added = cast(events.RequestAttachmentAdded, event)
        file = {"attachment": added.attachment, "content_type": added.content_type, "sha256": added.sha256}
        fields = assignment.event_fields(BY_CITIZEN)
        router.tell(assignment, events.RequestFileAdded(**fields, **file), utc_now())

    def attachment_removed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Tell the department that a file is gone for good."""
        gone = cast(events.RequestAttachmentRemoved, event)
        fields = assignment.event_fields(BY_ROUTING if gone.infected else BY_CITIZEN)
        removed = events.RequestFileRemoved(**fields, attachment=gone.attachment, sha256=gone.sha256)
        router.tell(assignment, removed, utc_now())

    def told_more(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Tell the department of words that the citizen of a merged request added."""
        into = cast(events.RequestToldMore, event).into
        told = events.RequestWordsAdded(**assignment.event_fields(BY_CITIZEN), into=into)
        router.tell(assignment, told, utc_now())

    def duplicate_joined(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Tell the department that another request was merged into this one."""
        joined = cast(events.RequestDuplicateJoined, event)
        hide_as_before(assignment, joined.hidden_from, utc_now(), by="officer")
        absorbed = events.RequestAbsorbed(**assignment.event_fields("officer"), duplicate=joined.duplicate)
        router.tell(assignment, absorbed, utc_now())

    def citizen_corrected(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Tell the department to read name and mobile of the citizen again."""
        router.tell(assignment, events.RequestContactChanged(**assignment.event_fields(BY_CITIZEN)), utc_now())

    def reminded(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Tell the department for how long its request waits for the citizen."""
        router.citizen_reminded(assignment, cast(events.RequestReminded, event), utc_now())

    def rated(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Tell the department how the citizen rated the finished request."""
        rating = cast(events.RequestRated, event).rating
        assignment.rate(rating, utc_now())
        router.tell(assignment, events.RequestGraded(**assignment.event_fields(BY_CITIZEN), rating=rating), utc_now())

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
        events.RequestReminded.type: reminded,
        events.RequestCitizenCorrected.type: citizen_corrected,
        events.RequestAppealed.type: appealed,
        events.RequestAppealFiled.type: appeal_filed,
        events.RequestRemitted.type: remitted,
        events.RequestAppealDecided.type: appeal_decided,
        events.RequestRated.type: rated,
        events.RequestEvidenceAdded.type: evidence_added,
        events.RequestAttachmentAdded.type: attachment_added,
        events.RequestAttachmentRemoved.type: attachment_removed,
        events.RequestToldMore.type: told_more,
        events.RequestDuplicateJoined.type: duplicate_joined,
    }


def service_published(copy: ServiceCopy, event: Event, _: Envelope) -> None:
    """Copy the catalogue's department rules and time limits."""
    service = cast(events.ServicePublished, event)
    copy.version, copy.kind, copy.name = service.version, service.kind, service.name
    copy.due, copy.respond, copy.department = service.due, service.respond, service.department
    copy.evidence = bool(service.evidence)
    copy.category = service.category or copy.category


def staff_named(colleague: StaffCopy, event: Event, _: Envelope) -> None:
    """Keep the name of a member of staff, sealed as it came, for their colleagues."""
    colleague.sealed_name = cast(events.StaffNamed, event).name


def staff_changed(colleague: StaffCopy, event: Event, _: Envelope) -> None:
    """Keep where somebody works, for assigning and for deputies; what they may do is told by their token."""
    place = cast(events.StaffChanged, event)
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

    def __init__(self, inbox: Inbox[Assignment], directory: Directory, rules: PublishedRules | None = None) -> None:
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
