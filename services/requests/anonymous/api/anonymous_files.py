"""Files and receipt of an anonymous request, for who has its key: the same use cases as for who is signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from services.requests.anonymous.api.anonymous import KEY, Desk
from services.requests.files.api import attachments
from services.requests.files.api.attachments import HANDED_OUT, SENT, AttachmentId, Document, Files
from services.requests.files.schemas import Uploaded
from services.requests.proof.api import receipts
from services.requests.proof.api.receipts import PRINTED, Proving
from services.requests.request.api.parts import Number
from services.requests.request.schemas import RequestFiles
from shared.answers import REPLAYED, answering
from shared.auth import Principal, Public

router = APIRouter(prefix="/anonymous-requests/{number}", tags=["anonymous"], dependencies=[Public])
Key = Annotated[
    str,
    Header(
        alias="X-Filer-Key",
        min_length=16,
        max_length=40,
        description="the key that was given with the filing; a header, since addresses are logged in many places",
        examples=[KEY],
    ),
]


async def keyed(number: Number, desk: Desk, key: Key) -> Principal:
    """Who has the key of the request in the path. Raises NotFoundError."""
    return await desk.principal(number, key)


Holder = Annotated[Principal, Depends(keyed)]


@router.post("/attachments", status_code=201, openapi_extra=SENT, responses=answering(Uploaded, 201, REPLAYED))
async def add_file(
    request: Request, number: Number, holder: Holder, files: Files, document: Document = None
) -> Response:
    """Add a picture or a PDF to an open anonymous request. Pictures lose where and when they were taken."""
    return await attachments.added(request, number, holder, files, document)


@router.get("/attachments", responses=answering(RequestFiles))
async def list_files(number: Number, holder: Holder, files: Files) -> Response:
    """The files of an anonymous request, in the order in which they came."""
    return await attachments.listed(number, holder, files)


@router.get("/attachments/{attachment}", response_class=Response, responses=HANDED_OUT)
async def get_file(number: Number, attachment: AttachmentId, holder: Holder, files: Files) -> Response:
    """A file of an anonymous request. Ranges are not served."""
    return await attachments.handed_out(number, attachment, holder, files)


@router.delete("/attachments/{attachment}", status_code=204, response_class=Response)
async def delete_file(number: Number, attachment: AttachmentId, holder: Holder, files: Files) -> Response:
    """Remove a file that was added with the key, for good, while the request is open."""
    return await attachments.taken_out(number, attachment, holder, files)


@router.get("/receipt", responses=PRINTED, response_class=Response)
async def receipt(request: Request, number: Number, holder: Holder, proofs: Proving) -> Any:
    """The signed receipt of an anonymous request, the same as in the answer to filing."""
    return await receipts.receipt(request, number, holder, proofs)


@router.get("/receipt.pdf", responses=receipts.PRINTABLE, response_class=Response)
async def receipt_to_print(number: Number, holder: Holder, proofs: Proving) -> Response:
    """The receipt of an anonymous request as an A4 page; code and key are not on it, so write those down besides."""
    return await receipts.receipt_to_print(number, holder, proofs)
