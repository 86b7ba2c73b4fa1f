"""Administration of the catalogue: services are written as drafts, tried, published, and retired."""

import re
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ValidationError
from starlette.responses import JSONResponse

from services.requests import answers
from services.requests.models.catalogue import CatalogueEntry
from services.requests.models.forms import Mistake, MistakesError
from services.requests.models.versions import ServiceEntry, Version, entry_of
from services.requests.service.preview import Sample, try_out
from services.requests.service.publishing import Publishing
from services.requests.verification import Checks
from shared.answers import answering
from shared.auth import Principal, needs
from shared.errors import (
    FieldError,
    InvalidError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    field_error,
    field_errors,
    language_of,
)
from shared.jsonbody import body_of, described, parse_object, read_body
from shared.paging import time_text
from shared.rights import Right

router = APIRouter(prefix="/admin/services", tags=["administration"])
Manager = Annotated[Principal, Depends(needs(Right.MANAGE_CATALOGUE))]
ETAG = re.compile(r'"(\d{1,9})"')
SAMPLE = {"answers": {"lights": "one", "description": "The lamp by the school is dark."}, "district": "peshawar"}
ENTRY: dict[str, Any] = {
    "code": "street-light-new",
    "kind": "complaint",
    "category": "roads",
    "name": {"en": "A street light is needed", "ur": "گلی میں بتی کی ضرورت"},
    "summary": {"en": "Ask for a light where there is none.", "ur": "جہاں بتی نہ ہو وہاں بتی کی درخواست دیں۔"},
    "charter": {
        "who": {"en": "Anybody who lives there.", "ur": "وہاں کا ہر رہائشی۔"},
        "fee": {"amount": 0},
        "officer": {"en": "Municipal Officer", "ur": "میونسپل افسر"},
        "appellate_authority": {"en": "Chief Municipal Officer", "ur": "چیف میونسپل افسر"},
        "source": "Local Government Act 2013",
    },
    "due": {"days": 30, "calendar": "working"},
    "respond": {"days": 3, "calendar": "working"},
    "department": [{"to": "works", "because": {"en": "It keeps the lights.", "ur": "بتیاں اسی کے ذمے ہیں۔"}}],
    "form": {
        "type": "object",
        "additionalProperties": False,
        "required": ["street"],
        "properties": {
            "street": {
                "type": "string",
                "minLength": 3,
                "maxLength": 120,
                "x-title": {"en": "Street", "ur": "گلی"},
                "x-messages": {"minLength": {"en": "Write the street's name.", "ur": "گلی کا نام لکھیں۔"}},
            }
        },
    },
}


WHOLE = answering(answers.ServiceWhole)


def publishing_of(request: Request) -> Publishing:
    """The use cases of this process."""
    publishing: Publishing = request.app.state.publishing
    return publishing


Desk = Annotated[Publishing, Depends(publishing_of)]


async def entry_in(request: Request) -> CatalogueEntry:
    """The catalogue entry in the body. Raises InvalidError with every mistake by its JSON pointer."""
    try:
        return CatalogueEntry.model_validate(parse_object(await read_body(request)))
    except ValidationError as error:
        language = language_of(request.headers)
        raise InvalidError(errors=entry_errors(error, language)) from None


Entry = Annotated[CatalogueEntry, Depends(entry_in)]


def revision_in(request: Request) -> int:
    """The revision that If-Match names. Raises PreconditionRequiredError, PreconditionFailedError."""
    expected = request.headers.get("if-match")
    if expected is None:
        raise PreconditionRequiredError
    found = ETAG.fullmatch(expected)
    if found is None:
        raise PreconditionFailedError
    return int(found.group(1))


Revision = Annotated[int, Depends(revision_in)]


@router.get("")
async def list_services(desk: Desk, _: Manager) -> answers.ServiceLines:
    """Every service with the stages of its versions, drafts and retired ones too."""
    return {"services": [line(stored) for stored in await desk.all()]}


@router.post(
    "",
    status_code=201,
    openapi_extra=described(CatalogueEntry, ENTRY),
    responses=answering(answers.PublishedService | answers.ServiceWhole, 201),
)
async def publish_service(
    request: Request,
    principal: Manager,
    desk: Desk,
    entry: Entry,
    draft: Annotated[bool, Query(description="begin a draft instead of publishing at once")] = False,
) -> Response:
    """Publish an entry at once, or begin a draft of it. The same entry again is the same version."""
    try:
        if draft:
            return shown(await desk.write_draft(entry, principal.id, None), 201)
        stored = await desk.publish_at_once(entry, principal.id)
    except MistakesError as error:
        raise refusal(error.mistakes, request) from None
    return JSONResponse(
        {"code": stored.id, "version": stored.version}, 201, {"ETag": etag(stored), "Cache-Control": "no-store"}
    )


@router.get("/{code}", responses=WHOLE)
async def service(code: str, desk: Desk, _: Manager) -> Response:
    """One service: what is in force, and its draft."""
    return shown(await desk.get(code[:60]))


