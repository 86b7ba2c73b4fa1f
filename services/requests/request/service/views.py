"""Views of a request: for its citizen, for its department, and for tracking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from services.requests.request.models.files import can_add
from services.requests.request.models.lifecycle import AT_DEPARTMENT, ActorKind, State
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.schemas import (
    Check,
    Expected,
    Filed,
    FiledRequest,
    HeldUp,
    HistoryEntry,
    Inside,
    OwnRequest,
    RequestCitizen,
    RequestDetails,
    RequestFile,
    RequestLine,
    RequestStatus,
    RequestUpdate,
    ShownPlace,
    ShownToPublic,
    Tracked,
)
from services.requests.request.service.sealed_texts import answers_of, published_words, purpose_of
from shared import paging
from shared.paging import time_text
from shared.seal import KeyRing, SealPurpose


def filed(request: Request, receipt: str, language: str) -> Filed:
    """The answer to filing, with the signed receipt; from immutable fields, so that a retry gets the same."""
    submitted, checked = request.history[0], request.history[1]
    return {
        "number": request.id,
        "service": request.service,
        "kind": request.kind,
        "state": checked["to"],
        "submitted_at": time_text(submitted["at"]),
        "checks": _results(checked, language),
        "track": f"/api/v1/requests/{request.id}",
        "receipt": receipt,
    }


def _status(request: Request) -> RequestStatus:
    return {
        "number": request.id,
        "service": request.service,
        "kind": request.kind,
        "state": str(request.state),
        "stage": request.stage,
        "department": request.department,
        "submitted_at": time_text(request.submitted_at),
        "changed_at": time_text(request.changed_at),
        "due_at": time_text(request.due_at),
        "due_paused": request.state == State.QUESTIONED,
        "delayed_until": time_text(request.delayed_until),
        "escalation_level": _escalation(request),
        "expected": _expected(request),
        "outcome": request.outcome,
    }


def summary(request: Request) -> RequestLine:
    """A request in a list."""
    return {
        **_status(request),
        "district": request.district,
        "answer_by": time_text(request.waits_until),
        "appeal": request.appeal,
        "appeal_of": request.appeal_of,
    }


def held_up(request: Request, language: str) -> HeldUp:
    """A request in the list of held-up requests, with the results of the rules and without the citizen."""
    return {**summary(request), "checks": last_checks(request, language)}


def tracking(request: Request, language: str) -> Tracked:
    """Status and dates for tracking, without personal data and texts."""
    department = request.department_name or {}
    return {
        **_status(request),
        "department": department.get(language),
        "escalated_to": _official(request, language),
        "merged_into": request.merged_into,
        "history": [
            {"n": e["n"], "action": e["action"], "state": e["to"], "at": time_text(e["at"])} for e in request.history
        ],
    }


def own_detail(request: Request, keys: KeyRing, language: str, *, primary: Request | None = None) -> OwnRequest:
    """The full request for its citizen; `primary` is the primary of a merged request."""
    open_there = primary is None or can_add(primary, "attachment")
    answer = ["answer"] if request.merged_into and open_there else []
    return {
        **_inside(request, keys, language),
        "attachments": files(request),
        "track_code": track_code(request, keys),
        "filed_by_clerk": request.filed_by is not None,
        "channel": request.channel,
        "history": [_entry(request.id, entry, keys, language) for entry in request.history],
        "actions": [*answer, *request.citizen_actions],
        "may_attach": can_add(request, "attachment") and open_there,
        "merged_into": request.merged_into,
        "checks": last_checks(request, language),
        "public": _shown_to_public(request, keys),
    }


def _shown_to_public(request: Request, keys: KeyRing) -> ShownToPublic | None:
    """The public id and the published words."""
    if request.public_id is None:
        return None
    words = published_words(keys, request)
    return {"id": request.public_id, "description": words.get("description"), "place": words.get("place")}


@dataclass(frozen=True)
class DetailContext:
    """What a department sees with a request: citizens and names by account, merged requests, possible actions."""

    citizens: Mapping[str, CitizenReplica]
    """By account."""
    names: Mapping[str, str]
    merged: Sequence[Request] = ()
    actions: Sequence[str] = ()


def detail(request: Request, context: DetailContext, keys: KeyRing, language: str) -> RequestDetails:
    """The full request for its department, with the requests merged into it."""
    return {
        **_filed(request, context, keys, language),
        "actions": list(context.actions),
        "checks": last_checks(request, language),
        "merged_into": request.merged_into,
        "merged": [_filed(one, context, keys, language) for one in context.merged],
    }


def _filed(request: Request, context: DetailContext, keys: KeyRing, language: str) -> FiledRequest:
    """A filed request with answers, place and history, and with the citizen unless hidden."""
    history = [_entry(request.id, entry, keys, language) for entry in request.history]
    named: list[HistoryEntry] = [{**entry, "by_name": context.names.get(entry["by"] or "")} for entry in history]
    return {
        **_inside(request, keys, language),
        "citizen": None if request.hides_citizen else _citizen(context.citizens.get(request.citizen_id), keys),
        "anonymous": request.anonymous,
        "filed_by_clerk": request.filed_by is not None,
        "channel": request.channel,
        # Citizens' accounts are left out: they would link confidential requests of the same citizen.
        "history": [{**entry, "by": None} if entry["who"] == ActorKind.CITIZEN else entry for entry in named],
        "followers": request.follower_count,
    }


def last_checks(request: Request, language: str) -> list[Check]:
    """The latest results of the rules."""
    return next((_results(entry, language) for entry in reversed(request.history) if "results" in entry), [])


def _escalation(request: Request) -> int:
    """The level of escalation; 0 while it is not at its department."""
    return request.escalation_level or 0 if request.state in AT_DEPARTMENT else 0


def _official(request: Request, language: str) -> str | None:
    """The office of the higher official that has to see to it now."""
    return (request.escalated_to or {}).get(language) if _escalation(request) else None


def _expected(request: Request) -> Expected | None:
    """The due date and expected times; None once it is resolved."""
    if request.due_at is None or request.stage == "completion":
        return None
    expected: Expected = {"by": time_text(request.due_at)}
    durations = request.expected
    if durations is None:
        return expected
    return {
        **expected,
        "half_by": time_text(durations["half_by"]),
        "most_by": time_text(durations["most_by"]),
        "based_on": durations["based_on"],
        "of": durations["of"],
    }


def track_code(request: Request, keys: KeyRing) -> str | None:
    """The track code of a confidential or anonymous request."""
    sealed = request.sealed_track_code
    return keys.unseal(sealed, SealPurpose.REQUEST_TRACK_CODE, owner=request.id) if sealed else None


def _citizen(citizen: CitizenReplica | None, keys: KeyRing) -> RequestCitizen | None:
    """Name and mobile, as far as known here."""
    if citizen is None or citizen.sealed_mobile is None:
        return None
    name = keys.unseal(citizen.sealed_name, SealPurpose.CITIZEN_NAME, owner=citizen.id) if citizen.sealed_name else None
    return {"name": name, "mobile": keys.unseal(citizen.sealed_mobile, SealPurpose.CITIZEN_MOBILE, owner=citizen.id)}


def _inside(request: Request, keys: KeyRing, language: str) -> Inside:
    """The fields that both citizen and department see."""
    address = request.sealed_address
    place: ShownPlace = {
        "district": request.district,
        "district_by": request.district_by,
        "address": keys.unseal(address, SealPurpose.REQUEST_ADDRESS, owner=request.id) if address else None,
    }
    if request.point:
        place |= {"latitude": request.point["latitude"], "longitude": request.point["longitude"]}
    return {
        **summary(request),
        "department_name": (request.department_name or {}).get(language),
        "escalated_to": _official(request, language),
        "respond_by": time_text(request.respond_by),
        "place": place,
        "service_version": request.service_version,
        "form": f"/api/v1/catalogue/{request.service}?version={request.service_version}",
        "attachments": files(request),
        "answers": answers_of(keys, request),
        "confidential": request.confidential,
    }


def update(request: Request, entry: dict[str, Any]) -> RequestUpdate:
    """A step on the live stream. Its id is also the cursor from which to continue."""
    return {
        "id": cursor_of(entry["noted_at"], request.id, entry["n"]),
        "request": request.id,
        "action": entry["action"],
        "state": entry["to"],
        "at": time_text(entry["at"]),
    }


def cursor_of(at: datetime, number: str, n: int) -> str:
    """A position in the stream of a citizen's steps: milliseconds, number, step."""
    return paging.cursor_of(at, f"{number}-{n}")


