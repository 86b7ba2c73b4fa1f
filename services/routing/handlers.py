"""What this service does when others say something. `HANDLERS` is the table of contents."""

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
    """The handlers of what citizens do, with the router that decides."""

    def filed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """A request that passed its rules goes to a department; another waits for its correction."""
        router.filed(assignment, cast(events.RequestFiled, event), utc_now())

    def answered(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The department can go on."""
        router.answered(assignment, utc_now())

    def confirmed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The citizen agrees: closed."""
        router.end(assignment, "confirmed", utc_now())

    def disputed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The citizen disagrees: open again, at the head of the department."""
        router.disputed(assignment, cast(events.RequestDisputed, event), utc_now())

    def withdrawn(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The citizen took it back: closed."""
        router.end(assignment, "withdrawn", utc_now())

    def anonymised(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Nobody is to be found in it any more."""
        assignment.forget_person(cast(events.RequestAnonymised, event).citizen_id)

    def lapsed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The citizen did not answer in time: closed."""
        router.end(assignment, "lapsed", utc_now())

    def let_stand(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The citizen said nothing against the outcome in time: closed."""
        router.end(assignment, "let_stand", utc_now())

    def merged(assignment: Assignment, event: Event, _: Envelope) -> None:
        """It goes on under another number: closed here."""
        router.end(assignment, "merged", utc_now(), into=cast(events.RequestMerged, event).into)

    def separated(assignment: Assignment, event: Event, _: Envelope) -> None:
        """A thing of its own after all: the department has it again."""
        router.separated(assignment, utc_now())

    def revived(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Give the department a merged request back, since its primary ended undone."""
        router.separated(assignment, utc_now(), REVIVED)

    def appealed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """An authority has the head's decision before it: nobody here acts until it has decided."""
        router.appealed(assignment, utc_now())

    def appeal_filed(assignment: Assignment, event: Event, _: Envelope) -> None:
        """An appeal goes to an authority that did not handle what it is about."""
        router.appeal_filed(assignment, cast(events.RequestAppealFiled, event), utc_now())

    def remitted(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The authority sends it back: open again, at the head of the department."""
        router.remitted(assignment, cast(events.RequestRemitted, event), utc_now())

    def appeal_decided(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The head's decision stands: closed."""
        router.end(assignment, "appeal_decided", utc_now())

    def nothing_to_do(assignment: Assignment, event: Event, _: Envelope) -> None:
        """Between the portal and the public: nothing moves here."""

    def evidence_added(assignment: Assignment, event: Event, _: Envelope) -> None:
        """The department can show what it did."""
        said = cast(events.RequestEvidenceAdded, event)
        assignment.add_evidence(said.department, said.attachment)

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
    """Keep what the catalogue says of departments and time limits."""
    said = cast(events.ServicePublished, event)
    copy.version, copy.kind, copy.name = said.version, said.kind, said.name
    copy.due, copy.respond, copy.department = said.due, said.respond, said.department
    copy.evidence = bool(said.evidence)


def staff_named(colleague: StaffName, event: Event, _: Envelope) -> None:
    """Keep what somebody is called, sealed as it came, for those who work with them."""
    colleague.sealed_name = cast(events.StaffNamed, event).name


def staff_changed(_: StaffName, __: Event, ___: Envelope) -> None:
    """Where somebody works is told by their token; counted in their sequence only."""


SERVICE_HANDLERS: dict[str, Apply[ServiceCopy]] = {events.ServicePublished.type: service_published}
STAFF_HANDLERS: dict[str, Apply[StaffName]] = {
    events.StaffNamed.type: staff_named,
    events.StaffChanged.type: staff_changed,
}


class RequestInbox:
    """Takes in what citizens do, after making sure that the services it is about are known."""

    def __init__(self, inbox: Inbox[Assignment], directory: Directory) -> None:
        self._inbox = inbox
        self._directory = directory

    async def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """One outcome for each delivery."""
        await self._directory.need({need for delivery in deliveries if (need := _service_of(delivery.body))})
        return await self._inbox.take(deliveries)


def _service_of(body: bytes) -> tuple[str, int] | None:
    """The service and version that a filing is about; None for anything else, and for what cannot be read."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        data = json.loads(body)
        return str(data["service"]), int(data["service_version"])
    return None
