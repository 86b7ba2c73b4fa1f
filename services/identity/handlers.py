"""Handlers of other services' events; the tables at the end of each group list them."""

from typing import cast

from services.identity.accounts.models.access import AccessNote
from services.identity.accounts.models.audit import AuditedAct, What
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.staff import DepartmentSecret, NotedActs
from shared import events
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import Event
from shared.inbox import Apply
from shared.seal import KeyRing, SealPurpose


def department_created(department: DepartmentSecret, event: Event, envelope: Envelope) -> None:
    """Store the hash of the secret with which the department's software logs in; a newer one replaces it."""
    payload = cast(events.DepartmentCreated, event)
    department.renew(payload.client_secret_sha256, payload.old_until, utc_now())
    if payload.by is not None:
        what = What.DEPARTMENT_ACCESS_RENEWED if payload.renewed else What.DEPARTMENT_MADE
        department.note(AuditedAct(envelope.id, envelope.at, what, payload.by, None, {"department": department.id}))


def department_changed(department: DepartmentSecret, event: Event, envelope: Envelope) -> None:
    """Record the change for the audit; its values are not needed here."""
    payload = cast(events.DepartmentChanged, event)
    what, details = What.DEPARTMENT_CHANGED, {"department": department.id, "changed": ", ".join(payload.changed)}
    if payload.subscription is not None:
        what = What.SUBSCRIPTION_CHANGED
        details = {
            "department": department.id,
            "subscription": payload.subscription,
            "act": payload.subscription_act or "",
        }
    department.note(AuditedAct(envelope.id, envelope.at, what, payload.by, None, details))


def access_announced(_: DepartmentSecret, __: Event, ___: Envelope) -> None:
    """Do nothing: the password itself came with `department.created.v1`."""


def messages_put_aside(_: DepartmentSecret, __: Event, ___: Envelope) -> None:
    """Do nothing: it tells a department's software of its queue."""


HANDLERS: dict[str, Apply[DepartmentSecret]] = {
    events.DepartmentCreated.type: department_created,
    events.DepartmentAccessRenewed.type: access_announced,
    events.DepartmentMessagesPutAside.type: messages_put_aside,
    events.DepartmentChanged.type: department_changed,
}


def service_published(service: NotedActs, event: Event, envelope: Envelope) -> None:
    """Record for the audit that an administrator published a version of it."""
    payload = cast(events.ServicePublished, event)
    if payload.by is not None:
        details = {"service": service.id, "version": str(payload.version)}
        service.note(AuditedAct(envelope.id, envelope.at, What.SERVICE_PUBLISHED, payload.by, None, details))


def service_withdrawn(service: NotedActs, event: Event, envelope: Envelope) -> None:
    """Record for the audit that an administrator withdrew it."""
    payload = cast(events.ServiceWithdrawn, event)
    details = {"service": service.id, "version": str(payload.version)}
    service.note(AuditedAct(envelope.id, envelope.at, What.SERVICE_WITHDRAWN, payload.by, None, details))


SERVICE_HANDLERS: dict[str, Apply[NotedActs]] = {
    events.ServicePublished.type: service_published,
    events.ServiceWithdrawn.type: service_withdrawn,
}


def rules_published(rules: NotedActs, event: Event, envelope: Envelope) -> None:
    """Record for the audit that an administrator put routing rules in force."""
    payload = cast(events.RulesPublished, event)
    details = {"version": str(payload.version), "rules": str(payload.rules)}
    rules.note(AuditedAct(envelope.id, envelope.at, What.RULES_PUBLISHED, payload.by, None, details))


RULES_HANDLERS: dict[str, Apply[NotedActs]] = {events.RulesPublished.type: rules_published}


def code_delivered(citizen: Citizen, event: Event, _: Envelope) -> None:
    """A code has reached its handset or mailbox."""
    payload = cast(events.NotificationCodeDelivered, event)
    citizen.delivered(payload.code_seq, payload.delivered_at)


DELIVERY_HANDLERS: dict[str, Apply[Citizen]] = {events.NotificationCodeDelivered.type: code_delivered}
"""The notifier's events about codes."""


def access_handlers(keys: KeyRing) -> dict[str, Apply[AccessNote]]:
    """Handlers of accesses that the requests service publishes."""

    def recorded(note: AccessNote, event: Event, envelope: Envelope) -> None:
        """Store it for its citizen; the citizen's id is sealed if the request is confidential."""
        payload = cast(events.AccessRecorded, event)
        note.citizen_id = payload.citizen_id
        if payload.citizen_id.startswith(events.CONFIDENTIAL):
            sealed = payload.citizen_id.removeprefix(events.CONFIDENTIAL)
            note.citizen_id = keys.unseal(sealed, SealPurpose.REQUEST_CITIZEN, owner=payload.request or "")
        note.what, note.request, note.at = payload.what, payload.request, payload.at
        note.role, note.department, note.listed = payload.role, payload.department, bool(payload.listed)

    def forgotten(note: AccessNote, event: Event, __: Envelope) -> None:
        """Forget the request, and the citizen too if erased; that there was an access stays."""
        note.request = None
        if cast(events.AccessForgotten, event).erased:  # the access may have arrived after the erasure
            note.citizen_id = ""

    return {events.AccessRecorded.type: recorded, events.AccessForgotten.type: forgotten}


def unknown_citizen(citizen_id: str) -> Citizen:
    """A placeholder for a citizen who is unknown here, without CNIC and mobile."""
    return Citizen(id=citizen_id, cnic_index=f"nobody:{citizen_id}", mobile_index=f"nobody:{citizen_id}")
