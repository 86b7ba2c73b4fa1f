"""What this service does when others say something. `HANDLERS` is the table of contents."""

from typing import cast

from services.identity.accounts.models.access import AccessNote
from services.identity.accounts.models.audit import AdminAct, What
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.staff import DepartmentSecret
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import (
    CONFIDENTIAL,
    AccessForgotten,
    AccessRecorded,
    DepartmentChanged,
    DepartmentCreated,
    Event,
    NotificationCodeDelivered,
)
from shared.inbox import Apply
from shared.seal import KeyRing, SealPurpose


def department_created(department: DepartmentSecret, event: Event, envelope: Envelope) -> None:
    """Keep the hash of the department's secret, for the login of its own software; a newer one replaces it."""
    said = cast(DepartmentCreated, event)
    department.renew(said.client_secret_sha256, said.old_until, utc_now())
    if said.by is not None:
        what = What.DEPARTMENT_ACCESS_RENEWED if said.renewed else What.DEPARTMENT_MADE
        department.note(AdminAct(envelope.id, envelope.at, what, said.by, None, {"department": department.id}))


def department_changed(department: DepartmentSecret, event: Event, envelope: Envelope) -> None:
    """Only for the audit: what is told of a department is not told here."""
    said = cast(DepartmentChanged, event)
    details = {"department": department.id, "changed": ", ".join(said.changed)}
    department.note(AdminAct(envelope.id, envelope.at, What.DEPARTMENT_CHANGED, said.by, None, details))


HANDLERS: dict[str, Apply[DepartmentSecret]] = {
    DepartmentCreated.type: department_created,
    DepartmentChanged.type: department_changed,
}


def code_delivered(citizen: Citizen, event: Event, _: Envelope) -> None:
    """A code has reached its handset or mailbox."""
    said = cast(NotificationCodeDelivered, event)
    citizen.delivered(said.code_seq, said.delivered_at)


DELIVERY_HANDLERS: dict[str, Apply[Citizen]] = {NotificationCodeDelivered.type: code_delivered}
"""What the notifier tells of codes."""


def access_handlers(keys: KeyRing) -> dict[str, Apply[AccessNote]]:
    """What requests tells of looks at somebody's data."""

    def recorded(note: AccessNote, event: Event, envelope: Envelope) -> None:
        """Keep it for its citizen, whose id stands sealed where the request is confidential."""
        said = cast(AccessRecorded, event)
        note.citizen_id = said.citizen_id
        if said.citizen_id.startswith(CONFIDENTIAL):
            sealed = said.citizen_id.removeprefix(CONFIDENTIAL)
            note.citizen_id = keys.unseal(sealed, SealPurpose.REQUEST_CITIZEN, owner=said.request or "")
        note.what, note.request, note.at = said.what, said.request, said.at
        note.role, note.department, note.listed = said.role, said.department, bool(said.listed)

    def forgotten(note: AccessNote, event: Event, __: Envelope) -> None:
        """Keep that there was a look; forget the request, and the citizen where that citizen is gone."""
        note.request = None
        if cast(AccessForgotten, event).erased:  # word of the look may have come after the account was emptied
            note.citizen_id = ""

    return {AccessRecorded.type: recorded, AccessForgotten.type: forgotten}


def nobody(citizen_id: str) -> Citizen:
    """Stands for a citizen unknown or no longer known to identity; holds no CNIC and no mobile."""
    return Citizen(id=citizen_id, cnic_index=f"nobody:{citizen_id}", mobile_index=f"nobody:{citizen_id}")
