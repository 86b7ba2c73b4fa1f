"""The files of a request: when they can be added or removed, and the events of it."""

from datetime import datetime
from typing import Any

from services.requests.request.models.attachment import Attachment, FileState, Kind
from services.requests.request.models.lifecycle import AT_DEPARTMENT, OPEN, ActorKind, State
from services.requests.request.models.request import Request
from shared import events
from shared.clock import utc_now
from shared.transitions import TransitionRefusedError

OPEN_FOR: dict[Kind, frozenset[State]] = {"attachment": OPEN, "evidence": AT_DEPARTMENT}
"""The states in which each side can add files; for a merged request its primary's state counts too."""


def can_add(request: Request, kind: Kind) -> bool:
    """Whether a file of this kind can be added now."""
    return request.state in OPEN_FOR[kind] and request.anonymised_at is None


def require_open_for(request: Request, kind: Kind) -> None:
    """Raise TransitionRefusedError if no file of this kind can be added now."""
    if not can_add(request, kind):
        raise TransitionRefusedError(state=str(request.state))


def has_file(request: Request, attachment_id: str) -> bool:
    """Whether the request has the file."""
    return any(entry["id"] == attachment_id for entry in request.attachments)


def ordinal_of(request: Request, attachment_id: str) -> int:
    """The position of a file among the request's files, from 1."""
    return [entry["id"] for entry in request.attachments].index(attachment_id) + 1


def add_file(request: Request, attachment: Attachment, by: str, results: list[dict[str, Any]] | None = None) -> None:
    """Add a file to a request, with a step in its history; the event of evidence is emitted once it is clean.

    The department is told of a citizen's file at once.

    `results` are those of the rules, if they ran again because of the file.
    """
    require_open_for(request, attachment.kind)
    now = utc_now()
    request.attachments = [*request.attachments, attachment.entry(now, by)]
    evidence = attachment.kind == "evidence"
    files = [{"id": attachment.id, "sha256": attachment.sha256}]
    action, who = ("add_evidence", ActorKind.DEPARTMENT) if evidence else ("attach", ActorKind.CITIZEN)
    request.note(action, who, now, by=by, files=files, results=results)
    if not evidence:
        added = events.RequestAttachmentAdded(
            citizen_id=request.citizen_id,
            attachment=attachment.id,
            content_type=attachment.type,
            sha256=attachment.sha256,
        )
        request.emit(added, now)
    elif attachment.state == FileState.CLEAN:
        publish_evidence(request, attachment.id)


def publish_evidence(request: Request, attachment_id: str) -> None:
    """Emit the event of evidence, once for each file."""
    for entry in request.attachments:
        if entry["id"] == attachment_id and entry["kind"] == "evidence" and not entry.get("told"):
            entry["told"] = True
            event = events.RequestEvidenceAdded(
                citizen_id=request.citizen_id,
                department=request.department or "",
                attachment=attachment_id,
                content_type=entry["type"],
                sha256=entry["sha256"],
                actor=entry["by"],
            )
            request.emit(event, utc_now())


def has_own_file(request: Request, attachment_id: str) -> bool:
    """Whether the request has the file from its citizen."""
    return any(entry["id"] == attachment_id and entry["kind"] == "attachment" for entry in request.attachments)


def remove_file(request: Request, attachment_id: str, by: str, results: list[dict[str, Any]] | None = None) -> None:
    """Remove a citizen's file from an open request. The history keeps its id and hash."""
    require_open_for(request, "attachment")
    files = _remove_entries(request, attachment_id)
    request.discarded = [*request.discarded, attachment_id]
    now = utc_now()
    request.note("take_out_file", ActorKind.CITIZEN, now, by=by, files=files, results=results)
    _publish_removal(request, files, now)


def remove_infected(request: Request, attachment_id: str) -> None:
    """Remove an infected file from a request."""
    files, now = _remove_entries(request, attachment_id), utc_now()
    request.note("remove_file", ActorKind.RULES, now, files=files)
    _publish_removal(request, files, now, infected=True)


def _publish_removal(
    request: Request, files: list[dict[str, Any]], at: datetime, *, infected: bool | None = None
) -> None:
    for file in files:
        removed = events.RequestAttachmentRemoved(
            citizen_id=request.citizen_id, attachment=file["id"], sha256=file["sha256"], infected=infected
        )
        request.emit(removed, at)


def _remove_entries(request: Request, attachment_id: str) -> list[dict[str, Any]]:
    """Remove a file's entry; returns what the history records of it."""
    removed = [entry for entry in request.attachments if entry["id"] == attachment_id]
    request.attachments = [entry for entry in request.attachments if entry["id"] != attachment_id]
    return [{"id": entry["id"], "sha256": entry["sha256"]} for entry in removed]
