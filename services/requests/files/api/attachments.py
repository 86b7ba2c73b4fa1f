"""Files in and out: the body is the file itself, and what is handed out is always to be saved."""

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, StreamingResponse

from services.requests.catalogue.models.catalogue import Code
from services.requests.files.checking.kinds import EXTENSIONS
from services.requests.files.schemas import Uploaded
from services.requests.files.service.attachments import Attachments
from services.requests.files.service.keeping import Kept, Label
from services.requests.files.service.room import Place, Room
from services.requests.request.api.parts import Filer, Number, Owner, Reader, idempotency_key
from services.requests.request.models.attachment import MAX_BYTES, FileState
from services.requests.request.schemas import RequestFiles
from services.requests.request.service import views
from shared.answers import DISPOSITION, REPLAYED, answering, file_of, with_headers
from shared.auth import Principal, needs
from shared.errors import BadRequestError, language_of
from shared.jsonbody import TooLargeError, UnsupportedMediaTypeError
from shared.rights import Right, Role

router = APIRouter(tags=["attachments"])
LONGEST_NAME = 600
NAME = {
    "name": "X-File-Name",
    "in": "header",
    "required": False,
    "description": "the file's name, percent-encoded UTF-8; kept without its extension",
    "schema": {"type": "string", "maxLength": LONGEST_NAME},
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 100},
}
SENT: dict[str, Any] = {
    "parameters": [NAME, IDEMPOTENCY_KEY],
    "requestBody": {
        "required": True,
        "description": f"the file itself, up to {MAX_BYTES} bytes: {', '.join(EXTENSIONS)}",
        **file_of(),
    },
}
HANDED_OUT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file, to be saved", **file_of(*EXTENSIONS), **with_headers(DISPOSITION)}
}
SAFE = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "none",
}
Attacher = Annotated[Principal, Depends(needs(Right.ATTACH))]
Document = Annotated[
    Code | None,
    Query(description="the document that it is: a `code` among the `documents` of the service's charter"),
]
AttachmentId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class FileTooLargeError(TooLargeError):
    """More bytes than a file may have."""

    code = "file-too-large"


class FileMediaTypeError(UnsupportedMediaTypeError):
    """Compressed on its way."""

    code = "file-type"


class UploadBrokenError(BadRequestError):
    """The sender hung up before the file was whole."""

    code = "upload-broken"


def attachments_of(request: Request) -> Attachments:
    """The use cases of attachments of this process."""
    attachments: Attachments = request.app.state.attachments
    return attachments


Files = Annotated[Attachments, Depends(attachments_of)]


@router.post("/attachments", status_code=201, openapi_extra=SENT, responses=answering(Uploaded, 201, REPLAYED))
async def upload(request: Request, principal: Filer, files: Files, document: Document = None) -> Response:
    """Send a picture or a PDF for a request that you are going to file. It is kept for 24 hours unless one names it.

    Pictures are encoded anew, without where and when they were taken. The id goes into the filing's `attachments`.
    """
    key, declared = idempotency_key(request), declared_size(request)
    async with room_of(request).of(declared, principal.id) as place:
        kept = await files.upload(principal, key, await read_file(request, place), Label(name_of(request), document))
    return shown(kept)


@router.post(
    "/requests/{number}/attachments",
    status_code=201,
    openapi_extra=SENT,
    responses=answering(Uploaded, 201, REPLAYED),
)
async def add_attachment(
    request: Request, number: Number, principal: Attacher, files: Files, document: Document = None
) -> Response:
    """Add a file to an open request: as its citizen, or as evidence of the department that has it.

    A request that waits for documents (`information_needed`) goes on by itself once the last of them is there.
    """
    return await added(request, number, principal, files, document)


@router.get("/requests/{number}/attachments", responses=answering(RequestFiles))
async def list_attachments(number: Number, principal: Reader, files: Files) -> Response:
    """The files of a request that you may see, in the order in which they came."""
    return await listed(number, principal, files)


@router.get("/requests/{number}/attachments/{attachment}", response_class=Response, responses=HANDED_OUT)
async def get_attachment(number: Number, attachment: AttachmentId, principal: Reader, files: Files) -> Response:
    """A file of a request that you may see. Ranges are not served."""
    return await handed_out(number, attachment, principal, files)


@router.delete("/requests/{number}/attachments/{attachment}", status_code=204, response_class=Response)
async def delete_attachment(number: Number, attachment: AttachmentId, principal: Owner, files: Files) -> Response:
    """Remove a file that you added, for good, while the request is open. That it was there stays in the history."""
    return await taken_out(number, attachment, principal, files)


async def added(
    request: Request, number: str, principal: Principal, files: Attachments, document: str | None
) -> Response:
    """Take in the body as a file of a request."""
    key, declared = idempotency_key(request), declared_size(request)
    await files.addable(principal, number, key)
    async with room_of(request).of(declared, principal.id) as place:
        label = Label(name_of(request), document)
        kept = await files.add(
            principal, number, key, await read_file(request, place), label, language_of(request.headers)
        )
    return shown(kept)


async def listed(number: str, principal: Principal, files: Attachments) -> Response:
    """The files of a request."""
    found = await files.of(principal, number)
    own = principal.role is Role.CITIZEN
    return JSONResponse({"attachments": views.files(found, own=own)}, headers={"Cache-Control": "private, no-store"})


async def handed_out(number: str, attachment: str, principal: Principal, files: Attachments) -> Response:
    """A file, piece by piece."""
    found = await files.open(principal, number, attachment)
    headers = {**SAFE, "Content-Length": str(found.size), "Content-Disposition": found.disposition}
    return StreamingResponse(found.pieces, headers=headers, media_type=found.type)


async def taken_out(number: str, attachment: str, principal: Principal, files: Attachments) -> Response:
    """Remove a file."""
    await files.take_out(principal, number, attachment)
    return Response(status_code=204)


def shown(kept: Kept) -> Response:
    """What the sender of a file is told."""
    attachment = kept.attachment
    body: Uploaded = {
        "id": attachment.id,
        "type": attachment.type,
        "bytes": attachment.bytes,
        "width": attachment.width,
        "height": attachment.height,
        "sha256": attachment.sha256,
        "document": attachment.document,
        "quarantined": attachment.state == FileState.QUARANTINED,
    }
    return JSONResponse(body, 201, {"Idempotent-Replayed": "true"} if kept.replayed else None)


def room_of(request: Request) -> Room:
    """How much this process may have in hand."""
    room: Room = request.app.state.room
    return room


def declared_size(request: Request) -> int:
    """How many bytes the sender says are coming; the most there may be where nothing is said.

    Which kind of file it is its content says, whatever the sender calls it.
    Raises FileMediaTypeError, FileTooLargeError: what cannot do is refused before it is read.
    """
    if "content-encoding" in request.headers:
        raise FileMediaTypeError
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        return MAX_BYTES
    if len(length) > 12 or int(length) > MAX_BYTES:
        raise FileTooLargeError(megabytes=MAX_BYTES // 1_000_000)
    return int(length)


async def read_file(request: Request, place: Place) -> bytes:
    """The body, bounded by count. Raises FileTooLargeError, UploadBrokenError."""
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > MAX_BYTES:
                raise FileTooLargeError(megabytes=MAX_BYTES // 1_000_000)
    except ClientDisconnect:
        raise UploadBrokenError from None
    place.whole()
    return bytes(content)


def name_of(request: Request) -> str | None:
    """The file's name as its sender has it; None where it cannot be read."""
    try:
        return unquote(request.headers.get("x-file-name", "")[:LONGEST_NAME], errors="strict")
    except UnicodeDecodeError:
        return None
