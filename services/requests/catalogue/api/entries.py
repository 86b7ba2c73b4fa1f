"""Entries of the catalogue as administrators send them: read strictly, every mistake by its place."""

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import ValidationError

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.forms import Mistake, MistakesError
from shared.errors import (
    FieldError,
    InvalidError,
    field_error,
    field_errors,
    language_of,
)
from shared.jsonbody import read_object
from shared.revision import revision_seen

ENTRY: dict[str, Any] = {
    "code": "street-light-new",
    "kind": "complaint",
    "category": "roads",
    "name": {"en": "A street light is needed", "ur": "گلی میں بتی کی ضرورت"},
    "summary": {"en": "Ask for a light where there is none.", "ur": "جہاں بتی نہ ہو وہاں بتی کی درخواست دیں۔"},
    "keywords": ["dark street", "gali mein andhera", "گلی میں اندھیرا"],
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


async def entry_in(request: Request) -> CatalogueEntry:
    """The catalogue entry in the body. Raises InvalidError with every mistake by its JSON pointer."""
    try:
        return CatalogueEntry.model_validate(await read_object(request))
    except ValidationError as error:
        language = language_of(request.headers)
        raise InvalidError(errors=entry_errors(error, language)) from None


Entry = Annotated[CatalogueEntry, Depends(entry_in)]


def revision_in(request: Request) -> int:
    """The revision that If-Match names. Raises PreconditionRequiredError, IfMatchInvalidError."""
    return revision_seen(request)


Revision = Annotated[int, Depends(revision_in)]


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
