"""Views of published requests, and of partners."""

from services.requests.catalogue.tables import districts
from services.requests.publishing import schemas
from services.requests.publishing.models import Partner, PublicStep, expected_at, is_open, rough_point
from services.requests.publishing.service.phrases import phrase_of, public_actions
from services.requests.request.models.request import Request
from services.requests.request.service.sealed_texts import published_words
from shared.paging import time_text
from shared.seal import KeyRing


def published(request: Request, name: str, keys: KeyRing, language: str) -> schemas.PublicRequest:
    """A request as the public sees it."""
    assert request.public_id is not None
    point, words = rough_point(request), published_words(keys, request)
    return {
        "id": request.public_id,
        "service": request.service,
        "service_name": name,
        "state": str(request.state),
        "open": is_open(request.state),
        "outcome": request.outcome,
        "department": request.department,
        "department_name": (request.department_name or {}).get(language),
        "district": request.district,
        "district_name": districts().get(request.district, {}).get(language, request.district),
        "latitude": point[0] if point else None,
        "longitude": point[1] if point else None,
        "submitted_at": time_text(request.submitted_at),
        "changed_at": time_text(request.changed_at),
        "expected_at": time_text(expected_at(request)) if is_open(request.state) else None,
        "description": words.get("description"),
        "place": words.get("place"),
    }


def steps_of(request: Request, language: str) -> list[schemas.PublicUpdate]:
    """The published steps of a request."""
    entries = [entry for entry in request.history if entry["action"] in public_actions()]
    return [step(PublicStep(str(request.public_id), request.service, entry), language) for entry in entries]


def step(one: PublicStep, language: str) -> schemas.PublicUpdate:
    """A step as the public sees it."""
    entry = one.entry
    return {
        "id": f"{one.public_id}-{entry['n']}",
        "request": one.public_id,
        "action": entry["action"],
        "state": entry["to"],
        "open": is_open(entry["to"]),
        "outcome": entry.get("outcome"),
        "at": time_text(entry["noted_at"]),
        "words": phrase_of(entry, language),
    }


def partner_line(partner: Partner) -> schemas.PartnerLine:
    """A partner in the administrator's list."""
    return {
        "code": partner.id,
        "name": partner.name,
        "made_at": time_text(partner.made_at),
        "key_at": time_text(partner.key_at),
        "ended_at": time_text(partner.ended_at),
        "old_until": time_text(partner.old_until),
    }
