"""A filing: its body, its filer, and the checks before it becomes a request."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.location import Place, district_of, far_off
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.tables import districts
from services.requests.request.models.attachment import MAX_IN_FILING
from services.requests.request.models.replicas import CitizenReplica
from shared.errors import FieldError, ForbiddenError, InvalidError, field_error, field_errors
from shared.jsonbody import Body, parse_object
from shared.records import Records
from shared.spelling import has_letter_or_digit

BY_CLERK = ("counter", "phone")
FileIds = Annotated[list[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]], Field(max_length=MAX_IN_FILING)]
AccountId = Annotated[str, Field(min_length=1, max_length=64)]


class Filing(Body):
    """The body of a filing. `on_behalf_of` is for clerks, who also name the channel `counter` or `phone`."""

    service: Annotated[str, Field(max_length=60)]
    place: Place
    answers: dict[str, Any]
    confidential: bool = False
    on_behalf_of: AccountId | None = None
    channel: Literal["web", "api", "open311", "counter", "phone"] | None = None
    draft: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    """The draft that is filed; it is deleted once the request is stored."""
    attachments: FileIds = Field(default_factory=list)
    """Ids of files uploaded to `/api/v1/attachments`."""


@dataclass(frozen=True, slots=True)
class FiledBy:
    """The filer: a citizen, a clerk for a citizen, an anonymous person, or a partner for a person."""

    id: str
    kind: Literal["citizen", "clerk", "anonymous", "partner"] = "citizen"
    partner: str | None = None
    track_code: str | None = field(default=None, repr=False)
    act_key_index: str | None = None


def read_filing(body: bytes, language: str) -> Filing:
    """The filing in a JSON body. Raises BadRequestError, InvalidError."""
    try:
        return Filing.model_validate(parse_object(body, language))
    except ValidationError as error:
        raise InvalidError(errors=field_errors(list(error.errors()), language)) from None


def filing_errors(filer: FiledBy, filing: Filing, checks: Checks, language: str) -> list[FieldError]:
    """All errors that prevent a filing, by field. Raises ForbiddenError for a citizen who names another citizen."""
    return [
        *_filer_errors(filer, filing, checks.entry, language),
        *confidentiality_errors(filing.confidential, checks.entry, language),
        *place_errors(filing.place, checks.entry, language),
        *checks.form_errors(filing.answers, language),
        *file_errors(filing.attachments, checks.entry, language),
    ]


def is_confidential(filer: FiledBy, filing: Filing, entry: CatalogueEntry) -> bool:
    """Whether the citizen is hidden from the department; an anonymous filer needs no hiding."""
    return filer.kind in ("citizen", "clerk") and (filing.confidential or entry.confidential == "always")


async def registered(citizens: Records[CitizenReplica], citizen_id: str | None, language: str) -> CitizenReplica:
    """The citizen with this account. Raises InvalidError if none is named or it does not exist."""
    if citizen_id is None:
        raise InvalidError(errors=[field_error("/on_behalf_of", "required", language)])
    citizen = await citizens.get(citizen_id)
    if citizen is None or citizen.sealed_mobile is None:
        raise InvalidError(errors=[field_error("/on_behalf_of", "citizen", language)])
    return citizen


def _filer_errors(filer: FiledBy, filing: Filing, entry: CatalogueEntry, language: str) -> list[FieldError]:
    errors = []
    if filer.kind == "clerk":
        if filing.on_behalf_of is None:
            errors.append(field_error("/on_behalf_of", "required", language))
        if filing.channel not in BY_CLERK:
            errors.append(field_error("/channel", "choice" if filing.channel else "required", language))
    elif filing.on_behalf_of is not None:
        raise ForbiddenError
    elif filing.channel in BY_CLERK:
        errors.append(field_error("/channel", "choice", language))
    if filing.draft is not None and filer.kind != "citizen":
        errors.append(field_error("/draft", "unknown", language))
    if filer.kind == "anonymous" and not entry.anonymous:
        errors.append(field_error("/service", "not_anonymous", language))
    if filer.kind == "partner" and not entry.public:
        errors.append(field_error("/service", "not_public", language))
    return errors


def confidentiality_errors(confidential: bool, entry: CatalogueEntry, language: str) -> list[FieldError]:
    """An error if the service does not allow confidential requests."""
    if confidential and entry.confidential == "never":
        return [field_error("/confidential", "not_confidential", language)]
    return []


def place_errors(place: Place, entry: CatalogueEntry, language: str) -> list[FieldError]:
    """Errors of a location."""
    errors = []
    found = district_of(place)
    if found is None:
        has_place = place.address is not None or place.latitude is not None
        errors.append(field_error("/place/district", "district_unclear" if has_place else "required", language))
    elif found[0] not in (entry.districts or districts()):
        errors.append(field_error("/place/district", "district", language))
    elif place.latitude is not None and place.longitude is not None:
        errors += _point_errors(found[0], place.latitude, place.longitude, language)
    if place.address is not None and not has_letter_or_digit(place.address):
        errors.append(field_error("/place/address", "words_needed", language))
    if (place.latitude is None) != (place.longitude is None):
        missing = "latitude" if place.latitude is None else "longitude"
        errors.append(field_error(f"/place/{missing}", "required", language))
    return errors


def _point_errors(district: str, latitude: float, longitude: float, language: str) -> list[FieldError]:
    code = far_off(district, latitude, longitude)
    name = districts()[district][language] if code else ""
    return [field_error("/place/latitude", code, language, district=name)] if code else []


def file_errors(ids: list[str], entry: CatalogueEntry, language: str) -> list[FieldError]:
    """Errors for too many files, or one named twice."""
    if len(ids) > entry.attachments.most:
        return [field_error("/attachments", "too_long", language)]
    if len(set(ids)) < len(ids):
        return [field_error("/attachments", "attachment", language)]
    return []