def _entry(number: str, entry: dict[str, Any], keys: KeyRing, language: str) -> HistoryEntry:
    view: HistoryEntry = {
        "n": entry["n"],
        "action": entry["action"],
        "who": entry["who"],
        "by": entry.get("by"),
        "at": time_text(entry["at"]),
        "from": entry["from"],
        "to": entry["to"],
    }
    if "sealed_words" in entry:
        view["words"] = keys.unseal(entry["sealed_words"], purpose_of(entry["action"]), owner=number)
    if "duplicate_of" in entry:
        view["into"] = entry["duplicate_of"]
    if "because" in entry:
        view["because"] = entry["because"].get(language)
    if "official" in entry:
        view["official"] = entry["official"].get(language)
    if "until" in entry:
        view["until"] = time_text(entry["until"])
    for name in ("reason", "outcome", "department", "rating", "overridden", "copied", "level", "appeal", "appeal_of"):
        if name in entry:
            view[name] = entry[name]
    if "results" in entry:
        view["checks"] = _results(entry, language)
    return view


def _results(entry: dict[str, Any], language: str) -> list[Check]:
    return [
        {"code": result["code"], "passed": result["passed"], "words": result["words"].get(language, "")}
        for result in entry.get("results", [])
    ]


def files(request: Request) -> list[RequestFile]:
    """The files of a request, with their addresses."""
    return [_file(f"/api/v1/requests/{request.id}/attachments", entry) for entry in request.attachments]


def _file(path: str, entry: dict[str, Any]) -> RequestFile:
    shown = {name: entry.get(name) for name in ("id", "kind", "type", "bytes", "width", "height", "sha256", "document")}
    return cast(RequestFile, {**shown, "at": time_text(entry["at"]), "url": f"{path}/{entry['id']}"})