@router.put("/{code}/draft", openapi_extra=described(CatalogueEntry, ENTRY), responses=WHOLE)
async def write_draft(
    request: Request, code: str, principal: Manager, desk: Desk, entry: Entry, revision: Revision
) -> Response:
    """Change the draft, or begin one for a service that is published. It has to be tried again. Needs `If-Match`."""
    if entry.code != code:
        raise refusal([Mistake("/code", "choice")], request)
    try:
        return shown(await desk.write_draft(entry, principal.id, revision))
    except MistakesError as error:
        raise refusal(error.mistakes, request) from None


@router.delete("/{code}/draft", status_code=204)
async def discard_draft(code: str, desk: Desk, _: Manager, revision: Revision) -> Response:
    """Throw the draft away. Needs `If-Match`."""
    await desk.discard_draft(code[:60], revision)
    return Response(status_code=204)


@router.post(
    "/{code}/preview",
    openapi_extra=described(Sample, SAMPLE),
    response_model=None,
    responses=answering(answers.Tried),
)
async def preview(
    request: Request, code: str, desk: Desk, _: Manager, sample: Annotated[Sample, Depends(body_of(Sample))]
) -> dict[str, Any]:
    """Try the draft (or what is in force) with sample answers: what a citizen would see, and where it goes.

    Nothing of the answers is kept. A draft that took them may be published.
    """
    stored = await desk.get(code[:60])
    text = stored.draft["json"] if stored.draft else stored.entry.get("json")
    if text is None:
        raise NotFoundError
    tried = try_out(Checks(entry_of(text)), sample, language_of(request.headers))
    if not tried.errors:
        await desk.tried(stored.id, text)
    return {**asdict(tried), "entry": entry_of(text).model_dump(exclude_none=True)}


@router.post("/{code}/publish", responses=WHOLE)
async def publish(request: Request, code: str, principal: Manager, desk: Desk, revision: Revision) -> Response:
    """Put the draft in force as it was tried. Needs `If-Match`."""
    try:
        return shown(await desk.publish(code[:60], principal.id, revision))
    except MistakesError as error:
        raise refusal(error.mistakes, request) from None
    except ValidationError as error:  # it was in order when it was written, by the rules of an older Rabta
        raise InvalidError(errors=entry_errors(error, language_of(request.headers))) from None


@router.post("/{code}/retire", responses=WHOLE)
async def retire(code: str, principal: Manager, desk: Desk, revision: Revision) -> Response:
    """Take no more filings for this service; requests that were filed go on. Needs `If-Match`."""
    return shown(await desk.retire(code[:60], principal.id, revision))


@router.get("/{code}/versions")
async def versions(
    code: str, desk: Desk, _: Manager, limit: Annotated[int, Query(ge=1, le=100)] = 100
) -> answers.VersionLines:
    """The published versions of a service, newest first."""
    stored = await desk.get(code[:60])
    return {"versions": [published(version, stored) for version in await desk.versions(stored.id, limit)]}


@router.get("/{code}/versions/{number}", response_model=None, responses=answering(answers.VersionWhole))
async def version(request: Request, code: str, number: int, desk: Desk, _: Manager) -> dict[str, Any]:
    """One published version, whole."""
    stored = await desk.get(code[:60])
    found = await request.app.state.catalogue.version(stored.id, number) if 0 < number < 1_000_000 else None
    if found is None:
        raise NotFoundError
    return {**published(found, stored), "entry": entry_of(found.text).model_dump(exclude_none=True)}


def entry_errors(error: ValidationError, language: str) -> list[FieldError]:
    """What pydantic found, and in place of our own error every mistake that it carries."""
    errors: list[FieldError] = []
    for one in error.errors():
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, MistakesError):
            errors += [field_error(mistake.pointer, mistake.code, language) for mistake in cause.mistakes]
        else:
            errors += field_errors([one], language)
    return errors


def refusal(mistakes: list[Mistake], request: Request) -> InvalidError:
    """The problem that names these mistakes."""
    language = language_of(request.headers)
    return InvalidError(errors=[field_error(mistake.pointer, mistake.code, language) for mistake in mistakes])


def line(stored: ServiceEntry) -> answers.ServiceLine:
    """A service as a line of the administrator's list."""
    name = entry_of(stored.draft["json"] if stored.draft else stored.entry["json"]).name
    return {
        "code": stored.id,
        "name": {"en": name.en, "ur": name.ur},
        "version": stored.version or None,
        "stage": stored.stage,
        "draft": stored.draft_stage,
        "published_at": time_text(stored.published_at),
        "published_by": stored.published_by,
        "retired_at": time_text(stored.retired_at),
        "retired_by": stored.retired_by,
    }


def published(version: Version, stored: ServiceEntry) -> answers.VersionLine:
    """A version's number, stage and date."""
    return {
        "version": version.number,
        "stage": stored.stage if version.number == stored.version else "retired",
        "published_at": time_text(version.published_at),
        "published_by": version.published_by,
    }


def etag(stored: ServiceEntry) -> str:
    """The strong ETag of a service's record."""
    return f'"{stored.rev}"'


def shown(stored: ServiceEntry, status: int = 200) -> Response:
    """A service whole, with its ETag for the next step."""
    body = {
        **line(stored),
        "entry": entry_of(stored.entry["json"]).model_dump(exclude_none=True) if stored.version else None,
        "draft_entry": entry_of(stored.draft["json"]).model_dump(exclude_none=True) if stored.draft else None,
    }
    return JSONResponse(body, status, {"ETag": etag(stored), "Cache-Control": "no-store"})
