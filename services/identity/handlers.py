"""Handlers of other services' events; the tables at the end of each group list them."""

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


def department_created(department: DepartmentSecret, payload: events.DepartmentCreated, envelope: Envelope) -> None:
    """Store the hash of the secret with which the department's software logs in; a newer one replaces it."""
    department.renew(payload.client_secret_sha256, payload.old_until, utc_now())
    if payload.by is not None:
        what = What.DEPARTMENT_ACCESS_RENEWED if payload.renewed else What.DEPARTMENT_MADE
        department.note(AuditedAct(envelope.id, envelope.at, what, payload.by, None, {"department": department.id}))


def department_changed(department: DepartmentSecret, payload: events.DepartmentChanged, envelope: Envelope) -> None:
    """Record the change for the audit; its values are not needed here."""
    what, details = What.DEPARTMENT_CHANGED, {"department": department.id, "changed": ", ".join(payload.changed)}
    if payload.subscription is not None:
        what = What.SUBSCRIPTION_CHANGED
        details = {
            "department": department.id,
            "subscription": payload.subscription,
            "act": payload.subscription_act or "",
        }
    department.note(AuditedAct(envelope.id, envelope.at, what, payload.by, None, details))


def unused(_: DepartmentSecret, __: Event, ___: Envelope) -> None:
    """Do nothing: a new secret came with `department.created.v1`, and the queue concerns the department's software."""


HANDLERS: dict[str, Apply[DepartmentSecret]] = {
    events.DepartmentCreated.type: department_created,
    events.DepartmentAccessRenewed.type: unused,
    events.DepartmentMessagesPutAside.type: unused,
    events.DepartmentChanged.type: department_changed,
}


def service_changed(
    service: NotedActs, payload: events.ServicePublished | events.ServiceWithdrawn, envelope: Envelope
) -> None:
    """Record for the audit that an administrator published or withdrew a version of it."""
    what = What.SERVICE_PUBLISHED if isinstance(payload, events.ServicePublished) else What.SERVICE_WITHDRAWN
    if payload.by is not None:
        details = {"service": service.id, "version": str(payload.version)}
        service.note(AuditedAct(envelope.id, envelope.at, what, payload.by, None, details))


SERVICE_HANDLERS: dict[str, Apply[NotedActs]] = {
    events.ServicePublished.type: service_changed,
    events.ServiceWithdrawn.type: service_changed,
}


def rules_published(rules: NotedActs, payload: events.RulesPublished, envelope: Envelope) -> None:
    """Record for the audit that an administrator put routing rules in force."""
    details = {"version": str(payload.version), "rules": str(payload.rules)}
    rules.note(AuditedAct(envelope.id, envelope.at, What.RULES_PUBLISHED, payload.by, None, details))


RULES_HANDLERS: dict[str, Apply[NotedActs]] = {events.RulesPublished.type: rules_published}


def code_delivered(citizen: Citizen, payload: events.NotificationCodeDelivered, _: Envelope) -> None:
    """A code has reached its handset or mailbox."""
    citizen.delivered(payload.code_seq, payload.delivered_at)


DELIVERY_HANDLERS: dict[str, Apply[Citizen]] = {events.NotificationCodeDelivered.type: code_delivered}
"""The notifier's events about codes."""


def access_handlers(keys: KeyRing) -> dict[str, Apply[AccessNote]]:
    """Handlers of accesses that the requests service publishes."""

    def recorded(note: AccessNote, payload: events.AccessRecorded, envelope: Envelope) -> None:
        """Store it for its citizen; the citizen's id is sealed if the request is confidential."""
        note.citizen_id = payload.citizen_id
        if payload.citizen_id.startswith(events.CONFIDENTIAL):
            sealed = payload.citizen_id.removeprefix(events.CONFIDENTIAL)
            note.citizen_id = keys.unseal(sealed, SealPurpose.REQUEST_CITIZEN, owner=payload.request or "")
        note.what, note.request, note.at = payload.what, payload.request, payload.at
        note.role, note.department, note.listed = payload.role, payload.department, bool(payload.listed)

    def forgotten(note: AccessNote, payload: events.AccessForgotten, __: Envelope) -> None:
        """Forget the request, and the citizen too if erased; that there was an access stays."""
        note.request = None
        if payload.erased:  # the access may have arrived after the erasure
            note.citizen_id = ""

    return {events.AccessRecorded.type: recorded, events.AccessForgotten.type: forgotten}


def unknown_citizen(citizen_id: str) -> Citizen:
    """A placeholder for a citizen who is unknown here, without CNIC and mobile."""
    return Citizen(id=citizen_id, cnic_index=f"nobody:{citizen_id}", mobile_index=f"nobody:{citizen_id}")
