"""Files in and out: the body is the file itself, and what is handed out is always to be saved."""

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Header, Path, Query, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, StreamingResponse

from services.requests.catalogue.models.catalogue import Code
from services.requests.files.checking.kinds import EXTENSIONS
from services.requests.files.schemas import Uploaded
from services.requests.files.service.attachments import Attachments
from services.requests.files.service.keeping import Kept, Label
from services.requests.files.service.upload_budget import Slot
from services.requests.request.dependencies import BlindKey, Filer, Holder, Number, Reader, by_token_or_key
from services.requests.request.models.attachment import MAX_BYTES, FileState
from services.requests.request.schemas import RequestFiles
from services.requests.request.service import views
from shared.auth import Principal, needs
from shared.errors import BadRequestError, language_of
from shared.jsonbody import TooLargeError, UnsupportedMediaTypeError
from shared.openapi import DISPOSITION, REPLAYED, answering, file_of, with_headers
from shared.rights import Right
from shared.routes import Router, use

router = Router(tags=["attachments"])
LONGEST_NAME = 600
FileName = Annotated[
    str,
    Header(
        alias="X-File-Name",
        description="the file's name, percent-encoded UTF-8; kept without its extension",
        json_schema_extra={"maxLength": LONGEST_NAME},
    ),
]
SENT: dict[str, Any] = {
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
Attacher = Annotated[Principal, Depends(needs(Right.ATTACH, by_token_or_key))]
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


Files = Annotated[Attachments, use("attachments")]


@router.post("/attachments", status_code=201, openapi_extra=SENT, responses=answering(Uploaded, 201, REPLAYED))
async def upload(
    request: Request,
    principal: Filer,
    files: Files,
    key: BlindKey,
    name: FileName = "",
    document: Document = None,
) -> Response:
    """Send a picture or a PDF for a request that you are going to file. It is kept for 24 hours unless one names it.

    Pictures are encoded anew, without where and when they were taken. The id goes into the filing's `attachments`.
    """
    declared = declared_size(request)
    async with request.app.state.room.of(declared, principal.id) as place:
        label = Label(read_name(name), document)
        kept = await files.upload(principal, key, await read_file(request, place), label)
    return to_response(kept)


@router.post(
    "/requests/{number}/attachments",
    status_code=201,
    openapi_extra=SENT,
    responses=answering(Uploaded, 201, REPLAYED),
)
async def add_attachment(
    request: Request,
    number: Number,
    principal: Attacher,
    files: Files,
    key: BlindKey,
    name: FileName = "",
    document: Document = None,
) -> Response:
    """Add a file to an open request: as its citizen, or as evidence of the department that has it.

    A request that waits for documents (`information_needed`) goes on by itself once the last of them is there.
    """
    declared = declared_size(request)
    await files.addable(principal, number, key)
    async with request.app.state.room.of(declared, principal.id) as place:
        label = Label(read_name(name), document)
        kept = await files.add(
            principal, number, key, await read_file(request, place), label, language_of(request.headers)
        )
    return to_response(kept)


@router.get("/requests/{number}/attachments", responses=answering(RequestFiles))
async def list_attachments(number: Number, principal: Reader, files: Files) -> Response:
    """The files of a request that you may see, in the order in which they came."""
    found = await files.of(principal, number)
    return JSONResponse({"attachments": views.files(found)}, headers={"Cache-Control": "private, no-store"})


@router.get("/requests/{number}/attachments/{attachment}", response_class=Response, responses=HANDED_OUT)
async def get_attachment(number: Number, attachment: AttachmentId, principal: Reader, files: Files) -> Response:
    """A file of a request that you may see. Ranges are not served."""
    found = await files.open(principal, number, attachment)
    headers = {**SAFE, "Content-Length": str(found.size), "Content-Disposition": found.disposition}
    return StreamingResponse(found.pieces, headers=headers, media_type=found.type)


@router.delete("/requests/{number}/attachments/{attachment}", status_code=204, response_class=Response)
async def delete_attachment(number: Number, attachment: AttachmentId, principal: Holder, files: Files) -> Response:
    """Remove a file that you added, for good, while the request is open. That it was there stays in the history."""
    await files.take_out(principal, number, attachment)
    return Response(status_code=204)


def to_response(kept: Kept) -> Response:
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


async def read_file(request: Request, place: Slot) -> bytes:
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


def read_name(sent: str) -> str | None:
    """The file's name as its sender has it; None where it cannot be read."""
    try:
        return unquote(sent[:LONGEST_NAME], errors="strict")
    except UnicodeDecodeError:
        return None
