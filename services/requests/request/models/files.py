"""The files of a request: who may add one when, what the request keeps of each, and what is said of evidence."""

from typing import Any

from services.requests.request.models.attachment import Attachment, FileState, Kind
from services.requests.request.models.lifecycle import AT_DEPARTMENT, ENDED, Who
from services.requests.request.models.lifecycle import State as RequestState
from services.requests.request.models.request import Request
from shared import events
from shared.clock import utc_now
from shared.transitions import TransitionRefusedError

OPEN: dict[Kind, frozenset[RequestState]] = {
    "attachment": frozenset(RequestState) - ENDED - {RequestState.CONFIRMED},
    "evidence": AT_DEPARTMENT,
}
"""The states in which each side may add to a request; of a merged one its primary counts too."""


def can_add(request: Request, kind: Kind) -> bool:
    """Whether something of this kind can be added now."""
    return request.state in OPEN[kind] and request.anonymised_at is None


def require_open_for(request: Request, kind: Kind) -> None:
    """Raise TransitionRefusedError where nothing of this kind can be added any more, or not yet."""
    if not can_add(request, kind):
        raise TransitionRefusedError(state=str(request.state))


def has_file(request: Request, attachment_id: str) -> bool:
    """Whether the request has the file."""
    return any(entry["id"] == attachment_id for entry in request.attachments)


def ordinal_of(request: Request, attachment_id: str) -> int:
    """Which of the request's files it is, counted from 1."""
    return [entry["id"] for entry in request.attachments].index(attachment_id) + 1


def add_file(request: Request, attachment: Attachment, by: str, results: list[dict[str, Any]] | None = None) -> None:
    """Add a file to a request, with a step in its history; evidence is told to routing once it is clean.

    `results` are those of the rules, where they were run once more because of the file.
    """
    require_open_for(request, attachment.kind)
    now = utc_now()
    request.attachments = [*request.attachments, attachment.entry(now, by)]
    evidence = attachment.kind == "evidence"
    files = [{"id": attachment.id, "sha256": attachment.sha256}]
    action, who = ("add_evidence", Who.DEPARTMENT) if evidence else ("attach", Who.CITIZEN)
    request.note(action, who, now, by=by, files=files, results=results)
    if evidence and attachment.state == FileState.CLEAN:
        tell_evidence(request, attachment.id)


def tell_evidence(request: Request, attachment_id: str) -> None:
    """Say that the present department has added evidence, once for each file."""
    for entry in request.attachments:
        if entry["id"] == attachment_id and entry["kind"] == "evidence" and not entry.get("told"):
            entry["told"] = True
            said = events.RequestEvidenceAdded(
                citizen_id=request.citizen_id,
                department=request.department or "",
                attachment=attachment_id,
                content_type=entry["type"],
            )
            request.emit(said, utc_now())


def has_own_file(request: Request, attachment_id: str) -> bool:
    """Whether the request has the file, and from its citizen."""
    return any(entry["id"] == attachment_id and entry["kind"] == "attachment" for entry in request.attachments)


def take_out(request: Request, attachment_id: str, by: str, results: list[dict[str, Any]] | None = None) -> None:
    """Take a file of its citizen out of an open request. That it was there, and its hash, stay in the history."""
    require_open_for(request, "attachment")
    gone = [entry for entry in request.attachments if entry["id"] == attachment_id]
    request.attachments = [entry for entry in request.attachments if entry["id"] != attachment_id]
    request.discarded = [*request.discarded, attachment_id]
    files = [{"id": entry["id"], "sha256": entry["sha256"]} for entry in gone]
    request.note("take_out_file", Who.CITIZEN, utc_now(), by=by, files=files, results=results)


def drop_file(request: Request, attachment_id: str) -> None:
    """Take a file out of a request again: a virus was found in it."""
    gone = [entry for entry in request.attachments if entry["id"] == attachment_id]
    request.attachments = [entry for entry in request.attachments if entry["id"] != attachment_id]
    files = [{"id": entry["id"], "sha256": entry["sha256"]} for entry in gone]
    request.note("remove_file", Who.RULES, utc_now(), files=files)
