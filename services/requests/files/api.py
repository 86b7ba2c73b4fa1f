"""Upload and download of files: the body is the file itself; downloads are always saved, never shown in place."""

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Header, Path, Query, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, StreamingResponse
from typing_extensions import TypedDict

from services.requests.catalogue.models.catalogue import Code
from services.requests.files.checking.kinds import EXTENSIONS
from services.requests.files.service.attachments import Attachments
from services.requests.files.service.keeping import Kept, Label
from services.requests.files.service.upload_budget import Slot, UploadBudget
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

router = Router(prefix="/api/v1", tags=["attachments"])
MAX_NAME = 600
FileName = Annotated[
    str,
    Header(
        alias="X-File-Name",
        description="the file's name, percent-encoded UTF-8; kept without its extension",
        json_schema_extra={"maxLength": MAX_NAME},
    ),
]
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"the file itself, up to {MAX_BYTES} bytes: {', '.join(EXTENSIONS)}",
        **file_of(),
    }
}
DOWNLOAD: dict[int | str, dict[str, Any]] = {
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
    Code | None, Query(description="which document it is: a `code` of the `documents` in the service's charter")
]
AttachmentId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class Uploaded(TypedDict):
    """An uploaded file."""

    id: str
    type: str
    bytes: int
    width: int | None
    height: int | None
    sha256: str
    document: str | None
    """The document of the charter that it is, as its sender says."""
    quarantined: bool
    """True until the antivirus has scanned it; until then it cannot be downloaded."""


UsesFiles = Annotated[Attachments, use("attachments")]
UsesBudget = Annotated[UploadBudget, use("upload_budget")]


@router.post("/attachments", status_code=201, openapi_extra=FILE_BODY, responses=answering(Uploaded, 201, REPLAYED))
async def upload(
    request: Request,
    principal: Filer,
    files: UsesFiles,
    budget: UsesBudget,
    key: BlindKey,
    name: FileName = "",
    document: Document = None,
) -> Response:
    """Upload a picture or a PDF for a request to be filed. Without a request it is deleted after 24 hours.

    Pictures are re-encoded without the place and time they were taken. Put the id into the filing's `attachments`.
    """
    declared = declared_size(request)
    async with budget.hold(declared, principal.id) as slot:
        label = Label(read_name(name), document)
        kept = await files.upload(principal, key, await read_file(request, slot), label)
    return to_response(kept)


@router.post(
    "/requests/{number}/attachments",
    status_code=201,
    openapi_extra=FILE_BODY,
    responses=answering(Uploaded, 201, REPLAYED),
)
async def add_attachment(
    request: Request,
    number: Number,
    principal: Attacher,
    files: UsesFiles,
    budget: UsesBudget,
    key: BlindKey,
    name: FileName = "",
    document: Document = None,
) -> Response:
    """Add a file to an open request: as its citizen, or as evidence of its department.

    A request that waits for documents (`information_needed`) continues by itself once all of them are there.
    """
    declared = declared_size(request)
    await files.addable(principal, number, key)
    async with budget.hold(declared, principal.id) as slot:
        label = Label(read_name(name), document)
        kept = await files.add(
            principal, number, key, await read_file(request, slot), label, language_of(request.headers)
        )
    return to_response(kept)


@router.get("/requests/{number}/attachments", responses=answering(RequestFiles))
async def list_attachments(number: Number, principal: Reader, files: UsesFiles) -> Response:
    """The files of a request that you may see, in the order they were added."""
    found = await files.of(principal, number)
    return JSONResponse({"attachments": views.files(found)}, headers={"Cache-Control": "private, no-store"})


@router.get("/requests/{number}/attachments/{attachment}", response_class=Response, responses=DOWNLOAD)
async def get_attachment(number: Number, attachment: AttachmentId, principal: Reader, files: UsesFiles) -> Response:
    """A file of a request that you may see. Ranges are not served."""
    found = await files.open(principal, number, attachment)
    headers = {**SAFE, "Content-Length": str(found.size), "Content-Disposition": found.disposition}
    return StreamingResponse(found.pieces, headers=headers, media_type=found.type)


@router.delete("/requests/{number}/attachments/{attachment}", status_code=204, response_class=Response)
async def delete_attachment(number: Number, attachment: AttachmentId, principal: Holder, files: UsesFiles) -> Response:
    """Delete a file that you added to an open request. The history still says that it was there."""
    await files.remove(principal, number, attachment)
    return Response(status_code=204)


def to_response(kept: Kept) -> Response:
    """The answer to an upload."""
    shown = {name: getattr(kept.attachment, name) for name in Uploaded.__annotations__ if name != "quarantined"}
    body = {**shown, "quarantined": kept.attachment.state == FileState.QUARANTINED}
    return JSONResponse(body, 201, {"Idempotent-Replayed": "true"} if kept.replayed else None)


def declared_size(request: Request) -> int:
    """The Content-Length, or the maximum if there is none. Content-Type is ignored: the content decides.

    Raises UnsupportedMediaTypeError, TooLargeError, before the file is read.
    """
    if "content-encoding" in request.headers:
        raise UnsupportedMediaTypeError("file-type")
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        return MAX_BYTES
    if len(length) > 12 or int(length) > MAX_BYTES:
        raise TooLargeError("file-too-large", megabytes=MAX_BYTES // 1_000_000)
    return int(length)


async def read_file(request: Request, slot: Slot) -> bytes:
    """The body, up to MAX_BYTES. Raises TooLargeError, BadRequestError."""
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > MAX_BYTES:
                raise TooLargeError("file-too-large", megabytes=MAX_BYTES // 1_000_000)
    except ClientDisconnect:
        raise BadRequestError("upload-broken") from None
    slot.complete = True
    return bytes(content)


def read_name(sent: str) -> str | None:
    """The sender's name for the file; None if it cannot be decoded."""
    try:
        return unquote(sent[:MAX_NAME], errors="strict")
    except UnicodeDecodeError:
        return None
